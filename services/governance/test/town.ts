import { randomUUID } from 'node:crypto';
import { type Bench, openBench } from '../../../test/harness/bench.ts';
import { type ForeignFact, foreignFact } from '../../../test/harness/foreign-facts.ts';
import { delegated, memberOf, operatorHeldBy, registered } from '../../../test/harness/people.ts';
import { sessionOf } from '../../../test/harness/sessions.ts';
import { service } from '../src/service.ts';

export const person = (name: string, roles: readonly string[] = []) => sessionOf(name, roles);

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
  executive: person('executive', ['executive']),
  cloReviewer: person('clo-reviewer', ['clo_reviewer']),
  /** Holder of `crew` and governor of the network: sees on two grounds. */
  both: person('both', ['admin_governor']),
  requester: person('requester', ['requester', 'operator', 'operator_governor', 'finance']),
} as const;

function population(): readonly ForeignFact[] {
  const { holder, operatorGovernor, executor, member, rival, both } = PEOPLE;
  return [
    ...Object.values(PEOPLE).map(registered),
    operatorHeldBy('crew', holder),
    operatorHeldBy('rivals', rival),
    delegated('crew', operatorGovernor, 'GOVERN'),
    delegated('crew', both, 'GOVERN'),
    delegated('crew', executor, 'EXECUTE'),
    memberOf('crew', member),
  ];
}

/** Versions of a transfer at which it can tell these. */
const VERSIONS = {
  transfer_proposed: 1,
  transfer_evidence_added: 2,
  transfer_accepted: 3,
  transfer_rejected: 3,
  transfer_canceled: 3,
  transfer_completed: 4,
  transfer_expired: 4,
  transfer_voided: 4,
  transfer_imported: 1,
} as const;

/** What transfer tells of one: of the operator `crew`, unless said otherwise. */
export function transferEvent(name: keyof typeof VERSIONS, transferId: string, objectId = 'crew'): ForeignFact {
  const state = { id: transferId, object_class: 'operator', object_id: objectId };
  return foreignFact('transfer', name, state, { aggregate_version: VERSIONS[name] });
}

/** A bench of this service where everybody is known. */
export interface Town extends Bench {
  /** An intake arrives; gives the id of the task it opens. */
  open(addressedTo?: string | null, surface?: string): Promise<string>;
}

export async function openTown(authorityMaxAgeMs?: number): Promise<Town> {
  const bench = await openBench(service, undefined, authorityMaxAgeMs);
  for (const source of Object.keys(service.follows)) await bench.hear(source);
  await bench.feed(...population());
  return {
    ...bench,
    async open(addressedTo = null, surface = 'municipal') {
      const taskId = randomUUID();
      const ids = { id: randomUUID(), request_id: randomUUID(), task_id: taskId };
      await bench.feed(foreignFact('jobs', 'intake_received', { ...ids, surface, addressed_to: addressedTo }));
      return taskId;
    },
  };
}
