import {
  type Decision,
  type DomainEvent,
  event,
  next,
  type PersonalRef,
  type Refusal,
  refuse,
  type TransitionTable,
} from '@qtm/service-kit/domain';

export type GovernanceTaskState = 'PENDING' | 'REVIEWED';

/** How risky the doctrine finds what is reviewed, in its words. */
export type GovernanceTaskRisk = 'high' | 'medium';

/** What is reviewed, and how risky it is (S2:83-87). Transfers that end otherwise are not: the table names these three (C-09). */
export const RISKS = {
  transfer_proposed: 'high',
  transfer_accepted: 'high',
  transfer_completed: 'medium',
} as const satisfies Readonly<Record<string, GovernanceTaskRisk>>;

export type ReviewedEvent = keyof typeof RISKS;

/** Queues there are: the Chief Legal Officer's. */
export const QUEUES = ['CLO'] as const;
const FUNCTION = 'Transfer Review';

/** What a governance task is about, unchanged by its review. */
export interface GovernanceTaskSubject {
  readonly event: ReviewedEvent;
  readonly transferId: string;
  readonly objectClass: string;
  readonly objectId: string;
  readonly openedAt: string;
  readonly causedByEventId: string;
}

/** An event of a transfer that waits in a review queue (S2:81-89). It is no gate and moves no transfer. */
export interface GovernanceTask extends GovernanceTaskSubject {
  readonly id: string;
  readonly state: GovernanceTaskState;
  readonly queue: string;
  readonly function: string;
  readonly risk: GovernanceTaskRisk;
  readonly reviewedBy: string | null;
  readonly reviewedAt: string | null;
  readonly note: PersonalRef | null;
}

/** It waits until a super_admin has looked at it; nothing else moves it (S2:88). */
export const TRANSITIONS = {
  PENDING: { review: 'REVIEWED' },
  REVIEWED: {},
} as const satisfies TransitionTable<GovernanceTaskState, 'review'>;

export type GovernanceTaskEvent = DomainEvent<
  'governance_task',
  'governance_task_created' | 'governance_task_reviewed',
  GovernanceTask
>;
export type GovernanceTaskRefusalCode = 'WRONG_STATE';

/** Found again by what it is about, so that an event that is told again finds the one there is. */
export function governanceTaskId(transferId: string, event: ReviewedEvent): string {
  return `${transferId}:${event}`;
}

/** Comes into being as the recorded consequence of an event of a transfer, once. */
export function create(subject: GovernanceTaskSubject): readonly GovernanceTaskEvent[] {
  const task: GovernanceTask = {
    id: governanceTaskId(subject.transferId, subject.event),
    state: 'PENDING',
    queue: QUEUES[0],
    function: FUNCTION,
    risk: RISKS[subject.event],
    ...subject,
    reviewedBy: null,
    reviewedAt: null,
    note: null,
  };
  return [event('governance_task_created', 'governance_task', task)];
}

export interface Reviewing {
  readonly by: string;
  readonly now: string;
  readonly note: PersonalRef | null;
}

export function review(
  task: GovernanceTask,
  { by, now, note }: Reviewing,
): Decision<GovernanceTaskEvent, Refusal<GovernanceTaskRefusalCode>> {
  const to = next<GovernanceTaskState, 'review'>(TRANSITIONS, task.state, 'review');
  if (to === undefined) return refuse('WRONG_STATE');
  const after = { ...task, state: to, reviewedBy: by, reviewedAt: now, note };
  return [event('governance_task_reviewed', 'governance_task', after)];
}
