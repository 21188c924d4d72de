import { uniqueName } from './names.ts';
import type { TestSystem } from './system.ts';
import type { Visitor } from './visitor.ts';

/** The people of a story, registered, with an active operator and what each needs to have seen. */
export interface Cast {
  readonly governor: Visitor;
  readonly secondGovernor: Visitor;
  readonly requester: Visitor;
  readonly holder: Visitor;
  /** Slug of the holder's operator. */
  readonly operator: string;
}

/** Registers two governors, a requester and a holder, whose operator they onboard and activate. */
export async function assemble(system: TestSystem): Promise<Cast> {
  const governor = system.visitor({ roles: ['admin_governor'] });
  const secondGovernor = system.visitor({ roles: ['admin_governor'] });
  const requester = system.visitor({ roles: ['requester'] });
  await Promise.all([governor, secondGovernor, requester].map((one) => one.register()));
  const { holder, operator } = await activeOperator(system, governor, secondGovernor);
  for (const one of [governor, requester, holder]) one.learn(governor, secondGovernor, requester, holder);
  return { governor, secondGovernor, requester, holder, operator };
}

/** A new operator, onboarded by one governor and activated by another, and who holds it. */
export async function activeOperator(
  system: TestSystem,
  governor: Visitor,
  secondGovernor: Visitor,
): Promise<{ holder: Visitor; holderIdentityId: string; operator: string }> {
  const holder = system.visitor({});
  const holderIdentityId = await holder.register();
  const operator = uniqueName('crew-');
  await governor.learn(holder).mutate('onboardOperator', {
    slug: operator,
    name: `Crew ${operator}`,
    type: 'ORGANIZATION',
    surfaces: ['municipal'],
    holderIdentityId,
  });
  await secondGovernor.learn(governor).mutate('activateOperator', { slug: operator });
  holder.learn(secondGovernor);
  return { holder, holderIdentityId, operator };
}

const REQUEST = {
  surface: 'municipal',
  what: 'Loud music, every night',
  channel: 'PHONE',
  actor: { reference: 'caller' },
};

/** Submits a request and gives the ids of its chain so far. */
export async function submit(requester: Visitor, change: object = {}): Promise<{ intakeId: string; taskId: string }> {
  const { intake, task } = await requester.mutate(
    'submitRequest',
    { ...REQUEST, ...change },
    'intake { id } task { id }',
  );
  return { intakeId: intake.id, taskId: task.id };
}

/** Brings a task as far as its job, and gives that job's id. */
export async function handOff(
  governor: Visitor,
  taskId: string,
  to: { readonly operator?: string; readonly poolId?: string; readonly reason?: string },
): Promise<string> {
  await governor.mutate('reviewTask', { taskId, risk: 'LOW' });
  await governor.mutate('approveTask', { taskId });
  await governor.mutate('assignTask', { taskId, ...to });
  return (await governor.mutate('createJob', { taskId }, 'job { id }')).job.id;
}

/** Executes a job from its claim to its completion, and gives the id of its record. */
export async function execute(holder: Visitor, jobId: string, asOperator: string): Promise<string> {
  await holder.mutate('claimJob', { jobId, asOperator });
  await holder.mutate('startJob', { jobId });
  await holder.mutate('advanceStage', { jobId, toStage: 'resolution' });
  await holder.mutate('attachEvidence', { jobId, kind: 'NOTE', note: 'Went there and spoke with them' });
  const { record } = await holder.mutate('completeServiceEvent', { jobId, outcome: 'RESOLVED' }, 'record { id }');
  await holder.mutate('completeJob', { jobId });
  return record.id;
}
