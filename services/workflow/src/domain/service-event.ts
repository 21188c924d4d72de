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
import { type LimitCode, MAX_REASON_LENGTH, type PersonalText, textFault } from './limits.ts';
import { type CountedEvidence, firstStage, missing, type Pack, type Requirement, stageAfter } from './pack.ts';

/** A stage that was reached; `leftAt` is null while it is the current one. */
export interface StagePassage {
  readonly name: string;
  readonly enteredAt: string;
  readonly enteredBy: string;
  readonly leftAt: string | null;
}

/** What every service event has from its start on. */
export interface Execution {
  readonly id: string;
  readonly jobId: string;
  readonly intakeId: string;
  readonly requestId: string;
  readonly taskId: string;
  /** Slug of the operator that executes. */
  readonly operator: string;
  readonly surface: string;
  readonly packVersion: number;
  /** The current stage; the last one reached where it is over. */
  readonly stage: string;
  /** The stages reached so far, in order. */
  readonly stages: readonly StagePassage[];
  readonly startedBy: string;
  readonly startedAt: string;
  /** Governed and executed by one operator (C-24). */
  readonly selfGoverned: boolean;
  readonly audience: 'ADMIN' | 'OPERATOR';
  /** Slug of the operator whose governors govern the task; null where the network does. */
  readonly governedBy: string | null;
  readonly submittedBy: string;
}

interface NotCompleted {
  readonly completedBy: null;
  readonly completedAt: null;
  readonly outcome: null;
  readonly recordId: null;
}
interface NotAborted {
  readonly abortedBy: null;
  readonly abortedAt: null;
  readonly abortReason: null;
}
interface Completed {
  readonly completedBy: string;
  readonly completedAt: string;
  readonly outcome: string;
  readonly recordId: string;
}
interface Aborted {
  readonly abortedBy: string;
  readonly abortedAt: string;
  readonly abortReason: PersonalRef;
}

type Life =
  | ({ readonly state: 'STARTED' | 'IN_STAGE' } & NotCompleted & NotAborted)
  | ({ readonly state: 'COMPLETED' } & Completed & NotAborted)
  | ({ readonly state: 'ABORTED' } & NotCompleted & Aborted);

/** The execution of one job, execution truth (S1:31, S3:50-56). One per job for ever; visits are stages, rework a new job (C-28). */
export type ServiceEvent = Execution & Life;
export type ServiceEventState = ServiceEvent['state'];
export type OpenServiceEvent = Extract<ServiceEvent, { state: 'STARTED' | 'IN_STAGE' }>;
export type CompletedServiceEvent = Extract<ServiceEvent, { state: 'COMPLETED' }>;

export type ServiceEventCommand = 'advance_stage' | 'complete' | 'abort';

/** The states of the envelope, the same for every surface; a pack's stages lie within STARTED and IN_STAGE (T-SP-19). */
export const TRANSITIONS = {
  STARTED: { advance_stage: 'IN_STAGE', complete: 'COMPLETED', abort: 'ABORTED' },
  IN_STAGE: { advance_stage: 'IN_STAGE', complete: 'COMPLETED', abort: 'ABORTED' },
  COMPLETED: {},
  ABORTED: {},
} as const satisfies TransitionTable<ServiceEventState, ServiceEventCommand>;

export type ServiceEventEvent = DomainEvent<
  'service_event',
  'service_event_started' | 'service_event_stage_advanced' | 'service_event_completed' | 'service_event_aborted',
  ServiceEvent
>;
export type ServiceEventRefusalCode = 'WRONG_STATE' | 'NOT_NEXT_STAGE' | 'EVIDENCE_MISSING' | LimitCode;

/** What a job says of itself when it was started. */
export interface StartedJob {
  readonly id: string;
  readonly serviceEventId: string;
  readonly intakeId: string;
  readonly requestId: string;
  readonly taskId: string;
  readonly heldBy: string;
  readonly surface: string;
  readonly packVersion: number;
  readonly startedAt: string;
  readonly selfGoverned: boolean;
  readonly audience: 'ADMIN' | 'OPERATOR';
  readonly intakeSnapshot: { readonly submittedBy: string; readonly addressedTo: string | null };
}

