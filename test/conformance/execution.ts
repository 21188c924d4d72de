import { type Cast, handOff, submit } from '../harness/cast.ts';
import type { TestSystem } from '../harness/system.ts';
import type { Answer, Visitor } from '../harness/visitor.ts';

/** What a mutation came to: the code of its refusal or error, ACCEPTED where there is neither. */
export const codeOf = ({ data, errors }: Answer, field: string): string =>
  data?.[field]?.refusal?.code ?? errors[0]?.extensions.code ?? 'ACCEPTED';

/** What is answered to whoever may not: of something he may not see, not even that. */
export const DENIED = ['NOT_FOUND', 'FORBIDDEN'];

/** What a query for one thing by its id gives. */
export const byId = async (as: Visitor, selection: string, id: string) =>
  (await as.send(`query ($id: ID!) { ${selection} }`, { id })).data;

export const idOf = async (visitor: Visitor) => (await visitor.send('{ me { id } }')).data.me.id as string;

/** A job in the queue of the operator, and its chain so far; everybody of the cast has seen it. */
export async function newJob({ requester, governor, holder, operator }: Cast, forOperator = operator) {
  const { taskId, intakeId } = await submit(requester);
  const jobId = await handOff(governor.learn(requester), taskId, { operator: forOperator });
  return { jobId, taskId, intakeId, governor, holder: holder.learn(governor) };
}

/** A job whose execution runs. */
export async function startedJob(cast: Cast) {
  const made = await newJob(cast);
  await made.holder.mutate('claimJob', { jobId: made.jobId, asOperator: cast.operator });
  const { job } = await made.holder.mutate('startJob', { jobId: made.jobId }, 'job { serviceEvent { id } }');
  return { ...made, serviceEventId: job.serviceEvent.id as string };
}

/** Everything that executes, tried on one job and one record. */
export const executing = (jobId: string, asOperator: string, recordId: string): readonly [string, object][] => [
  ['claimJob', { jobId, asOperator }],
  ['releaseJob', { jobId }],
  ['startJob', { jobId }],
  ['advanceStage', { jobId, toStage: 'resolution' }],
  ['attachEvidence', { jobId, kind: 'NOTE', note: 'x' }],
  ['completeServiceEvent', { jobId, outcome: 'RESOLVED' }],
  ['abortServiceEvent', { jobId, reason: 'x' }],
  ['completeJob', { jobId }],
  ['correctRecord', { recordId, reason: 'x', evidence: [{ kind: 'NOTE', note: 'x' }] }],
];

/** Somebody new, registered, who has seen what the others have. */
export async function somebody(system: TestSystem, seen: readonly Visitor[], roles: readonly string[] = []) {
  const visitor = system.visitor({ roles });
  await visitor.register();
  return visitor.learn(...seen);
}
