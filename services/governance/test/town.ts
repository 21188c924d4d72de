import { randomUUID } from 'node:crypto';
import type { Session } from '@qtm/service-kit';
import { identityId } from '@qtm/service-kit/process';
import { type Bench, openBench } from '../../../test/harness/bench.ts';
import { type ForeignFact, foreignFact } from '../../../test/harness/foreign-facts.ts';
import { service } from '../src/service.ts';

const ISSUER = 'https://issuer.test';

export function person(name: string, roles: readonly string[] = []): Session {
  return {
    identityId: identityId(ISSUER, name),
    issuer: ISSUER,
    subject: name,
    kind: 'HUMAN',
    roles: [...roles],
    sessionHash: '0'.repeat(64),
    authTime: 0,
    acr: null,
    expiresAt: 0,
  };
}

/** Everybody is something to the operator `crew`, to the network, or to neither. */
export const PEOPLE = {
  holder: person('holder'),
  operatorGovernor: person('operator-governor'),
  executor: person('executor'),
  member: person('member'),
  rival: person('rival'),
  networkGovernor: person('network-governor', ['admin_governor']),
  superAdmin: person('super-admin', ['super_admin']),
  auditor: person('auditor', ['auditor']),
  /** Holder of `crew` and governor of the network: sees on two grounds. */
  both: person('both', ['admin_governor']),
  requester: person('requester', ['requester', 'operator', 'operator_governor', 'finance', 'clo_reviewer']),
} as const;

function population(): readonly ForeignFact[] {
  const { holder, operatorGovernor, executor, member, rival, both } = PEOPLE;
  const held = (slug: string, by: Session) =>
    foreignFact('operator', 'operator_activated', { id: slug, holder_identity_id: by.identityId });
  const delegated = ({ identityId: id }: Session, power: 'EXECUTE' | 'GOVERN') =>
    foreignFact('operator', 'delegation_granted', {
      id: `crew:${id}:${power}`,
      operator: 'crew',
      identity_id: id,
      power,
    });
  return [
    ...Object.values(PEOPLE).map(({ identityId: id }) => foreignFact('operator', 'identity_registered', { id })),
    held('crew', holder),
    held('rivals', rival),
    delegated(operatorGovernor, 'GOVERN'),
    delegated(both, 'GOVERN'),
    delegated(executor, 'EXECUTE'),
    foreignFact('operator', 'workspace_member_added', {
      id: `crew:${member.identityId}`,
      operator: 'crew',
      identity_id: member.identityId,
    }),
  ];
}

/** A bench of this service where everybody is known. */
export interface Town extends Bench {
  /** An intake arrives; gives the id of the task it opens. */
  open(addressedTo?: string | null, surface?: string): Promise<string>;
  /** Makes a mutation that must be accepted, with a fresh key; gives its payload. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for
  mutate(session: Session, field: string, input: object, selection?: string): Promise<any>;
}

export async function openTown(): Promise<Town> {
  const bench = await openBench(service);
  await bench.feed(...population());
  return {
    ...bench,
    async open(addressedTo = null, surface = 'municipal') {
      const taskId = randomUUID();
      const ids = { id: randomUUID(), request_id: randomUUID(), task_id: taskId };
      await bench.feed(foreignFact('jobs', 'intake_received', { ...ids, surface, addressed_to: addressedTo }));
      return taskId;
    },
    async mutate(session, field, input, selection = '') {
      const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
      const query = `mutation ($input: ${type}!) { ${field}(input: $input) { ${selection} refusal { code } } }`;
      const { data, errors } = await bench.ask(session, query, { input: { idempotencyKey: randomUUID(), ...input } });
      if (errors.length > 0) throw new Error(`${field}: ${JSON.stringify(errors)}`);
      if (data[field].refusal !== null) throw new Error(`${field}: ${data[field].refusal.code}`);
      return data[field];
    },
  };
}
