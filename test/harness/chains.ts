import { type Cast, execute, handOff, submit } from './cast.ts';

/**
 * Chains of their own, up to where a test begins. Of the people of the cast, whoever goes on has seen what was done.
 */

export async function newTask(cast: Cast, change: object = {}) {
  const { requester, governor, holder } = cast;
  const ids = await submit(requester, change);
  governor.learn(requester);
  return { ...ids, requester, governor, holder };
}

/** Reviewed, approved and assigned to the operator of the cast. */
export async function assignedTask(cast: Cast) {
  const chain = await newTask(cast);
  const { governor, taskId } = chain;
  await governor.mutate('reviewTask', { taskId });
  await governor.mutate('approveTask', { taskId });
  await governor.mutate('assignTask', { taskId, operator: cast.operator });
  return chain;
}

export async function newJob(cast: Cast, change: object = {}) {
  const chain = await newTask(cast, change);
  const jobId = await handOff(chain.governor, chain.taskId, { operator: cast.operator });
  chain.holder.learn(chain.governor);
  return { ...chain, jobId };
}

export async function startedJob(cast: Cast, change: object = {}) {
  const chain = await newJob(cast, change);
  const { holder, jobId } = chain;
  await holder.mutate('claimJob', { jobId, asOperator: cast.operator });
  const { serviceEvent } = await holder.mutate('startJob', { jobId }, 'serviceEvent { id }');
  return { ...chain, serviceEventId: serviceEvent.id as string };
}

/** A municipal job at the last stage of its pack, without any evidence. */
export async function atLastStage(cast: Cast) {
  const chain = await startedJob(cast);
  await chain.holder.mutate('advanceStage', { jobId: chain.jobId, toStage: 'resolution' });
  return chain;
}

/** A completed job and its record. */
export async function sealedRecord(cast: Cast) {
  const chain = await newJob(cast);
  return { ...chain, recordId: await execute(chain.holder, chain.jobId, cast.operator) };
}
