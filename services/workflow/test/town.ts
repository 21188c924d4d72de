import { randomUUID } from 'node:crypto';
import type { Session } from '@qtm/service-kit';
import { identityId } from '@qtm/service-kit/process';
import { type Answer, type Bench, openBench } from '../../../test/harness/bench.ts';
import { type ForeignFact, foreignFact } from '../../../test/harness/foreign-facts.ts';
import { service } from '../src/service.ts';

const ISSUER = 'https://issuer.test';

export function person(
  name: string,
  { roles = [], kind = 'HUMAN' }: Partial<Pick<Session, 'roles' | 'kind'>> = {},
): Session {
  return {
    identityId: identityId(ISSUER, name),
    issuer: ISSUER,
    subject: name,
    kind,
    roles,
    sessionHash: '0'.repeat(64),
    authTime: 0,
    acr: null,
    expiresAt: 0,
  };
}

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

export const registered = ({ identityId: id }: Session): ForeignFact =>
  foreignFact('operator', 'identity_registered', { id });

const operatorHeldBy = (slug: string, holder: Session): ForeignFact =>
  foreignFact('operator', 'operator_activated', { id: slug, holder_identity_id: holder.identityId });

const delegated = (operator: string, { identityId: id }: Session, power: 'EXECUTE' | 'GOVERN'): ForeignFact =>
  foreignFact('operator', 'delegation_granted', { id: `${operator}:${id}:${power}`, operator, identity_id: id, power });

/** `crew` is no longer ACTIVE. */
export const crewSuspended = (): ForeignFact =>
  foreignFact(
    'operator',
    'operator_suspended',
    { id: 'crew', holder_identity_id: PEOPLE.holder.identityId },
    { aggregate_version: 9 },
  );

/** Who there is, as the service learns it from the topics of others. */
export function population(): readonly ForeignFact[] {
  const { holder, executor, operatorGovernor, member, grantedGovernor, rival } = PEOPLE;
  return [
    ...Object.values(PEOPLE).map(registered),
    operatorHeldBy('crew', holder),
    operatorHeldBy('rivals', rival),
    delegated('crew', executor, 'EXECUTE'),
    delegated('crew', operatorGovernor, 'GOVERN'),
    foreignFact('operator', 'workspace_member_added', {
      id: `crew:${member.identityId}`,
      operator: 'crew',
      identity_id: member.identityId,
    }),
    foreignFact('governance', 'role_granted', {
      id: `${grantedGovernor.identityId}:admin_governor`,
      identity_id: grantedGovernor.identityId,
    }),
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
  /** Makes a mutation with a fresh key, unless one is given. */
  attempt(session: Session, field: string, input: object, selection?: string): Promise<Answer>;
  /** The same, where it must be accepted; gives its payload. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for
  mutate(session: Session, field: string, input: object, selection?: string): Promise<any>;
  /** Executes a municipal job to its sealed record. */
  seal(options?: JobOptions): Promise<{ jobId: string; serviceEventId: string; recordId: string }>;
}

export async function openTown(): Promise<Town> {
  const bench = await openBench(service);
  await bench.feed(...population());
  const attempt: Town['attempt'] = (session, field, input, selection = '') => {
    const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { ${field}(input: $input) {
      ${selection} refusal { code retryable currentState details { name value } } } }`;
    return bench.ask(session, query, { input: { idempotencyKey: randomUUID(), ...input } });
  };
  const mutate: Town['mutate'] = async (session, field, input, selection) => {
    const { data, errors } = await attempt(session, field, input, selection);
    if (errors.length > 0) throw new Error(`${field}: ${JSON.stringify(errors)}`);
    if (data[field].refusal !== null) throw new Error(`${field}: ${JSON.stringify(data[field].refusal)}`);
    return data[field];
  };
  const begin: Town['begin'] = async (options) => {
    const job = startedJob(options);
    await bench.feed(job);
    return { jobId: job.event.aggregate_id, serviceEventId: String(job.event.state.service_event_id) };
  };
  return {
    ...bench,
    attempt,
    mutate,
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
