import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, signingKey } from '@qtm/local';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { replay } from '../../infra/scripts/replay/run.ts';
import { readSource } from '../../infra/scripts/replay/source.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import { compareTopics, type Observed, relayed, rowsOf, topicsOf, valuesOf } from '../harness/topics.ts';
import { assembleForTransfers, newCrew, TRANSFER_STATES, transferIn } from '../harness/transfers.ts';

const EXCERPT = join(ROOT, 'test/data/nyc311-excerpt.csv');
const SCHEMA = join(ROOT, 'schema');
/** Shorter ones are found in innocent texts, too. */
const TELLING_LENGTH = 12;

let system: TestSystem;
let observed: Observed;
let folder: string;
/** Every value, by topic. */
let values: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  // What a process says at its loudest is looked at, too; what has expired is found soon.
  system = await startTestSystem({ env: { QTM_LOG_LEVEL: 'debug', QTM_CLOCK_INTERVAL_MS: '100' } });
  observed = { ...system, brokers: system.stack.kafka.brokers };
  folder = join(system.stack.dataDir, 'journals');
  const key = await signingKey(system.stack.dataDir);
  const { rejected } = await replay({ file: EXCERPT, endpoint: system.endpoint, key, concurrency: 16 });
  expect(rejected).toEqual([]);
  const cast = await assembleForTransfers(system);
  for (const state of TRANSFER_STATES) await transferIn(await newCrew(system, cast), state);
  await relayed(observed);
  const topics = [...topicsOf(observed).values()];
  values = new Map(await Promise.all(topics.map(async (topic) => [topic, await valuesOf(observed, topic)] as const)));
});
afterAll(() => system?.stop());

test('every topic holds exactly its journal, in order per aggregate, as a program in another language finds', async () => {
  const { same, output } = await compareTopics(observed, folder);
  process.stdout.write(output);
  expect(same, output).toBe(true);
});

test('a transfer of every end is among them: each event of its life was read from its topic', () => {
  const published = values.get(topicsOf(observed).get('transfer') ?? '') ?? [];
  const types = published.map((value) => JSON.parse(value).event_type);
  for (const state of TRANSFER_STATES) expect(types).toContain(`x1.acquisition.transfer_${state}.v1`);
});

test('that program finds a row that is withheld', async () => {
  const [row] = await rowsOf<{ event_id: string }>(observed, 'jobs', 'select event_id::text from journal limit 1');
  const { same, output } = await compareTopics(observed, folder, row?.event_id);
  expect(same).toBe(false);
  expect(output).toContain(`not in the journal: ${row?.event_id}`);
});

test('every value is as its schema says', async () => {
  const ajv = new Ajv2020({ strict: false });
  addFormatsModule.default(ajv);
  const files = globSync('**/*.v1.json', { cwd: SCHEMA }).filter((file) => !file.includes('record-content'));
  for (const file of files) ajv.addSchema(JSON.parse(readFileSync(join(SCHEMA, file), 'utf8')));
  for (const [service, topic] of topicsOf(observed)) {
    const published = values.get(topic) ?? [];
    expect(published.length).toBeGreaterThan(0);
    for (const value of published) {
      const event = JSON.parse(value);
      const name = event.event_type.split('.').slice(2).join('.');
      const id = [service, 'shared'].map((folder) => `https://qtm.x1/schema/${folder}/events/${name}.json`);
      const validate = id.map((one) => ajv.getSchema(one)).find((found) => found !== undefined);
      expect(validate?.(event), `${event.event_type}: ${ajv.errorsText(validate?.errors)}`).toBe(true);
    }
  }
});

/** Every string within JSON, and within JSON that is a string there: its escapes would hide a text from a search. */
function stringsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value, ...(/^[{[]/.test(value) ? stringsOf(parsed(value)) : [])];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

test('no address and no resolution text stands in a topic, a journal, an idempotency row or a log', async () => {
  const { rows } = await readSource(EXCERPT);
  const personal = new Set(
    rows.flatMap(({ address, resolution }) => [address, resolution]).filter((text) => text.trim()),
  );
  const telling = [...personal].filter((text) => text.length >= TELLING_LENGTH);
  expect(telling.length).toBeGreaterThan(50);
  const texts: string[] = [];
  for (const [service, topic] of topicsOf(observed)) {
    texts.push(...(values.get(topic) ?? []));
    for (const table of ['journal', 'idempotency', 'attempt', 'foreign_aggregate']) {
      const found = await rowsOf<{ row: string }>(observed, service, `select to_jsonb(t)::text as row from ${table} t`);
      texts.push(...found.map(({ row }) => row));
    }
  }
  const stackLogs = join(system.stack.dataDir, 'logs');
  const logs = [
    ...system.processes.map(({ logFile }) => logFile),
    ...readdirSync(stackLogs).map((name) => join(stackLogs, name)),
  ];
  for (const log of logs) texts.push(...readFileSync(log, 'utf8').split('\n').filter(Boolean));
  expect(texts.length).toBeGreaterThan(3_000);
  const leaks = (text: string) =>
    stringsOf(text).some((one) => personal.has(one) || telling.some((words) => one.includes(words)));
  expect(texts.filter(leaks).slice(0, 3)).toEqual([]);
  // The same search does find them where they belong.
  const kept = 'select to_jsonb(t)::text as row from personal_value t';
  const found = await rowsOf<{ row: string }>(observed, 'jobs', kept);
  expect(found.filter(({ row }) => leaks(row)).length).toBeGreaterThan(50);
});
