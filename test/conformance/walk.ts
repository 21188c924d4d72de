import { expect } from 'vitest';
import { byId, codeOf } from '../harness/answers.ts';
import type { Cast } from '../harness/cast.ts';
import { newTask } from '../harness/chains.ts';

/** The command that the chain waits for, as the walk sees it. */
export const WHAT_IS_NEXT = 'what is next';

type Principal = 'governor' | 'holder';
type Ids = Readonly<Record<'taskId' | 'jobId' | 'assignmentId' | 'operator', string>>;

/** Everything that moves a chain behind its request, by whoever may, so that only the order can be in the way. */
const MOVES: Readonly<Record<string, readonly [Principal, (ids: Ids) => object]>> = {
  reviewTask: ['governor', ({ taskId }) => ({ taskId })],
  approveTask: ['governor', ({ taskId }) => ({ taskId })],
  rejectTask: ['governor', ({ taskId }) => ({ taskId })],
  assignTask: ['governor', ({ taskId, operator }) => ({ taskId, operator })],
  withdrawAssignment: ['governor', ({ assignmentId }) => ({ assignmentId })],
  createJob: ['governor', ({ taskId }) => ({ taskId })],
  closeTask: ['governor', ({ taskId }) => ({ taskId })],
  cancelJob: ['governor', ({ jobId }) => ({ jobId })],
  claimJob: ['holder', ({ jobId, operator }) => ({ jobId, asOperator: operator })],
  releaseJob: ['holder', ({ jobId }) => ({ jobId })],
  startJob: ['holder', ({ jobId }) => ({ jobId })],
  advanceStage: ['holder', ({ jobId }) => ({ jobId, toStage: 'resolution' })],
  attachEvidence: ['holder', ({ jobId }) => ({ jobId, kind: 'NOTE', note: 'Seen' })],
  completeServiceEvent: ['holder', ({ jobId }) => ({ jobId, outcome: 'RESOLVED' })],
  abortServiceEvent: ['holder', ({ jobId }) => ({ jobId, reason: 'Nobody there' })],
  completeJob: ['holder', ({ jobId }) => ({ jobId })],
};
export const COMMANDS = Object.keys(MOVES);

/** Which state may follow on which, typed from the sources and not read from the code; NONE: there is none yet. */
const FOLLOWS: Readonly<Record<'task' | 'job' | 'serviceEvent', Readonly<Record<string, readonly string[]>>>> = {
  task: {
    OPEN: ['IN_REVIEW', 'REJECTED', 'CLOSED'],
    IN_REVIEW: ['APPROVED', 'REJECTED', 'CLOSED'],
    APPROVED: ['ASSIGNED', 'CLOSED'],
    ASSIGNED: ['APPROVED', 'CLOSED'],
  },
  job: {
    NONE: ['QUEUED'],
    QUEUED: ['CLAIMED', 'CANCELED'],
    CLAIMED: ['QUEUED', 'STARTED', 'CANCELED'],
    STARTED: ['COMPLETED', 'CANCELED'],
  },
  serviceEvent: { NONE: ['STARTED'], STARTED: ['IN_STAGE', 'ABORTED'], IN_STAGE: ['COMPLETED', 'ABORTED'] },
};

/** How a job stands, and its execution: NONE before there is one. */
interface JobStanding {
  readonly id: string;
  readonly state: string;
  readonly serviceEvent: string;
  readonly evidence: number;
  readonly sealed: boolean;
}

/** How a chain stands, as clients see it. */
interface Standing {
  readonly task: string;
  readonly assignmentId: string;
  readonly handedOff: boolean;
  /** Oldest first. */
  readonly jobs: readonly JobStanding[];
}

const CHAIN = `task(id: $id) { state assignment { id state } }
  jobs(filter: { taskId: $id }, sort: { field: CREATED_AT, direction: ASC }) { edges { node { id state serviceEvent { state evidence { id } record { id } } } } }`;
const NOBODYS = '019b8d2e-7a00-7000-8000-000000000001';

/** What has been tried in all walks so far. */
export interface Tally {
  accepted: number;
  refused: number;
  records: number;
}

