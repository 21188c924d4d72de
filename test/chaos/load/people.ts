import type { SigningKey } from '@qtm/local';
import { DEVELOPMENT_ISSUER } from '@qtm/local';
import { identityId } from '@qtm/service-kit/process';
import { Memory } from '../../../infra/scripts/replay/client.ts';
import { principal } from '../../../infra/scripts/replay/principals.ts';
import type { Client, Person } from './client.ts';
import type { CommandName } from './commands.ts';

/** Who claims for one operator: its holder and those who may execute for it. */
export interface Crew {
  readonly operator: string;
  readonly claimants: readonly [Person, ...Person[]];
}

export interface Town {
  readonly governor: Person;
  readonly requester: Person;
  readonly crews: readonly Crew[];
  /** What everybody has seen when the load begins. */
  readonly tokens: string | undefined;
}

const CREWS = 4;
const DELEGATES = 2;

/**
 * Registers everybody whom the load needs, and activates their operators.
 * @throws Error where one of these commands is not accepted
 */
export async function settle(client: Client, key: SigningKey): Promise<Town> {
  const memory = new Memory();
  const person = (name: string, roles: readonly string[] = []): Person => ({
    principal: principal(key, `chaos-${name}`, name, roles),
    identityId: identityId(DEVELOPMENT_ISSUER, `chaos-${name}`),
  });
  const make = async (as: Person, name: CommandName, input: object) => {
    const decided = await client.act(as, memory, name, input);
    if (decided.kind !== 'accepted') throw new Error(`${name} was not accepted: ${JSON.stringify(decided)}`);
  };
  const governor = person('governor', ['admin_governor']);
  const second = person('second-governor', ['admin_governor']);
  const requester = person('requester', ['requester']);
  const crews = Array.from({ length: CREWS }, (_, index): Crew => {
    const operator = `crew-${index + 1}`;
    const delegates = Array.from({ length: DELEGATES }, (_, number) => person(`${operator}-delegate-${number + 1}`));
    return { operator, claimants: [person(`${operator}-holder`), ...delegates] };
  });
  for (const one of [governor, second, requester, ...crews.flatMap(({ claimants }) => claimants)]) {
    await make(one, 'registerIdentity', {});
  }
  for (const { operator, claimants } of crews) {
    const [holder, ...delegates] = claimants;
    await make(governor, 'onboardOperator', {
      slug: operator,
      name: `Crew ${operator}`,
      type: 'ORGANIZATION',
      surfaces: ['municipal'],
      holderIdentityId: holder.identityId,
    });
    await make(second, 'activateOperator', { slug: operator });
    for (const { identityId } of delegates) {
      await make(holder, 'delegate', { operator, identityId, power: 'EXECUTE' });
    }
  }
  return { governor, requester, crews, tokens: memory.tokens };
}
