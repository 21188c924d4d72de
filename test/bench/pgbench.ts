import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type pg from 'pg';
import { SESSION_OPTIONS } from '../../infra/service-kit/src/database/pool.ts';
import type { Sent } from './recorder.ts';

/** True where this machine has the program. */
export const hasPgbench = () => spawnSync('pgbench', ['--version']).status === 0;

/** What pgbench says of a run. */
export interface PgbenchResult {
  readonly perSecond: number;
  readonly latencyMs: number;
}

interface Pgbench {
  /** As the superuser, in the service's database. */
  readonly db: pg.Client;
  /** Address of that database, as the role that sent the statements. */
  readonly url: string;
  readonly clients: number;
  /** Where its script is put. */
  readonly file: string;
}

/**
 * Sends transactions that were recorded once more, as prepared statements in the same flights, each with the values of another
 * recording: every flight is one pipeline. The values come from a table, by one statement more.
 * @param flights the numbers of the statements of each flight
 * @throws Error where the recordings differ in more than their values
 */
export async function pgbench(
  { db, url, clients, file }: Pgbench,
  recorded: readonly (readonly Sent[])[],
  flights: readonly (readonly number[])[],
): Promise<PgbenchResult> {
  const [first = []] = recorded;
  const alike = recorded.filter((one) => one.every(({ text }, index) => text === first[index]?.text));
  if (alike.length < recorded.length) throw new Error(`${recorded.length - alike.length} recordings have other texts`);
  const values = alike.map((sent) => sent.flatMap((one) => one.values.map(asText)));
  const absent = (place: number) => values.every((row) => row[place] === null);
  await keepValues(db, new URL(url).username, values);
  writeFileSync(file, scriptOf(first, flights, absent));
  const each = Math.floor(alike.length / clients);
  const address = `${url}?options=${encodeURIComponent(SESSION_OPTIONS)}`;
  const args = ['-n', '-M', 'prepared', '-c', clients, '-j', 2, '-t', each, '-f', file, address].map(String);
  const output = await run('pgbench', args);
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? Number.NaN);
  if (!output.includes(`${clients * each}/${clients * each}`))
    throw new Error(`pgbench did not do all of it:\n${output}`);
  return { perSecond: number(/tps = ([\d.]+)/), latencyMs: number(/latency average = ([\d.]+)/) };
}

/** A value as the server reads it, whatever its type. */
function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return `{${value.map((one) => `"${String(one).replaceAll(/["\\]/g, '\\$&')}"`).join()}}`;
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

async function keepValues(db: pg.Client, role: string, rows: readonly (readonly (string | null)[])[]): Promise<void> {
  const columns = (rows[0] ?? []).map((_, place) => `p${place}`);
  await db.query(`create sequence bench.turn;
    create table bench.recorded (n bigint primary key, ${columns.map((name) => `${name} text`).join(', ')});
    grant usage on schema bench to ${role}; grant usage on sequence bench.turn to ${role};
    grant select on bench.recorded to ${role}`);
  const objects = rows.map((row, index) => ({
    n: index + 1,
    ...Object.fromEntries(row.map((value, place) => [`p${place}`, value])),
  }));
  await db.query(
    'insert into bench.recorded select r.* from json_array_elements($1::json) as one, json_populate_record(null::bench.recorded, one) as r',
    [JSON.stringify(objects)],
  );
  await db.query('vacuum (analyze) bench.recorded');
}

const NEXT = `select recorded.* from (select nextval('bench.turn') as n offset 0) as turn join bench.recorded using (n) \\gset`;

function scriptOf(
  sent: readonly Sent[],
  flights: readonly (readonly number[])[],
  absent: (place: number) => boolean,
): string {
  const lines = [NEXT];
  for (const flight of flights) {
    lines.push('\\startpipeline');
    for (const number of flight) {
      const before = sent.slice(0, number).reduce((sum, { values }) => sum + values.length, 0);
      lines.push(`${templateOf(sent[number] as Sent, before, absent)};`);
    }
    lines.push('\\endpipeline');
  }
  return `${lines.join('\n')}\n`;
}

/** The statement with pgbench's names for its values; a colon within quotes would be taken for one. */
function templateOf({ text }: Sent, before: number, absent: (place: number) => boolean): string {
  const literals = text.replaceAll(/'[^']*'/g, (literal) =>
    literal.includes(':') ? `U&${literal.replaceAll(':', '\\003A')}` : literal,
  );
  return literals.replaceAll(/\$(\d+)/g, (_, number: string) => {
    const place = before + Number(number) - 1;
    return absent(place) ? 'null' : `:p${place}`;
  });
}

function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${program} ended with ${code}:\n${output}`)),
    );
  });
}
