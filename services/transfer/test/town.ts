import type { Session } from '@qtm/service-kit';
import { type Bench, openBench } from '../../../test/harness/bench.ts';
import { type ForeignFact, foreignFact } from '../../../test/harness/foreign-facts.ts';
import { uniqueName } from '../../../test/harness/names.ts';
import { delegated, memberOf, operatorHeldBy, registered, roleGranted } from '../../../test/harness/people.ts';
import { sessionOf } from '../../../test/harness/sessions.ts';
import { service } from '../src/service.ts';

export const person = (name: string, roles: readonly string[] = []) => sessionOf(name, roles);

/** `holder` holds the operator `crew` and may sell it to `buyer`; three super_admins, so that strict terms can be kept. */
export const PEOPLE = {
  holder: person('holder'),
  buyer: person('buyer'),
  executor: person('executor'),
  member: person('member'),
  rival: person('rival'),
  stranger: person('stranger'),
  superAdmin: person('super-admin', ['super_admin']),
  secondSuperAdmin: person('second-super-admin', ['super_admin']),
  grantedSuperAdmin: person('granted-super-admin'),
  governor: person('governor', ['admin_governor']),
  cloReviewer: person('clo-reviewer', ['clo_reviewer']),
  auditor: person('auditor', ['auditor']),
  executive: person('executive', ['executive']),
} as const;
export const AGENT = sessionOf('omni', ['super_admin'], 'AGENT');
export const SERVICE = sessionOf('machine', ['super_admin'], 'SERVICE');

/** The same session, in which the principal proved a moment ago who they are. */
export const proved = (session: Session): Session => ({ ...session, authTime: Math.floor(Date.now() / 1_000) });

/** An operator that enters the register with this holder. */
export const onboarded = (slug: string, { identityId }: Session, state: object = {}): ForeignFact =>
  foreignFact('operator', 'operator_onboarded', { id: slug, holder_identity_id: identityId, ...state });

/** An ACTIVE operator of `holder`, with somebody who executes for it and a member. */
export const crew = (slug: string): readonly ForeignFact[] => [
  onboarded(slug, PEOPLE.holder),
  operatorHeldBy(slug, PEOPLE.holder),
  delegated(slug, PEOPLE.executor, 'EXECUTE'),
  memberOf(slug, PEOPLE.member),
];

function population(): readonly ForeignFact[] {
  const { rival, grantedSuperAdmin } = PEOPLE;
  return [
    ...[...Object.values(PEOPLE), SERVICE].map(registered),
    ...crew('crew'),
    onboarded('rivals', rival),
    operatorHeldBy('rivals', rival),
    roleGranted(grantedSuperAdmin, 'super_admin'),
  ];
}

/** A bench of this service where everybody is known. */
export interface Town extends Bench {
  /** Another operator like `crew`; gives its slug. */
  newCrew(): Promise<string>;
  /** Proposes that an operator go to somebody, `crew` unless said otherwise; gives the id of the transfer. */
  propose(by: Session, to: Session, further?: object): Promise<string>;
}

export async function openTown(): Promise<Town> {
  const bench = await openBench(service);
  await bench.feed(...population());
  return {
    ...bench,
    async newCrew() {
      const slug = uniqueName('crew-');
      await bench.feed(...crew(slug));
      return slug;
    },
    async propose(by, { identityId: toIdentityId }, further = {}) {
      const input = { objectClass: 'operator', objectId: 'crew', toIdentityId, ...further };
      return (await bench.mutate(by, 'proposeTransfer', input, 'transfer { id }')).transfer.id;
    },
  };
}
