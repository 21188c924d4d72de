import { expect, test } from 'vitest';
import { sql } from '../database/statement.ts';
import { aggregate } from '../journal/aggregate.ts';
import { fact, locked, stored } from './fact.ts';
import { loadedFrom, type Run } from './load.ts';

const things = aggregate({ type: 'thing', visibleTo: () => sql`true` });
const CLOCK = '2026-01-05T10:00:00.000000Z';
const BEFORE = '2026-01-05T09:59:59.999999Z';
const AHEAD = '2026-01-05T10:00:00.000001Z';
const FAR_AHEAD = '2026-01-05T11:00:00.000000Z';

const run = {
  chassis: {
    service: 'things',
    principal: { read: () => ({}) },
    freshness: { sources: new Set(['others']), maxAgeMs: 1_000 },
  },
  command: { spec: { aggregate: things } },
  row: { confirm: [] },
  input: { idempotencyKey: 'k' },
  request: { session: {} },
} as unknown as Run;

const row = (id: string, occurredAt: string) => {
  return { id, version: 1, published: { id, state: 'THERE' }, occurred_at: occurredAt, visible: true };
};

/** Loads a subject, a row that is locked with it and one that is only read, each last changed then. */
function loadedWith(subject: string, other: string, onlyRead = BEFORE) {
  return loadedFrom(
    run,
    {
      other: locked(things, 'other'),
      read: stored(things, 'read'),
      missing: locked(things, 'missing'),
      heard: fact(sql`select`, () => 'heard', 'others'),
    },
    {
      row: row('subject', subject),
      freshness: [{ follows: 'others', as_of: BEFORE }],
      answers: [[row('other', other)], [row('read', onlyRead)], [], []],
      now: CLOCK,
    },
  );
}

test.each([
  ['the clock, where everything was before', BEFORE, BEFORE, CLOCK],
  ['when its subject was last changed, where the clock is behind that', AHEAD, BEFORE, AHEAD],
  ['when another locked row was', AHEAD, FAR_AHEAD, FAR_AHEAD],
])('a decision is made at %s', (_, subject, other, now) => {
  expect(loadedWith(subject, other)).toMatchObject({ now, clock: CLOCK });
});

test('a row that is only read does not move it', () => {
  expect(loadedWith(BEFORE, BEFORE, FAR_AHEAD).now).toBe(CLOCK);
});

test('how old what others said is goes by the clock alone', () => {
  const loaded = loadedWith(FAR_AHEAD, BEFORE);
  expect([loaded.now, loaded.values.heard]).toEqual([FAR_AHEAD, 'heard']);
  expect(loaded.touchedStale()).toBeUndefined();
});
