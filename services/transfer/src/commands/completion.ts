import { command, type Grounds, locked } from '@qtm/service-kit';
import * as rules from '../domain/move.ts';
import type { RegisterEntry } from '../domain/register-entry.ts';
import { canAnswerAll } from '../domain/seven-answers.ts';
import { isDistinct, mayWaive, nextState, type Party, stillHolds, type Transfer } from '../domain/transfer.ts';
import type { CompleteTransferInput } from '../generated/graphql.ts';
import type { ObjectClass } from '../object-classes.ts';
import { registerEntries, transfers } from '../store.ts';
import { entryIdOf, hashOf, openImport, originOf, reviewOf, superAdmins } from './facts.ts';

const facts = ({ transferId, waiveDistinctActors }: CompleteTransferInput) => ({
  entry: locked(registerEntries, entryIdOf(transferId)),
  superAdmins: superAdmins(waiveDistinctActors === true),
  reviewed: reviewOf(transferId),
  origin: originOf(transferId),
  openImport: openImport(),
});
type Rests = ReturnType<typeof facts>;
type Holds = Grounds<CompleteTransferInput, Transfer, Rests>;

/** No service vouches for credentials yet: what a policy requires cannot be shown, and so is not valid. */
const credentialsValid = ({ terms }: Transfer) => terms.requiredCredentials.length === 0;

const isWaived = ({ state, input, session, facts: known }: Holds) =>
  state !== undefined && input.waiveDistinctActors === true && mayWaive(state, known.superAdmins, session.identityId);

/** Moves authority over an object of one of these classes, for good. */
export function completion(classes: ReadonlyMap<string, ObjectClass>) {
  return command<CompleteTransferInput, Transfer, Rests>({
    transition: 'transfer.complete',
    aggregate: transfers,
    subject: ({ transferId }) => transferId,
    facts,
    conditions: {
      distinct_actor: (holds: Holds) =>
        holds.state === undefined ||
        isDistinct(holds.state, 'complete', holds.session.identityId, holds.facts.origin) ||
        isWaived(holds),
      from_party_still_holds: ({ state, facts: { entry } }: Holds) =>
        state === undefined || stillHolds(state, entry?.value),
      // Of a state that is not completed next nothing is asked: that is the rule's to refuse.
      credentials_valid: ({ state }: Holds) =>
        state === undefined || nextState(state, 'complete') === undefined || credentialsValid(state),
      seven_answers_complete: ({ state }: Holds) => state === undefined || canAnswerAll(state),
    },
    confirm: {
      to_identity: ({ toIdentityId }: Transfer) => ({ service: 'operator', type: 'identity', id: toIdentityId }),
      object: ({ objectClass, objectId }: Transfer) => ({ ...ownerOf(classes, objectClass), id: objectId }),
    },
    decide({ state, facts: { entry, reviewed, origin, openImport }, confirmed, by, now, session }) {
      const transfer = state as Transfer;
      const { event, ended } = classOf(classes, transfer.objectClass);
      return rules.complete(
        transfer,
        { by, now, sessionSha256: session.sessionHash, openImport },
        {
          entry: entry?.value as RegisterEntry,
          get target() {
            return confirmed.to_identity?.value as Party | undefined;
          },
          get object() {
            return confirmed.object?.value as { readonly state: string } | undefined;
          },
          endedStates: ended,
          reviewed,
          waived: !isDistinct(transfer, 'complete', by, origin),
          credentialSha256: hashOf({
            required: transfer.terms.requiredCredentials,
            target: transfer.toIdentityId,
            valid: credentialsValid(transfer),
          }),
          classEvent: event,
        },
      );
    },
  });
}

function classOf(classes: ReadonlyMap<string, ObjectClass>, objectClass: string): ObjectClass {
  const found = classes.get(objectClass);
  if (found === undefined) throw new Error(`a transfer of the class ${objectClass}, which this release does not know`);
  return found;
}

const ownerOf = (classes: ReadonlyMap<string, ObjectClass>, objectClass: string) => classOf(classes, objectClass).owner;