/** Tries the commands on a chain of its own, and after each of them holds what clients see against the order of the spine. */
export async function walk(cast: Cast, commands: readonly string[], tally: Tally): Promise<void> {
  const { taskId, governor, holder } = await newTask(cast);
  let before = await standingOf(cast, taskId);
  for (const wish of commands) {
    const field = wish === WHAT_IS_NEXT ? nextOf(before) : wish;
    const [principal, input] = MOVES[field] ?? [];
    if (principal === undefined || input === undefined) continue;
    const ids = {
      taskId,
      jobId: before.jobs.at(-1)?.id ?? NOBODYS,
      assignmentId: before.assignmentId,
      operator: cast.operator,
    };
    const somebody = cast[principal].learn(governor, holder);
    const answer = await somebody.attempt(field, input(ids));
    governor.learn(somebody);
    const after = await standingOf(cast, taskId);
    const code = codeOf(answer, field);
    const what = `${field} (${code}): ${JSON.stringify(before)} → ${JSON.stringify(after)}`;
    // Where nobody holds the job yet, nobody executes it either.
    for (const { extensions } of answer.errors) expect(extensions.code, what).toBe('FORBIDDEN');
    if (code === 'ACCEPTED') tally.accepted += 1;
    else expect(after, what).toEqual(before);
    tally.refused += code === 'ACCEPTED' ? 0 : 1;
    expect(faultsOf(after), what).toEqual([]);
    expect(leapsOf(before, after), what).toEqual([]);
    tally.records +=
      after.jobs.filter(({ sealed }) => sealed).length - before.jobs.filter(({ sealed }) => sealed).length;
    before = after;
  }
}

async function standingOf({ governor }: Cast, taskId: string): Promise<Standing> {
  const { task, jobs } = await byId(governor, CHAIN, taskId);
  return {
    task: task.state,
    assignmentId: task.assignment?.id ?? NOBODYS,
    handedOff: task.assignment?.state === 'HANDED_OFF',
    // biome-ignore lint/suspicious/noExplicitAny: an answer of the query above
    jobs: jobs.edges.map(({ node: { id, state, serviceEvent } }: any) => ({
      id,
      state,
      serviceEvent: serviceEvent?.state ?? 'NONE',
      evidence: serviceEvent?.evidence.length ?? 0,
      sealed: serviceEvent?.record != null,
    })),
  };
}

/** The straight way to a record. */
function nextOf({ task, jobs, handedOff }: Standing): string {
  const job = jobs.at(-1);
  if (job === undefined || job.state === 'CANCELED') {
    const ofTask = { OPEN: 'reviewTask', IN_REVIEW: 'approveTask', APPROVED: 'assignTask' };
    return ofTask[task as keyof typeof ofTask] ?? (handedOff ? 'assignTask' : 'createJob');
  }
  if (job.state !== 'STARTED') return job.state === 'QUEUED' ? 'claimJob' : 'startJob';
  const seal = job.evidence === 0 ? 'attachEvidence' : 'completeServiceEvent';
  const ofExecution = { STARTED: 'advanceStage', IN_STAGE: seal, COMPLETED: 'completeJob', ABORTED: 'cancelJob' };
  return ofExecution[job.serviceEvent as keyof typeof ofExecution];
}

/** What must never stand beside each other. */
function faultsOf({ task, jobs }: Standing): readonly string[] {
  const live = jobs.filter(({ state }) => state !== 'CANCELED');
  return [
    ...(jobs.length > 0 && !['APPROVED', 'ASSIGNED', 'CLOSED'].includes(task)
      ? ['a job of a task that was not approved']
      : []),
    ...(live.length > 1 ? ['two jobs of one task'] : []),
    ...jobs.flatMap(({ state, serviceEvent, sealed }) => [
      ...((state === 'QUEUED' || state === 'CLAIMED') !== (serviceEvent === 'NONE') && state !== 'CANCELED'
        ? ['an execution that nobody started']
        : []),
      ...(state === 'COMPLETED' && serviceEvent !== 'COMPLETED' ? ['a job completed before its execution'] : []),
      ...(state === 'CANCELED' && !['NONE', 'ABORTED'].includes(serviceEvent)
        ? ['a job canceled over its execution']
        : []),
      ...(sealed !== (serviceEvent === 'COMPLETED')
        ? ['a record without a completed execution, or the other way round']
        : []),
    ]),
  ];
}

/** Moves from one standing to the next that skip a step, turn one back, or are two at once. */
function leapsOf(before: Standing, after: Standing): readonly string[] {
  const NONE = { state: 'NONE', serviceEvent: 'NONE' };
  const pairs = after.jobs.map((job, index) => [before.jobs[index] ?? NONE, job] as const);
  const moves = [
    ['task', before.task, after.task],
    ...pairs.map(([was, is]) => ['job', was.state, is.state]),
    ...pairs.map(([was, is]) => ['serviceEvent', was.serviceEvent, is.serviceEvent]),
  ].filter(([, was, is]) => was !== is) as ['task' | 'job' | 'serviceEvent', string, string][];
  const leaps = moves.filter(([what, was, is]) => !FOLLOWS[what][was]?.includes(is)).map((move) => move.join(' '));
  // The start of a job is that of its execution; nothing else moves two.
  const started = moves.map((move) => move.join(' ')).join() === 'job CLAIMED STARTED,serviceEvent NONE STARTED';
  return moves.length > 1 && !started ? [...leaps, `${moves.length} steps at once`] : leaps;
}
