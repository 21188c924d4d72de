import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { findJava, JARS_DIR, kafkaJars, ROOT, type System, waitFor } from '@qtm/local';
import { loadNamespaces } from '@qtm/service-kit/topics';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { uniqueName } from './names.ts';

const PROGRAM = join(ROOT, 'test/golden/topics/CompareTopics.java');
const RELAYED_TIMEOUT_MS = 60_000;

/** A system whose topics are looked at from outside. */
export type Observed = Pick<System, 'databases' | 'topicPrefix'> & { readonly brokers: string };

/** The topic of each service. */
export function topicsOf({ databases, topicPrefix }: Observed): ReadonlyMap<string, string> {
  const namespaces = loadNamespaces(join(ROOT, 'schema'), topicPrefix);
  return new Map([...databases.keys()].map((service) => [service, namespaces.get(service)?.topic ?? '']));
}

/** Rows of a service's database, as its owner. */
export async function rowsOf<R>(system: Observed, service: string, statement: string): Promise<readonly R[]> {
  const client = new Client({ connectionString: system.databases.get(service)?.ownerUrl });
  await client.connect();
  try {
    return (await client.query(statement)).rows as R[];
  } finally {
    await client.end();
  }
}

/**
 * Waits until every journal row that is committed now was sent, as the relays tell their slots: a number of messages would not say
 * so, since repeats count, too.
 */
export async function relayed(system: Observed): Promise<void> {
  for (const service of system.databases.keys()) {
    const [now] = await rowsOf<{ lsn: string }>(system, service, 'select pg_current_wal_flush_lsn()::text as lsn');
    const confirmed = `select 1 from pg_replication_slots
      where database = current_database() and confirmed_flush_lsn >= '${now?.lsn}'::pg_lsn`;
    await waitFor(async () => ((await rowsOf(system, service, confirmed)).length > 0 ? true : undefined), {
      timeoutMs: RELAYED_TIMEOUT_MS,
      what: `the relay of ${service} has sent everything up to ${now?.lsn}`,
    });
  }
}

export interface Comparison {
  readonly same: boolean;
  /** What the program wrote: a line per topic, and what it found. */
  readonly output: string;
}

/**
 * Holds every topic against its journal with a program that shares no code with either.
 * @param withhold an event to leave out of the journals that the program is given
 * @throws Error where there is no JDK
 */
export async function compareTopics(system: Observed, folder: string, withhold?: string): Promise<Comparison> {
  const found = await findJava();
  if ('missing' in found) throw new Error(`comparing topics needs a JDK of release 17 or newer: ${found.missing}`);
  const jars = await kafkaJars(JARS_DIR, { log: () => undefined });
  mkdirSync(folder, { recursive: true });
  const pairs: string[] = [];
  for (const [service, topic] of topicsOf(system)) {
    const rows = await rowsOf<{ line: string; event_id: string }>(
      system,
      service,
      `select event_id::text, event_id || ' ' || encode(sha256(convert_to(payload, 'UTF8')), 'hex') as line from journal`,
    );
    const file = join(folder, `${service}.journal`);
    const lines = rows.filter((row) => row.event_id !== withhold).map((row) => `${row.line}\n`);
    writeFileSync(file, lines.join(''));
    pairs.push(`${topic}=${file}`);
  }
  const args = ['-cp', jars.join(delimiter), PROGRAM, system.brokers, ...pairs];
  try {
    const { stdout } = await promisify(execFile)(found.java, args);
    return { same: true, output: stdout };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    if (stdout === '') throw new Error(`the comparison did not run (it needs a JDK): ${stderr}`, { cause: error });
    return { same: false, output: stdout };
  }
}

/** Every value of a topic, in whatever order. */
export async function valuesOf(system: Observed, topic: string): Promise<readonly string[]> {
  const kafka = new Kafka({ brokers: [system.brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const expected = ends.reduce((sum, { high }) => sum + Number(high), 0);
  const values: string[] = [];
  const consumer = kafka.consumer({ groupId: uniqueName('values-'), maxWaitTimeInMs: 100 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        values.push(message.value?.toString('utf8') ?? '');
      },
    });
    const all = () => (values.length >= expected ? true : undefined);
    await waitFor(all, { timeoutMs: RELAYED_TIMEOUT_MS, what: `${expected} messages of ${topic} are read` });
  } finally {
    await consumer.disconnect();
  }
  return values;
}
