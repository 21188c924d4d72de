import { command, type Grounds, type Session, stored, withReason } from '@qtm/service-kit';
import { type PersonalRef, refuse } from '@qtm/service-kit/domain';
import * as rules from '../domain/move.ts';
import type { RegisterEntry } from '../domain/register-entry.ts';
import { isDistinct, type Transfer } from '../domain/transfer.ts';
import type {
  AcceptTransferInput,
  AddTransferEvidenceInput,
  CancelTransferInput,
  RejectTransferInput,
  VoidTransferInput,
} from '../generated/graphql.ts';
import { registerEntries, transfers } from '../store.ts';
import { entryIdOf, openImport, originOf } from './facts.ts';

/** What moves a transfer on, or ends it, without moving authority. */

interface OfTransfer {
  readonly transferId: string;
  readonly idempotencyKey: string;
}
const subject = ({ transferId }: OfTransfer) => transferId;

/** Who holds the object now stands in every fact of a transfer. Read and not locked: these commands move no authority. */
const facts = ({ transferId }: OfTransfer) => ({ entry: stored(registerEntries, entryIdOf(transferId)) });
type Rests = ReturnType<typeof facts>;

const to_party = <I>({ state, session }: Grounds<I, Transfer, Rests>) => state?.toIdentityId === session.identityId;
const proposer = <I>({ state, session }: Grounds<I, Transfer, Rests>) => state?.proposedBy === session.identityId;
const party = <I>({ state, session, facts: { entry } }: Grounds<I, Transfer, Rests>) =>
  [state?.proposedBy, state?.toIdentityId, entry?.holderIdentityId].includes(session.identityId);

/** What the database holds together: a transfer's object is in the register (`transfer_of_an_object`). */
interface Decided {
  readonly state: Transfer | undefined;
  readonly facts: { readonly entry: RegisterEntry | undefined };
  readonly by: string;
  readonly now: string;
  readonly session: Session;
}
function loaded({ state, facts: { entry }, by, now, session }: Decided) {
  const act: rules.Act = { by, now, sessionSha256: session.sessionHash };
  return { transfer: state as Transfer, holding: entry as RegisterEntry, act };
}

const acceptFacts = (input: OfTransfer) => ({
  ...facts(input),
  origin: originOf(input.transferId),
  openImport: openImport(),
});

export const acceptTransfer = command<AcceptTransferInput, Transfer, ReturnType<typeof acceptFacts>>({
  transition: 'transfer.accept',
  aggregate: transfers,
  subject,
  facts: acceptFacts,
  conditions: {
    to_party,
    distinct_actor: ({ state, session, facts: { origin } }) =>
      state === undefined || isDistinct(state, 'accept', session.identityId, origin),
  },
  decide(decided) {
    const { transfer, holding, act } = loaded(decided);
    const { openImport } = decided.facts;
    return rules.accept(transfer, decided.input.evidence ?? [], { ...act, openImport }, holding);
  },
});

/** Ends a transfer without effect, for a reason or for none. */
function ending(ended: 'reject' | 'cancel' | 'void') {
  return (decided: Decided & { readonly personal: { readonly reason: PersonalRef | null } }) => {
    const { transfer, holding, act } = loaded(decided);
    return rules.end(transfer, ended, decided.personal.reason, act, holding);
  };
}

export const rejectTransfer = command<RejectTransferInput, Transfer, Rests, 'reason'>({
  transition: 'transfer.reject',
  aggregate: transfers,
  subject,
  facts,
  conditions: { to_party },
  ...withReason,
  decide: ending('reject'),
});

export const cancelTransfer = command<CancelTransferInput, Transfer, Rests, 'reason'>({
  transition: 'transfer.cancel',
  aggregate: transfers,
  subject,
  facts,
  conditions: { proposer },
  ...withReason,
  decide: ending('cancel'),
});

export const voidTransfer = command<VoidTransferInput, Transfer, Rests, 'reason'>({
  transition: 'transfer.void',
  aggregate: transfers,
  subject,
  check: ({ reason }) => (reason.trim() === '' ? refuse('REASON_MISSING') : undefined),
  facts,
  ...withReason,
  decide: ending('void'),
});

export const addTransferEvidence = command<AddTransferEvidenceInput, Transfer, Rests>({
  transition: 'transfer.add_evidence',
  aggregate: transfers,
  subject,
  facts,
  conditions: { party },
  decide(decided) {
    const { transfer, holding, act } = loaded(decided);
    return rules.addEvidence(transfer, decided.input.evidence, act, holding);
  },
});

/** What the clock finds due. It has no mutation: nobody asks for it. */
export const expireTransfer = command<OfTransfer, Transfer, Rests>({
  transition: 'transfer.expire',
  aggregate: transfers,
  subject,
  facts,
  decide(decided) {
    const { transfer, holding, act } = loaded(decided);
    return rules.expire(transfer, act.now, holding);
  },
});
