import { type Bench, openBench } from '../../../test/harness/bench.ts';
import { sessionOf } from '../../../test/harness/sessions.ts';
import { service } from '../src/service.ts';

/** Everybody is something to the operators `crew` and `rivals`, to the network, or to nobody. */
export const PEOPLE = {
  governor: sessionOf('governor', ['admin_governor']),
  secondGovernor: sessionOf('second-governor', ['admin_governor']),
  superAdmin: sessionOf('super-admin', ['super_admin']),
  auditor: sessionOf('auditor', ['auditor']),
  executive: sessionOf('executive', ['executive']),
  holder: sessionOf('holder'),
  executor: sessionOf('executor'),
  operatorGovernor: sessionOf('operator-governor'),
  member: sessionOf('member'),
  /** Executes for both operators. */
  helper: sessionOf('helper'),
  rival: sessionOf('rival'),
  stranger: sessionOf('stranger', ['requester', 'operator', 'operator_governor', 'finance', 'clo_reviewer']),
} as const;
export type Name = keyof typeof PEOPLE;
export const NAMES = Object.keys(PEOPLE) as Name[];

/** A bench of this service where everybody is registered; both operators are active and have their people. */
export type Town = Bench;

export async function openTown(authorityMaxAgeMs?: number): Promise<Town> {
  const bench = await openBench(service, undefined, authorityMaxAgeMs);
  for (const source of Object.keys(service.follows)) await bench.hear(source);
  const { governor, secondGovernor, holder, executor, operatorGovernor, member, helper, rival } = PEOPLE;
  for (const name of NAMES) await bench.mutate(PEOPLE[name], 'registerIdentity', { displayName: `Called ${name}` });
  for (const [slug, by, surfaces] of [
    ['crew', holder, ['municipal', 'freight']],
    ['rivals', rival, ['municipal']],
  ] as const) {
    const named = { slug, name: `The ${slug} of the town`, type: 'ORGANIZATION', surfaces };
    await bench.mutate(governor, 'onboardOperator', { ...named, holderIdentityId: by.identityId });
    await bench.mutate(secondGovernor, 'activateOperator', { slug });
    const delegate = ({ identityId }: { readonly identityId: string }, power: string) =>
      bench.mutate(by, 'delegate', { operator: slug, identityId, power });
    await delegate(helper, 'EXECUTE');
    if (slug === 'rivals') continue;
    await delegate(executor, 'EXECUTE');
    await delegate(operatorGovernor, 'GOVERN');
    await bench.mutate(holder, 'addWorkspaceMember', { operator: slug, identityId: member.identityId });
  }
  return bench;
}
