import { randomUUID } from 'node:crypto';
import type { Session } from '@qtm/service-kit';
import { type Bench, openBench } from '../../../test/harness/bench.ts';
import { type ForeignFact, foreignFact } from '../../../test/harness/foreign-facts.ts';
import { delegated, memberOf, operatorHeldBy, registered, roleGranted } from '../../../test/harness/people.ts';
import { sessionOf } from '../../../test/harness/sessions.ts';
import { service } from '../src/service.ts';

/** Everybody is something to the operator `crew`, to another one, to the network, or asks for work. */
export const PEOPLE = {
  holder: sessionOf('holder'),
  executor: sessionOf('executor'),
  operatorGovernor: sessionOf('operator-governor'),
  member: sessionOf('member'),
  /** Holder of `mates`, which is in a pool with `crew`. */
  mate: sessionOf('mate'),
  rival: sessionOf('rival'),
  networkGovernor: sessionOf('network-governor', ['admin_governor']),
  grantedGovernor: sessionOf('granted-governor'),
  auditor: sessionOf('auditor', ['auditor']),
  executive: sessionOf('executive', ['executive']),
  superAdmin: sessionOf('super-admin', ['super_admin']),
  /** Governs for `crew` and for the network, works with `crew`, and submits: sees on every ground. */
  everything: sessionOf('everything', ['admin_governor', 'requester', 'auditor']),
  requester: sessionOf('requester', ['requester']),
  neighbour: sessionOf('neighbour', ['requester']),
  stranger: sessionOf('stranger', ['requester', 'operator', 'operator_governor', 'finance', 'clo_reviewer']),
} as const;

/** The pool of `crew` and `mates`. */
export const POOL = randomUUID();

function population(): readonly ForeignFact[] {
  const { holder, executor, operatorGovernor, member, mate, rival, grantedGovernor, everything } = PEOPLE;
  const published = (surface: string) => foreignFact('workflow', 'pack_published', { id: `${surface}:1`, surface });
  const pooled = (operator: string) =>
    foreignFact('governance', 'pool_member_added', { id: `${POOL}:${operator}`, pool_id: POOL, operator });
  return [
    ...Object.values(PEOPLE).map(registered),
    operatorHeldBy('crew', holder),
    operatorHeldBy('mates', mate),
    operatorHeldBy('rivals', rival),
    delegated('crew', executor, 'EXECUTE'),
    delegated('crew', operatorGovernor, 'GOVERN'),
    delegated('crew', everything, 'GOVERN'),
    memberOf('crew', member),
    roleGranted(grantedGovernor, 'admin_governor'),
    published('municipal'),
    published('freight'),
    pooled('crew'),
    pooled('mates'),
  ];
}

/** Where a request goes, who asks, and who gets the job; no job where neither an operator nor the pool does. */
export interface ChainOptions {
  readonly by?: Session;
  readonly surface?: string;
  readonly addressedTo?: string;
  readonly operator?: string;
  readonly pooled?: boolean;
  /** Due date that the task is given. */
  readonly dueAt?: string;
  readonly change?: object;
}

/** Ids of one chain as far as it came. */
export interface Chain {
  readonly requestId: string;
  readonly intakeId: string;
  readonly taskId: string;
  readonly jobId: string | null;
}

/** A bench of this service in a town where everybody is known. */
export interface Town extends Bench {
  /** A request comes in, and governance brings it as far as its job. */
  begin(options?: ChainOptions): Promise<Chain>;
  /** Somebody executes a job for an operator, from its claim to its completion. */
  complete(by: Session, asOperator: string, chain: Pick<Chain, 'jobId' | 'intakeId'>): Promise<void>;
}

/** Every text in it is personal. */
export const REQUEST = {
  what: 'A lamp is out',
  channel: 'PHONE',
  category: 'Lamps',
  actor: { reference: 'caller-7', name: 'Ada Person', contact: 'ada@example.org' },
  location: { address: '1 Main Street' },
  attributes: [{ name: 'floor', value: 'the third' }],
} as const;

export async function openTown(authorityMaxAgeMs?: number): Promise<Town> {
  const bench = await openBench(service, undefined, authorityMaxAgeMs);
  for (const source of Object.keys(service.follows)) await bench.hear(source);
  await bench.feed(...population());
  return {
    ...bench,
    async begin({ by = PEOPLE.requester, surface = 'municipal', addressedTo, operator, pooled, dueAt, change } = {}) {
      const { request, intake, task } = await bench.mutate(
        by,
        'submitRequest',
        { ...REQUEST, surface, addressedTo: addressedTo ?? null, ...change },
        'request { id } intake { id } task { id }',
      );
      const ids = { intake_id: intake.id, request_id: request.id, task_id: task.id };
      const audience = addressedTo === undefined ? 'ADMIN' : 'OPERATOR';
      const opened = { id: task.id, ...ids, surface, audience, operator: addressedTo ?? null, task_id: undefined };
      await bench.feed(foreignFact('governance', 'task_opened', opened));
      const chain = { requestId: request.id, intakeId: intake.id, taskId: task.id };
      if (operator === undefined && pooled !== true) return { ...chain, jobId: null };
      const jobId = randomUUID();
      const target = pooled === true ? { mode: 'POOL', operator: null, pool_id: POOL } : { mode: 'ASSIGNED', operator };
      const handOff = { id: randomUUID(), job_id: jobId, ...ids, request_id: undefined, audience, ...target };
      const governed = { governed_by: addressedTo ?? null, due_at: dueAt ?? null };
      await bench.feed(foreignFact('governance', 'assignment_handed_off', { ...handOff, ...governed }));
      return { ...chain, jobId };
    },
    async complete(by, asOperator, { jobId, intakeId }) {
      await bench.mutate(by, 'claimJob', { jobId, asOperator });
      const { serviceEvent } = await bench.mutate(by, 'startJob', { jobId }, 'serviceEvent { id }');
      const completed = { id: serviceEvent.id, job_id: jobId, intake_id: intakeId, operator: asOperator };
      await bench.feed(foreignFact('workflow', 'service_event_completed', completed, { actor_id: by.identityId }));
      await bench.mutate(by, 'completeJob', { jobId });
    },
  };
}
