import { handOff, submit } from '../harness/cast.ts';
import { startedJob } from '../harness/chains.ts';
import type { Crew, TransferCast } from '../harness/transfers.ts';

/** Everything an operator can have in hand: jobs and tasks at every point at which somebody goes on with one, and a record. */
export type Work = Readonly<
  Record<
    | 'queued'
    | 'claimed'
    | 'toRelease'
    | 'started'
    | 'atLast'
    | 'evidenced'
    | 'toAbort'
    | 'executed'
    | 'recordId'
    | 'evidenceId'
    | 'serviceEventId'
    | 'open'
    | 'inReview'
    | 'toReject'
    | 'approved'
    | 'assigned'
    | 'toWithdraw'
    | 'assignmentId'
    | 'toClose',
    string
  >
>;

/** The holder takes it in hand; the requester and the governor have seen what it was. */
export async function workAtHand(cast: TransferCast, { operator, holder, governor }: Crew): Promise<Work> {
  const chain = { ...cast, operator, holder, governor };
  const job = async () => {
    const { taskId } = await submit(cast.requester);
    const jobId = await handOff(governor.learn(cast.requester), taskId, { operator });
    holder.learn(governor);
    return jobId;
  };
  const claimed = async () => {
    const jobId = await job();
    await holder.mutate('claimJob', { jobId, asOperator: operator });
    return jobId;
  };
  const started = async () => (await startedJob(chain)).jobId;
  const atLast = async () => {
    const jobId = await started();
    await holder.mutate('advanceStage', { jobId, toStage: 'resolution' });
    return jobId;
  };
  const evidenced = async () => {
    const jobId = await atLast();
    const { evidence } = await holder.mutate(
      'attachEvidence',
      { jobId, kind: 'NOTE', note: 'Done' },
      'evidence { id }',
    );
    return { jobId, evidenceId: evidence.id as string };
  };
  const executed = await evidenced();
  const sealed = 'record { id serviceEvent { id } }';
  const { record } = await holder.mutate(
    'completeServiceEvent',
    { jobId: executed.jobId, outcome: 'RESOLVED' },
    sealed,
  );

  /** A task of the operator's own, brought on by so many steps. */
  const task = async (steps: number) => {
    const { taskId } = await submit(cast.requester, { addressedTo: operator });
    holder.learn(cast.requester);
    const all = [
      ['reviewTask', {}],
      ['approveTask', {}],
      ['assignTask', { operator }],
    ] as const;
    for (const [field, input] of all.slice(0, steps)) await holder.mutate(field, { taskId, ...input });
    return taskId;
  };
  const toWithdraw = await task(3);
  const query = 'query ($id: ID!) { task(id: $id) { assignment { id } } }';
  const { data } = await holder.send(query, { id: toWithdraw });
  return {
    ...{ queued: await job(), claimed: await claimed(), toRelease: await claimed() },
    ...{
      started: await started(),
      atLast: await atLast(),
      evidenced: (await evidenced()).jobId,
      toAbort: await started(),
    },
    ...{ executed: executed.jobId, recordId: record.id, evidenceId: executed.evidenceId },
    ...{
      serviceEventId: record.serviceEvent.id,
      open: await task(0),
      inReview: await task(1),
      toReject: await task(1),
    },
    ...{ approved: await task(2), assigned: await task(3), toClose: await task(0), toWithdraw },
    assignmentId: data.task.assignment.id,
  };
}

/** Everything that goes on with it, each where it is due; in this order each is accepted of whoever may. */
export function goingOn(work: Work, operator: string): readonly (readonly [field: string, input: object])[] {
  const correction = { reason: 'Of another house', evidence: [{ kind: 'NOTE', note: 'The right one' }] };
  return [
    ['claimJob', { jobId: work.queued, asOperator: operator }],
    ['releaseJob', { jobId: work.toRelease }],
    ['startJob', { jobId: work.claimed }],
    ['advanceStage', { jobId: work.started, toStage: 'resolution' }],
    ['attachEvidence', { jobId: work.atLast, kind: 'NOTE', note: 'Went on with it' }],
    ['completeServiceEvent', { jobId: work.evidenced, outcome: 'RESOLVED' }],
    ['abortServiceEvent', { jobId: work.toAbort, reason: 'Called off' }],
    ['completeJob', { jobId: work.executed }],
    ['correctRecord', { recordId: work.recordId, ...correction }],
    ['reviewTask', { taskId: work.open, risk: 'LOW' }],
    ['approveTask', { taskId: work.inReview }],
    ['rejectTask', { taskId: work.toReject }],
    ['assignTask', { taskId: work.approved, operator }],
    ['createJob', { taskId: work.assigned }],
    ['withdrawAssignment', { assignmentId: work.assignmentId }],
    ['closeTask', { taskId: work.toClose }],
  ];
}

/** What only whoever holds the operator may do for it, to somebody. */
export function holding(operator: string, identityId: string): readonly (readonly [field: string, input: object])[] {
  return [
    ['setReadiness', { slug: operator, readiness: 'READY' }],
    ['addWorkspaceMember', { operator, identityId }],
    ['removeWorkspaceMember', { operator, identityId }],
    ['delegate', { operator, identityId, power: 'EXECUTE' }],
    ['revokeDelegation', { operator, identityId, power: 'EXECUTE' }],
    ['proposeTransfer', { objectClass: 'operator', objectId: operator, toIdentityId: identityId }],
  ];
}
