import type { SigningKey } from '@qtm/local';
import { DEVELOPMENT_ISSUER } from '@qtm/local';
import { identityId } from '@qtm/service-kit/process';
import { Memory } from '../../../infra/scripts/replay/client.ts';
import { principal } from '../../../infra/scripts/replay/principals.ts';
import type { Client, Person } from './client.ts';
import type { CommandName } from './commands.ts';
import { proved } from './proved.ts';

/** Who claims for one operator: its holder and those who may execute for it. */
export interface Crew {
  readonly operator: string;
  readonly claimants: readonly [Person, ...Person[]];
}

export interface Town {
  readonly governor: Person;
  readonly requester: Person;
  readonly crews: readonly Crew[];
  /** Operators whose holders change all the time; nobody's jobs are theirs. */
  readonly traded: readonly string[];
  /** Between whom they change. */
  readonly traders: readonly Person[];
  readonly superAdmins: readonly [Person, ...Person[]];
  /** What everybody has seen when the load begins. */
  readonly tokens: string | undefined;
}

const CREWS = 4;
const DELEGATES = 2;
const TRADED = 4;
const TRADERS = 6;
/** Whoever proposes, accepts and completes is somebody else each time, and two race for the completion. */
const SUPER_ADMINS = 4;

/**
 * Registers everybody whom the load needs, and activates their operators.
 * @throws Error where one of these commands is not accepted
 */
export async function settle(client: Client, key: SigningKey): Promise<Town> {
  const memory = new Memory();
  const person = (name: string, roles: readonly string[] = [], enter = principal): Person => ({
    principal: enter(key, `chaos-${name}`, name, roles),
    identityId: identityId(DEVELOPMENT_ISSUER, `chaos-${name}`),
  });
  const make = async (as: Person, name: CommandName, input: object) => {
    const decided = await client.act(as, memory, name, input);
    if (decided.kind !== 'accepted') throw new Error(`${name} was not accepted: ${JSON.stringify(decided)}`);
  };
  const many = <T>(length: number, one: (number: number) => T) => Array.from({ length }, (_, index) => one(index + 1));
  const governor = person('governor', ['admin_governor']);
  const second = person('second-governor', ['admin_governor']);
  const requester = person('requester', ['requester']);
  const crews = many(CREWS, (number): Crew => {
    const operator = `crew-${number}`;
    const delegates = many(DELEGATES, (one) => person(`${operator}-delegate-${one}`));
    return { operator, claimants: [person(`${operator}-holder`), ...delegates] };
  });
  const traded = many(TRADED, (number) => `traded-${number}`);
  const traders = many(TRADERS, (number) => person(`trader-${number}`));
  const superAdmin = (number: number) => person(`super-admin-${number}`, ['super_admin'], proved);
  const superAdmins = [superAdmin(1), ...many(SUPER_ADMINS - 1, (number) => superAdmin(number + 1))] as const;
  const claimants = crews.flatMap((crew) => crew.claimants);
  for (const one of [governor, second, requester, ...claimants, ...traders, ...superAdmins]) {
    await make(one, 'registerIdentity', {});
  }
  const found = async (slug: string, { identityId: holderIdentityId }: Person) => {
    const profile = { slug, name: `Crew ${slug}`, type: 'ORGANIZATION', surfaces: ['municipal'] };
    await make(governor, 'onboardOperator', { ...profile, holderIdentityId });
    await make(second, 'activateOperator', { slug });
  };
  for (const { operator, claimants } of crews) {
    const [holder, ...delegates] = claimants;
    await found(operator, holder);
    for (const { identityId } of delegates) {
      await make(holder, 'delegate', { operator, identityId, power: 'EXECUTE' });
    }
  }
  for (const [index, operator] of traded.entries()) await found(operator, traders[index] as Person);
  return { governor, requester, crews, traded, traders, superAdmins, tokens: memory.tokens };
}