/** The consequence of a job's start, at the first stage of the pack the work began with. It never refuses (TRN-08). */
export function start(job: StartedJob, pack: Pack, startedBy: string): ServiceEventEvent {
  const { intakeId, requestId, taskId, surface, packVersion, startedAt, selfGoverned, audience, intakeSnapshot } = job;
  const stage = firstStage(pack);
  return event('service_event_started', 'service_event', {
    id: job.serviceEventId,
    state: 'STARTED',
    jobId: job.id,
    intakeId,
    requestId,
    taskId,
    operator: job.heldBy,
    surface,
    packVersion,
    stage,
    stages: [{ name: stage, enteredAt: startedAt, enteredBy: startedBy, leftAt: null }],
    startedBy,
    startedAt,
    completedBy: null,
    completedAt: null,
    abortedBy: null,
    abortedAt: null,
    abortReason: null,
    outcome: null,
    recordId: null,
    selfGoverned,
    audience,
    governedBy: audience === 'OPERATOR' ? intakeSnapshot.addressedTo : null,
    submittedBy: intakeSnapshot.submittedBy,
  });
}

/** To exactly the next stage, once the current one has what it requires: nothing is skipped or reversed (T-SP-28). */
export function advanceStage(
  serviceEvent: ServiceEvent,
  command: { readonly toStage: string; readonly by: string; readonly now: string },
  facts: { readonly pack: Pack; readonly evidence: readonly CountedEvidence[] },
): Decision<ServiceEventEvent, Refusal<'WRONG_STATE' | 'NOT_NEXT_STAGE' | 'EVIDENCE_MISSING'>> {
  if (!accepts(serviceEvent, 'advance_stage')) return refuse('WRONG_STATE');
  const { toStage, by, now } = command;
  const { stage, stages } = serviceEvent;
  const following = stageAfter(facts.pack, stage);
  if (following === undefined) return refuse('NOT_NEXT_STAGE', { stage });
  if (toStage !== following) return refuse('NOT_NEXT_STAGE', { stage, next: following });
  const lacking = missing(facts.pack, facts.evidence, stage);
  if (lacking.length > 0) return evidenceMissing(lacking);
  const at = notBefore(now, serviceEvent);
  const entered = { name: toStage, enteredAt: at, enteredBy: by, leftAt: null };
  const after = {
    ...serviceEvent,
    state: 'IN_STAGE',
    stage: toStage,
    stages: [...leave(stages, at), entered],
  } as const;
  return [event('service_event_stage_advanced', 'service_event', after, { fromStage: stage, toStage })];
}

/** Ends the execution without outcome and record, from any stage, with a reason. Its job can then be canceled. */
export function abort(
  serviceEvent: ServiceEvent,
  command: { readonly reason: PersonalText; readonly by: string; readonly now: string },
): Decision<ServiceEventEvent, Refusal<'WRONG_STATE' | LimitCode>> {
  if (!accepts(serviceEvent, 'abort')) return refuse('WRONG_STATE');
  const { reason, by, now } = command;
  const fault = textFault('reason', reason.text, MAX_REASON_LENGTH);
  if (fault !== undefined) return fault;
  const at = notBefore(now, serviceEvent);
  const stages = leave(serviceEvent.stages, at);
  const aborted = { abortedBy: by, abortedAt: at, abortReason: reason.ref };
  return [event('service_event_aborted', 'service_event', { ...serviceEvent, ...aborted, state: 'ABORTED', stages })];
}

/** The table decides, and tells the compiler too: every command is one on an open execution. */
export function accepts(serviceEvent: ServiceEvent, command: ServiceEventCommand): serviceEvent is OpenServiceEvent {
  return next<ServiceEventState, ServiceEventCommand>(TRANSITIONS, serviceEvent.state, command) !== undefined;
}

/** Evidence is attached while there is a stage to leave or to complete. */
export function isOpen(serviceEvent: ServiceEvent): serviceEvent is OpenServiceEvent {
  return accepts(serviceEvent, 'advance_stage');
}

export function leave(stages: readonly StagePassage[], at: string): readonly StagePassage[] {
  return stages.map((passage) => (passage.leftAt === null ? { ...passage, leftAt: at } : passage));
}

/** The start comes from another service's clock, which may run ahead: times within one execution never run backwards. */
export function notBefore(now: string, { stages }: Execution): string {
  return laterOf(stages.at(-1)?.enteredAt ?? now, now);
}

export function laterOf(one: string, other: string): string {
  return one > other ? one : other;
}

/** Names each requirement that is not met: `delivered.SIGNATURE` = `0 of 1`. */
export function evidenceMissing(lacking: readonly Requirement[]): Refusal<'EVIDENCE_MISSING'> {
  const details = lacking.map(({ stage, kind, validated, minimum }) => [
    `${stage}.${kind}`,
    `${validated} of ${minimum}`,
  ]);
  return refuse('EVIDENCE_MISSING', Object.fromEntries(details));
}
