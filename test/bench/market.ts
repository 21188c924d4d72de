import { DEVELOPMENT_ISSUER, waitFor } from '@qtm/local';
import { identityId } from '@qtm/service-kit/process';
import pg from 'pg';
import { Client, Memory } from '../../infra/scripts/replay/client.ts';
import { Latencies } from '../../infra/scripts/replay/latencies.ts';
import { type Principal, principal } from '../../infra/scripts/replay/principals.ts';
import { proved } from '../chaos/load/proved.ts';
import type { World } from './world.ts';

export interface Trader {
  readonly principal: Principal;
  readonly identityId: string;
}

/** An operator, and who holds it. */
export interface Holding {
  readonly slug: string;
  readonly holder: Trader;
}

/** Operators that change hands, and between whom. */
export interface Market {
  /** Those of which no transfer is under way, the one that waited longest first. */
  readonly idle: Holding[];
  readonly traders: readonly Trader[];
  readonly superAdmins: readonly [Principal, ...Principal[]];
}

/** Where a market can be held. */
type Place = Pick<World, 'system' | 'key' | 'people'>;

const TRADERS = 50;
const AT_A_TIME = 8;
const HEARD_TIMEOUT_MS = 120_000;

/** Registers everybody, onboards so many operators, and waits until the register has heard of all of it. */
export async function openMarket({ system, key, people }: Place, operators: number, admins = 1): Promise<Market> {
  const client = new Client(system.endpoint, new Latencies());
  const memory = new Memory();
  const enter = async (who: Principal) => {
    const input = { idempotencyKey: `bench:${who.subject}` };
    await client.mutate(who, memory, 'registerIdentity', 'identity { id }', input);
  };
  const adminAt = (index: number) => {
    return proved(key, `bench-super-admin-${index}`, `Super admin ${index}`, ['super_admin']);
  };
  const superAdmins: Market['superAdmins'] = [
    adminAt(0),
    ...Array.from({ length: admins - 1 }, (_, i) => adminAt(i + 1)),
  ];
  for (const one of superAdmins) await enter(one);
  const traders = Array.from({ length: TRADERS }, (_, index): Trader => {
    const subject = `bench-trader-${index}`;
    return { principal: principal(key, subject, subject), identityId: identityId(DEVELOPMENT_ISSUER, subject) };
  });
  for (const trader of traders) await enter(trader.principal);
  const idle = Array.from({ length: operators }, (_, index): Holding => {
    return { slug: `bench-traded-${index}`, holder: traders[index % TRADERS] as Trader };
  });
  const waiting = [...idle];
  const onboard = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const { slug, holder } = one;
      const profile = { slug, name: slug, type: 'ORGANIZATION', surfaces: ['municipal'] };
      const input = { idempotencyKey: `bench:${slug}`, ...profile, holderIdentityId: holder.identityId };
      await client.mutate(people.governor, new Memory(memory.tokens), 'onboardOperator', 'operator { slug }', input);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, onboard));
  await heard(system, operators, TRADERS + admins);
  return { idle, traders, superAdmins };
}

const HEARD = `select (select count(*)::integer from register_entry where object_id like 'bench-%') as entries,
  (select count(*)::integer from foreign_aggregate where type = 'operator' and id like 'bench-%') as operators,
  (select count(*)::integer from foreign_aggregate where type = 'identity') as identities`;

async function heard({ databases }: World['system'], operators: number, people: number): Promise<void> {
  const db = new pg.Client({ connectionString: databases.get('transfer')?.ownerUrl, application_name: 'bench' });
  await db.connect();
  const all = async () => {
    const [row] = (await db.query<{ entries: number; operators: number; identities: number }>(HEARD)).rows;
    const complete = row?.entries === operators && row.operators === operators && row.identities >= people;
    return complete ? true : undefined;
  };
  try {
    await waitFor(all, { timeoutMs: HEARD_TIMEOUT_MS, what: `the register has heard of ${operators} operators` });
  } finally {
    await db.end();
  }
}
