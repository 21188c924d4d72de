import { nextState, type Transfer } from './transfer.ts';

/** What answers one question. */
export interface Answer {
  readonly question: string;
  readonly answered: boolean;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
}

/** The seven governing questions, as the doctrine spells them (S2:20-29). */
export const QUESTIONS = {
  who: 'Who — which verified actors are the from-party and to-party?',
  what: 'What — what state or authority is moving?',
  underWhatConditions:
    'Under what conditions — what lifecycle state must the transfer be in before execution can occur?',
  withWhatEvidence: 'With what evidence — what records support the transfer?',
  approvedByWhom: 'Approved by whom — what role must authorize each transition?',
  recordedWhere: 'Recorded where — which storage paths are the authoritative register?',
  reversibleOrIrreversible:
    'Reversible or irreversible — does the governance model allow rollback or cancellation, or is the completed state permanent?',
} as const;
type Question = keyof typeof QUESTIONS;

export type SevenAnswers = Readonly<Record<Question, Answer>> & { readonly complete: boolean };

/** Answers the seven questions for a transfer as it stands. One that cannot answer all of them is not completed. */
export function sevenAnswers(transfer: Transfer): SevenAnswers {
  const answers = Object.fromEntries(
    (Object.keys(QUESTIONS) as Question[]).map((question) => [
      question,
      answer(question, ANSWERED_BY[question](transfer)),
    ]),
  ) as Record<Question, Answer>;
  return { ...answers, complete: Object.values(answers).every(({ answered }) => answered) };
}

/** The same as a condition: of a state that is not completed next nothing is asked, that is the rule's to refuse. */
export function canAnswerAll(transfer: Transfer): boolean {
  return nextState(transfer, 'complete') === undefined || sevenAnswers(transfer).complete;
}

/** Facts by name; null: not answered. */
type Facts = Readonly<Record<string, string | null>>;

function answer(question: Question, facts: Facts): Answer {
  return {
    question: QUESTIONS[question],
    answered: Object.values(facts).every((value) => value !== null && value !== ''),
    facts: Object.entries(facts).flatMap(([name, value]) => (value === null || value === '' ? [] : { name, value })),
  };
}

const ANSWERED_BY: Readonly<Record<Question, (transfer: Transfer) => Facts>> = {
  who: ({ fromIdentityId, toIdentityId }) => ({ fromParty: fromIdentityId, toParty: toIdentityId }),
  what: ({ objectClass, objectId, fromRegisterVersion }) => ({
    authorityOver: `${objectClass} ${objectId}`,
    atRegisterVersion: String(fromRegisterVersion),
  }),
  underWhatConditions: ({ state, terms }) => ({
    state,
    executableFrom: 'accepted',
    distinctActors: terms.distinctActors,
    policyVersion: String(terms.policyVersion),
  }),
  withWhatEvidence: (transfer) => ({
    evidence: transfer.evidence.map(({ kind, sha256 }) => `${kind} ${sha256}`).join(', '),
    sessions: namesItsSessions(transfer) ? 'each transition names its session' : null,
  }),
  approvedByWhom: ({ proposedBy, acceptedBy, endedBy, state }) => ({
    proposed: `${proposedBy}, as current owner or super_admin`,
    accepted: acceptedBy === null ? null : `${acceptedBy}, as target identity or super_admin`,
    completed: state === 'completed' ? `${endedBy}, as super_admin` : 'takes a super_admin',
  }),
  recordedWhere: ({ id, objectClass, objectId }) => ({
    register: `register_entry ${objectClass}:${objectId}`,
    history: `journal of transfer ${id}`,
  }),
  reversibleOrIrreversible: ({ state, terms }) => ({ answer: REVERSIBLE[state](terms.voidable) }),
};

/** Whether who proposed it, and who accepted it, did so in a session that is evidence. */
function namesItsSessions({ evidence, proposedBy, proposedAt, acceptedBy, acceptedAt }: Transfer): boolean {
  const inSession = (by: string | null, at: string | null) =>
    by === null ||
    evidence.some(({ kind, addedBy, addedAt }) => kind === 'SESSION' && addedBy === by && addedAt === at);
  return inSession(proposedBy, proposedAt) && inSession(acceptedBy, acceptedAt);
}

const FINAL = 'ended without effect; the register was not changed by it';
const REVERSIBLE: Readonly<Record<Transfer['state'], (voidable: boolean) => string>> = {
  proposed: () => 'reversible: it may be canceled or rejected',
  accepted: (voidable) =>
    voidable ? 'reversible: a super_admin may void it' : 'irreversible by its parties: it waits for its completion',
  completed: () => 'irreversible: a correction is another transfer',
  rejected: () => FINAL,
  canceled: () => FINAL,
  expired: () => FINAL,
  voided: () => FINAL,
};
