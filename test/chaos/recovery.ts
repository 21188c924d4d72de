import { waitFor } from '@qtm/local';
import type { Admin } from 'kafkajs';
import { Client } from 'pg';
import { loadService } from '../harness/services.ts';
import { topicsOf } from '../harness/topics.ts';
import type { Scene } from './scene.ts';
import { endOffsets, kafkaOf, type Offsets } from './topics/read.ts';

/** How long the system took after a fault had ended, in seconds. */
export interface Recovery {
  /** Until every process was ready. */
  readonly readySeconds: number;
  /** Until everything that was committed when the fault ended had been published, and applied by everybody who follows it. */
  readonly lagSeconds: number;
}

/** Sees from outside when a system has recovered. */
export interface Watch {
  /** @throws Error naming what did not recover within the time */
  recovered(timeoutMs: number): Promise<Recovery>;
  close(): Promise<void>;
}

const LOOK_MS = 100;
const CONNECT_TIMEOUT_MS = 2_000;

export async function openWatch(scene: Scene): Promise<Watch> {
  const { system, stack } = scene;
  const kafka = kafkaOf(stack.kafka.brokers);
  const topics = topicsOf({ ...system, brokers: stack.kafka.brokers });
  const followed = new Map<string, readonly string[]>();
  for (const service of system.databases.keys()) {
    const { follows } = await loadService(service);
    followed.set(
      service,
      Object.keys(follows).map((source) => topics.get(source) ?? ''),
    );
  }
  const desk = new Desk(stack.postgres.adminUrl, system.databases);
  const ends = () =>
    withAdmin(kafka.admin(), async (admin) => {
      return new Map(
        await Promise.all([...topics.values()].map(async (topic) => [topic, await endOffsets(admin, topic)] as const)),
      );
    });
  return {
    async recovered(timeoutMs) {
      const startedMs = performance.now();
      const seconds = () => (performance.now() - startedMs) / 1_000;
      const leftMs = () => Math.max(0, timeoutMs - (performance.now() - startedMs));
      const insist = <T>(what: string, condition: () => Promise<T | undefined>) =>
        waitFor(condition, { timeoutMs: leftMs(), what, everyMs: LOOK_MS });
      const lsn = await insist('PostgreSQL answers', () => desk.position());
      const ready = async () => {
        await Promise.all(system.processes.map((one) => one.ready(leftMs())));
        return seconds();
      };
      const arrived = async () => {
        await insist(`the relays have sent everything up to ${lsn}`, () => desk.published(lsn));
        const due = await insist('Kafka answers', ends);
        for (const [service, sources] of followed) {
          const missing = new Map(sources.map((topic) => [topic, due.get(topic) ?? new Map()]));
          await insist(`${service} has applied what is on its topics`, () => desk.applied(service, missing));
        }
        return seconds();
      };
      const [readySeconds, lagSeconds] = await Promise.all([ready(), arrived()]);
      return { readySeconds, lagSeconds };
    },
    close: () => desk.close(),
  };
}

/** Asks the databases, over connections that are made again where they broke. */
class Desk {
  readonly #adminUrl: string;
  readonly #databases: ReadonlyMap<string, { readonly ownerUrl: string }>;
  readonly #clients = new Map<string, Client>();

  constructor(adminUrl: string, databases: ReadonlyMap<string, { readonly ownerUrl: string }>) {
    this.#adminUrl = adminUrl;
    this.#databases = databases;
  }

  async position(): Promise<string | undefined> {
    const [row] = await this.#rows(this.#adminUrl, 'select pg_current_wal_flush_lsn()::text as lsn');
    return row?.lsn;
  }

  /** True where every relay has told its slot that Kafka has everything up to here. */
  async published(lsn: string): Promise<true | undefined> {
    const names = [...this.#databases.values()].map(({ ownerUrl }) => new URL(ownerUrl).pathname.slice(1));
    const [row] = await this.#rows(
      this.#adminUrl,
      `select count(*)::integer as done from pg_replication_slots
        where database = any($1) and not temporary and confirmed_flush_lsn >= $2::pg_lsn`,
      [names, lsn],
    );
    return row?.done === names.length ? true : undefined;
  }

  async applied(service: string, due: ReadonlyMap<string, Offsets>): Promise<true | undefined> {
    const rows = await this.#rows(
      this.#databases.get(service)?.ownerUrl ?? '',
      'select topic, partition, next_offset::text as next from consumer_position',
    );
    const at = new Map(rows.map(({ topic, partition, next }) => [`${topic}/${partition}`, BigInt(next)]));
    const all = [...due].every(([topic, offsets]) =>
      [...offsets].every(([partition, end]) => (at.get(`${topic}/${partition}`) ?? 0n) >= end),
    );
    return all ? true : undefined;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.end().catch(() => undefined)));
  }

  // biome-ignore lint/suspicious/noExplicitAny: rows are as the statement says
  async #rows(url: string, statement: string, values: readonly unknown[] = []): Promise<any[]> {
    let client = this.#clients.get(url);
    try {
      if (client === undefined) {
        client = new Client({
          connectionString: url,
          connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
          query_timeout: 10_000,
        });
        client.on('error', () => this.#clients.delete(url));
        await client.connect();
        this.#clients.set(url, client);
      }
      return (await client.query(statement, [...values])).rows;
    } catch (error) {
      this.#clients.delete(url);
      client?.end().catch(() => undefined);
      throw error;
    }
  }
}

async function withAdmin<T>(admin: Admin, work: (admin: Admin) => Promise<T>): Promise<T> {
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
