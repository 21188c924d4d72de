import { type Decision, type DomainEvent, isRefusal, type Refusal } from '@qtm/service-kit/domain';
import * as moves from '../move.ts';
import { type Proposal, type ProposeFacts, propose } from '../propose.ts';
import type { RegisterEntry } from '../register-entry.ts';
import type { Transfer } from '../transfer.ts';
import {
  ACT,
  COMPLETING,
  COMPLETION_FACTS,
  DOCUMENT,
  entryWith,
  frozen,
  HOLDER,
  OVERDUE,
  PROPOSAL,
  PROPOSE_FACTS,
  personal,
} from './samples.ts';

type Attempt = (transfer: Transfer, entry: RegisterEntry) => Decision<DomainEvent, Refusal>;

/** Each command of a transfer with everything else in its favour, so that the state alone decides. */
export const ATTEMPTS = {
  accept: (transfer, entry) => moves.accept(transfer, [], ACT, entry),
  complete: (transfer, entry) => moves.complete(transfer, COMPLETING, { ...COMPLETION_FACTS, entry }),
  reject: (transfer, entry) => moves.end(transfer, 'reject', null, ACT, entry),
  cancel: (transfer, entry) => moves.end(transfer, 'cancel', personal('why'), { ...ACT, by: HOLDER }, entry),
  expire: (transfer, entry) => moves.expire(transfer, OVERDUE, entry),
  void: (transfer, entry) => moves.end(transfer, 'void', personal('nobody completes it'), COMPLETING, entry),
  add_evidence: (transfer, entry) => moves.addEvidence(transfer, [DOCUMENT], ACT, entry),
} as const satisfies Record<string, Attempt>;

export type Step = keyof typeof ATTEMPTS;
export const STEPS = Object.keys(ATTEMPTS) as Step[];

/** What one transfer went through: every decision, and where it and the register ended. */
export interface Run {
  readonly decisions: readonly Decision<DomainEvent, Refusal>[];
  readonly transfer: Transfer | undefined;
  readonly entry: RegisterEntry;
}

/** Proposes a transfer and tries the steps in their order; what is refused changes nothing. */
export function run(steps: readonly Step[], proposal: Partial<Proposal> = {}, facts: Partial<ProposeFacts> = {}): Run {
  let entry = facts.entry ?? entryWith();
  const first = propose({ ...PROPOSAL, ...proposal }, { ...PROPOSE_FACTS, entry, ...facts });
  if (isRefusal<DomainEvent, Refusal>(first)) return { decisions: [first], transfer: undefined, entry };
  let transfer = frozen(first[0]?.after as Transfer);
  const decisions: Decision<DomainEvent, Refusal>[] = [first];
  for (const step of steps) {
    const decision = frozen(ATTEMPTS[step](transfer, entry));
    decisions.push(decision);
    if (isRefusal<DomainEvent, Refusal>(decision)) continue;
    for (const { aggregate, after } of decision) {
      if (aggregate === 'transfer') transfer = after as Transfer;
      else entry = after as RegisterEntry;
    }
  }
  return { decisions, transfer, entry };
}
