import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../../infra/service-kit/src/command/run.ts';
import type { Bench } from '../harness/bench.ts';
import { loadService } from '../harness/services.ts';
import { sessionOf } from '../harness/sessions.ts';
import { count, openTown, REQUESTER, STRANGER, submit } from './town.ts';

const AT_ONCE = 20;
const POOL_SIZE = 5;

let town: Bench;
beforeAll(async () => {
  town = await openTown(POOL_SIZE);
});
afterAll(() => town?.stop());

describe('a command', () => {
  test('is one transaction: its rows, its facts, its key, or none of them', async () => {
    const { payload } = await submit(town, 'first');
    const { id } = payload.request;
    expect(await count(town, 'journal', `aggregate_id = '${id}'`)).toBe(1);
    expect(await count(town, 'idempotency', "key = 'first' and outcome is not null")).toBe(1);
    const { payload: refused } = await submit(town, 'refused', { surface: 'moon' });
    expect(refused.refusal.code).toBe('SURFACE_UNKNOWN');
    expect(await count(town, 'idempotency', "key = 'refused'")).toBe(0);
  });

  test('under a key that was used answers the same and writes nothing', async () => {
    const first = await submit(town, 'again');
    const before = await count(town, 'journal');
    expect((await submit(town, 'again')).payload).toEqual(first.payload);
    expect(await count(town, 'journal')).toBe(before);
  });

  test('with another input under the same key is refused', async () => {
    await submit(town, 'taken');
    const { payload } = await submit(town, 'taken', { what: 'Something else' });
    expect(payload.refusal.code).toBe('IDEMPOTENCY_CONFLICT');
  });

  test(`sent ${AT_ONCE} times at once on ${POOL_SIZE} connections is made once, and every sender is answered`, async () => {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => submit(town, 'at-once')));
    expect(new Set(answers.map(({ payload }) => payload.request.id)).size).toBe(1);
    expect(await count(town, 'idempotency', "key = 'at-once'")).toBe(1);
  });

  test('by somebody who may not is an attempt, and says which clause stands in the way', async () => {
    const { error } = await submit(town, 'denied', {}, STRANGER);
    expect(error?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      transition: 'request.submit',
      clause: 'identity_active',
    });
    const [row] = await town.rows('select published from attempt where published ->> $1 = $2', [
      'transition',
      'request.submit',
    ]);
    expect(row?.published).toMatchObject({ clause: 'identity_active', principal_kind: 'HUMAN' });
    expect(await count(town, 'journal', "aggregate_type = 'attempt'")).toBe(1);
  });

  test('by an agent ends at the kind of principal, whatever else holds', async () => {
    const agent = { ...REQUESTER, kind: 'AGENT' as const };
    const { error } = await submit(town, 'agent', {}, agent);
    expect(error?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'principals' });
  });

  test('of a client that has seen what is not here yet is refused before anything is looked up', async () => {
    const command = (await loadService('jobs')).commands.find(({ transition }) => transition === 'request.submit');
    if (command === undefined) throw new Error('no command');
    const input = { idempotencyKey: 'late', surface: 'municipal' };
    const payload = await runCommand(town.chassis, command, input, {
      session: REQUESTER,
      pool: town.pool,
      trace: { correlationId: 'c', traceparent: 't' },
      upToDate: false,
      wrote: () => undefined,
    });
    expect(payload.refusal?.code).toBe('NOT_YET_VISIBLE');
  });

  test.each([
    ['an empty key', { idempotencyKey: '' }],
    ['a key too long', { idempotencyKey: 'k'.repeat(201) }],
    ['NUL', { what: 'a\0b' }],
    ['half of a surrogate pair', { what: '\ud800' }],
  ])('with %s is refused', async (_, change) => {
    const { payload } = await submit(town, 'form', change);
    expect(payload.refusal.code).toBe('INVALID_INPUT');
  });
});

describe('what rests on a parked key', () => {
  test('is not known, and what is not known denies and says so', async () => {
    const doubtful = sessionOf('doubtful', ['requester']);
    await town.rows(`insert into foreign_aggregate (source, type, id, epoch, version, state, published, published_hash,
      occurred_at, event_id, unknown) select source, type, '${doubtful.identityId}', epoch, version, state, published,
      published_hash, occurred_at, event_id, true from foreign_aggregate where type = 'identity' limit 1`);
    const { payload } = await submit(town, 'doubt', {}, doubtful);
    expect(payload.refusal.code).toBe('AUTHORITY_UNKNOWN');
  });
});

describe('the running service', () => {
  test.each(['journal', 'attempt', 'authority_matrix', 'request', 'actor'])(
    'may not change or remove rows of %s',
    async (table) => {
      for (const change of [`update ${table} set version = 9`, `delete from ${table}`, `truncate ${table}`]) {
        const statement = table === 'journal' ? change.replace('version', 'epoch') : change;
        await expect(town.rows(statement)).rejects.toThrow(/permission denied/);
      }
    },
  );
});
