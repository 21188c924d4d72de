import { randomUUID } from 'node:crypto';
import type { Session } from '@qtm/service-kit';
import { type Bench, openBench } from '../../../test/harness/bench.ts';
import { type ForeignFact, foreignFact } from '../../../test/harness/foreign-facts.ts';
import {
  delegated,
  memberOf,
  operatorHeldBy,
  operatorSuspended,
  registered,
  roleGranted,
} from '../../../test/harness/people.ts';
import { sessionOf } from '../../../test/harness/sessions.ts';
import { service } from '../src/service.ts';

export { registered };

export const person = (name: string, { roles = [], kind = 'HUMAN' }: Partial<Pick<Session, 'roles' | 'kind'>> = {}) =>
  sessionOf(name, roles, kind);

/** Everybody has a part in the work of one operator, `crew`, or none. */
export const PEOPLE = {
  holder: person('holder'),
  executor: person('executor'),
  operatorGovernor: person('operator-governor'),
  member: person('member'),
  requester: person('requester', { roles: ['requester'] }),
  networkGovernor: person('network-governor', { roles: ['admin_governor'] }),
  grantedGovernor: person('granted-governor'),
  auditor: person('auditor', { roles: ['auditor'] }),
  rival: person('rival'),
  stranger: person('stranger', { roles: ['requester', 'operator', 'operator_governor', 'finance', 'clo_reviewer'] }),
} as const;

/** The holder's own session, in which an agent acts. */
export const AGENT = { ...PEOPLE.holder, kind: 'AGENT' } as const satisfies Session;

/** `crew` is no longer ACTIVE. */
export const crewSuspended = (): ForeignFact => operatorSuspended('crew', PEOPLE.holder);

/** Who there is, as the service learns it from the topics of others. */
export function population(): readonly ForeignFact[] {
  const { holder, executor, operatorGovernor, member, grantedGovernor, rival } = PEOPLE;
  return [
    ...Object.values(PEOPLE).map(registered),
    operatorHeldBy('crew', holder),
    operatorHeldBy('rivals', rival),
    delegated('crew', executor, 'EXECUTE'),
    delegated('crew', operatorGovernor, 'GOVERN'),
    memberOf('crew', member),
    roleGranted(grantedGovernor, 'admin_governor'),
  ];
}

export interface JobOptions {
  readonly surface?: string;
  readonly packVersion?: number;
  readonly heldBy?: string;
  /** The operator that the requester addressed; the network governs where absent. */
  readonly addressedTo?: string;
  readonly submittedBy?: Session;
}

/** A job that an operator has just started, with a chain of its own. */
export function startedJob(options: JobOptions = {}): ForeignFact {
  const { surface = 'municipal', packVersion = 1, heldBy = 'crew', addressedTo = null } = options;
  const { submittedBy = PEOPLE.requester } = options;
  const [requestId, taskId] = [randomUUID(), randomUUID()];
  const sample = foreignFact('jobs', 'job_started', {});
  return foreignFact('jobs', 'job_started', {
    id: randomUUID(),
    service_event_id: randomUUID(),
    intake_id: randomUUID(),
    request_id: requestId,
    task_id: taskId,
    surface,
    pack_version: packVersion,
    operator: heldBy,
    held_by: heldBy,
    audience: addressedTo === null ? 'ADMIN' : 'OPERATOR',
    intake_snapshot: {
      ...(sample.event.state.intake_snapshot as object),
      surface,
      pack_version: packVersion,
      request_id: requestId,
      task_id: taskId,
      addressed_to: addressedTo,
      submitted_by: submittedBy.identityId,
    },
  });
}

/** A bench of this service in a town where everybody is known. */
export interface Town extends Bench {
  /** Starts a job and gives its id and that of its service event. */
  begin(options?: JobOptions): Promise<{ jobId: string; serviceEventId: string }>;
  /** Executes a municipal job to its sealed record. */
  seal(options?: JobOptions): Promise<{ jobId: string; serviceEventId: string; recordId: string }>;
}

export async function openTown(authorityMaxAgeMs?: number): Promise<Town> {
  const bench = await openBench(service, undefined, authorityMaxAgeMs);
  for (const source of Object.keys(service.follows)) await bench.hear(source);
  await bench.feed(...population());
  const { mutate } = bench;
  const begin: Town['begin'] = async (options) => {
    const job = startedJob(options);
    await bench.feed(job);
    return { jobId: job.event.aggregate_id, serviceEventId: String(job.event.state.service_event_id) };
  };
  return {
    ...bench,
    begin,
    async seal(options = {}) {
      const by = options.heldBy === 'rivals' ? PEOPLE.rival : PEOPLE.holder;
      const begun = await begin(options);
      const { serviceEventId } = begun;
      await mutate(by, 'advanceStage', { serviceEventId, toStage: 'resolution' });
      await mutate(by, 'attachEvidence', { serviceEventId, kind: 'NOTE', note: 'Nobody opened the door' });
      const payload = await mutate(
        by,
        'completeServiceEvent',
        { serviceEventId, outcome: 'RESOLVED' },
        'record { id }',
      );
      return { ...begun, recordId: payload.record.id };
    },
  };
}
