import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Waiters } from '../../infra/service-kit/src/consistency/waiters.ts';
import { applyDeliveries, releaseKey } from '../../infra/service-kit/src/consumer/apply.ts';
import { Gathering } from '../../infra/service-kit/src/consumer/gathering.ts';
import { positionsOf } from '../../infra/service-kit/src/consumer/position.ts';
import { createPool } from '../../infra/service-kit/src/database/pool.ts';
import type { ReceivedMessage } from '../../infra/service-kit/src/kafka/client.ts';
import type { Bench } from '../harness/bench.ts';
import { type ForeignFact, foreignFact } from '../harness/foreign-facts.ts';
import { count, openTown, submit } from './town.ts';

const WAITERS = 200;
const POOL_SIZE = 5;
const PLACE = { source: 'operator', topic: 'x1.operator.events.v1', partition: 3 };

let town: Bench;
let offset = 0n;
beforeAll(async () => {
  town = await openTown(POOL_SIZE);
});
afterAll(() => town?.stop());

function message(
  event: Pick<ForeignFact['event'], 'aggregate_id'> & Readonly<Record<string, unknown>>,
  change: Partial<ReceivedMessage> = {},
): ReceivedMessage {
  offset += 1n;
  return { offset, key: event.aggregate_id, value: Buffer.from(JSON.stringify(event)), headers: {}, ...change };
}

/** The operator `slug` in one of its versions. */
function operator(slug: string, version: number, state = 'ACTIVE') {
  return foreignFact(
    'operator',
    'operator_activated',
    { id: slug, state },
    { aggregate_version: version, new_state: state },
  ).event;
}

const copyOf = async (slug: string) =>
  (
    await town.rows('select version, state, unknown from foreign_aggregate where type = $1 and id = $2', [
      'operator',
      slug,
    ])
  )[0];

const parked = () => count(town, 'parked_event');

const deliver = (messages: readonly ReceivedMessage[]) => applyDeliveries(town.applier, [{ place: PLACE, messages }]);

describe('deliveries of several partitions', () => {
  const places = [5, 6, 7].map((partition) => ({ ...PLACE, partition }));
  const nextOf = async ({ partition }: typeof PLACE) => (await positionsOf(town.pool, PLACE.topic)).get(partition);
  const transactionsOf = async (...slugs: string[]) => {
    const rows = await town.rows('select distinct xmin::text as xmin from foreign_aggregate where id = any($1)', [
      slugs,
    ]);
    return rows.length;
  };

  test('that come at the same time share a transaction', async () => {
    const heard: unknown[] = [];
    const gathering = new Gathering({
      applier: town.applier,
      concurrency: 1,
      onApplied: (events) => heard.push(events),
    });
    const slugs = places.map(({ partition }) => `crew-at-${partition}`);
    const messages = slugs.map((slug) => message(operator(slug, 1)));
    await Promise.all(
      places.map((place, index) => gathering.apply({ place, messages: messages.slice(index, index + 1) })),
    );
    expect(heard).toHaveLength(1);
    expect(await transactionsOf(...slugs)).toBe(1);
    for (const [index, place] of places.entries()) {
      expect(await nextOf(place)).toBe((messages[index]?.offset ?? 0n) + 1n);
    }
  });

  test('fail alone: only what cannot be read is set aside', async () => {
    const before = await parked();
    const poison = message(operator('crew-bad', 1), { value: Buffer.from('{') });
    const [good, last] = [message(operator('crew-good', 1)), message(operator('crew-last', 1))];
    const [one, two] = places as [typeof PLACE, typeof PLACE];
    await applyDeliveries(town.applier, [
      { place: one, messages: [poison, last] },
      { place: two, messages: [good] },
    ]);
    expect(await copyOf('crew-good')).toMatchObject({ version: 1, unknown: false });
    expect(await copyOf('crew-last')).toMatchObject({ version: 1, unknown: false });
    expect(await parked()).toBe(before + 1);
    expect(await nextOf(one)).toBe(last.offset + 1n);
    expect(await nextOf(two)).toBe(good.offset + 1n);
    await town.rows('delete from parked_event where key = $1', ['crew-bad']);
  });

  test('are told apart where the database is away, and brought again', async () => {
    const pool = createPool({
      url: 'postgres://nobody:wrong@127.0.0.1:1/none',
      name: 'away',
      size: 1,
      logger: town.chassis.logger,
    });
    const gathering = new Gathering({ applier: { ...town.applier, pool }, concurrency: 1, onApplied: () => undefined });
    const brought = places.map((place) => gathering.apply({ place, messages: [message(operator('crew-away', 1))] }));
    for (const outcome of await Promise.allSettled(brought)) expect(outcome.status).toBe('rejected');
    expect(await copyOf('crew-away')).toBeUndefined();
    await pool.end();
  });
});

describe('delivery', () => {
  test('twice and out of order ends in the newest version', async () => {
    const [first, second, third] = [1, 2, 3].map((version) => message(operator('crew-a', version)));
    if (first === undefined || second === undefined || third === undefined) throw new Error('three messages');
    await deliver([first, third, second]);
    expect(await copyOf('crew-a')).toEqual({ version: 3, state: 'ACTIVE', unknown: false });
    await deliver([first, second, third]);
    expect(await copyOf('crew-a')).toEqual({ version: 3, state: 'ACTIVE', unknown: false });
    expect((await positionsOf(town.pool, PLACE.topic)).get(PLACE.partition)).toBe(third.offset + 1n);
  });

  test('of two contents for one version makes the fact unknown, until a newer one comes', async () => {
    await deliver([message(operator('crew-b', 1))]);
    await deliver([message({ ...operator('crew-b', 1), state: { id: 'crew-b', state: 'ACTIVE' } })]);
    expect(await copyOf('crew-b')).toMatchObject({ unknown: true });
    await deliver([message(operator('crew-b', 2))]);
    expect(await copyOf('crew-b')).toMatchObject({ version: 2, unknown: false });
    const [one, other] = [
      operator('crew-b', 3),
      { ...operator('crew-b', 3), state: { id: 'crew-b', state: 'RETIRED' } },
    ];
    await deliver([message(one), message(other), message(one)]);
    expect(await copyOf('crew-b')).toMatchObject({ version: 3, unknown: true });
  });

  test('of what does not concern the service moves the position, once somebody relies on it, and nothing else', async () => {
    const event = operator('crew-c', 1);
    const headers = { ce_type: 'x1.operator.something_else.v1', ce_subject: 'something_else/x' };
    const passed = message(event, { headers });
    expect(await deliver([passed])).toEqual([]);
    await town.applier.passedOver.write(town.pool);
    expect(await copyOf('crew-c')).toBeUndefined();
    expect((await positionsOf(town.pool, PLACE.topic)).get(PLACE.partition)).toBe(passed.offset + 1n);
  });
});

describe('a poisoned message', () => {
  test('is set aside with all later ones of its key, while others go on; released, they apply in order', async () => {
    const poison = message(operator('crew-p', 1), { value: Buffer.from('{"not":"a') });
    await deliver([poison, message(operator('crew-p', 2)), message(operator('crew-q', 1))]);
    await deliver([message(operator('crew-p', 3))]);
    expect(await copyOf('crew-q')).toMatchObject({ version: 1 });
    expect(await copyOf('crew-p')).toBeUndefined();
    expect(await parked()).toBe(3);
    await expect(releaseKey(town.applier, PLACE.source, PLACE.topic, 'crew-p')).rejects.toThrow();
    expect(await parked()).toBe(3);
    await town.rows('delete from parked_event where "offset" = $1', [poison.offset]);
    expect(await releaseKey(town.applier, PLACE.source, PLACE.topic, 'crew-p')).toBe(2);
    expect(await parked()).toBe(0);
    expect(await copyOf('crew-p')).toMatchObject({ version: 3, unknown: false });
  });

  test('leaves its key unknown while anything of it waits, and known once nothing does, even if that says nothing new', async () => {
    const [first, second] = [operator('crew-v', 1), operator('crew-v', 2)];
    await deliver([message(first)]);
    const [poison, newer] = [message(second, { value: null }), message(second)];
    const [another, repeat] = [message(second, { value: Buffer.from('{}') }), message(second)];
    await deliver([poison, newer, another, repeat]);
    await town.rows('delete from parked_event where "offset" = $1', [poison.offset]);
    const release = () => releaseKey(town.applier, PLACE.source, PLACE.topic, 'crew-v');
    await expect(release()).rejects.toThrow(/lacks/);
    expect(await copyOf('crew-v')).toMatchObject({ version: 2, unknown: true });
    await town.rows('delete from parked_event where "offset" = $1', [another.offset]);
    expect(await release()).toBe(1);
    expect(await copyOf('crew-v')).toMatchObject({ version: 2, unknown: false });
  });

  test('of what was never read is not taken for its absence', async () => {
    const headers = { ce_type: 'x1.operator.operator_activated.v1', ce_subject: 'operator/crew-f' };
    await deliver([message(operator('crew-f', 1), { value: null, headers })]);
    expect(await copyOf('crew-f')).toMatchObject({ unknown: true });
    const asked = { service: 'operator', type: 'operator', id: 'crew-f', epoch: 1, version: 1 };
    const { metrics } = town.chassis;
    const waiters = new Waiters({ db: town.pool, follows: town.applier.follows, metrics, maxWaiters: 1 });
    expect(await waiters.wait([asked], 0)).toBe(false);
    await town.rows('delete from parked_event');
    await deliver([message(operator('crew-f', 1), { headers })]);
    expect(await copyOf('crew-f')).toEqual({ version: 1, state: 'ACTIVE', unknown: false });
  });

  test('is released by one of two who ask at once', async () => {
    const poison = message(operator('crew-t', 1), { value: null });
    await deliver([poison, ...[1, 2, 3].map((version) => message(operator('crew-t', version)))]);
    await town.rows('delete from parked_event where "offset" = $1', [poison.offset]);
    const released = await Promise.all([1, 2].map(() => releaseKey(town.applier, PLACE.source, PLACE.topic, 'crew-t')));
    expect(released.reduce((sum, one) => sum + one)).toBe(3);
    expect(await copyOf('crew-t')).toMatchObject({ version: 3, unknown: false });
  });

  test('makes what is known of its key unknown', async () => {
    await deliver([message(operator('crew-u', 1))]);
    await deliver([message(operator('crew-u', 2), { value: null })]);
    expect(await copyOf('crew-u')).toMatchObject({ version: 1, unknown: true });
    await town.rows('delete from parked_event');
  });

  test('is not taken for one where the database is at fault: the same is tried again', async () => {
    const pool = createPool({
      url: town.urls.appUrl.replace(/:[^:@/]+@/, ':wrong@'),
      name: 'no way in',
      size: 1,
      logger: town.chassis.logger,
    });
    const held = message(operator('crew-r', 1));
    await expect(applyDeliveries({ ...town.applier, pool }, [{ place: PLACE, messages: [held] }])).rejects.toThrow(
      /password/,
    );
    expect(await parked()).toBe(0);
    await deliver([held]);
    expect(await copyOf('crew-r')).toMatchObject({ version: 1 });
    await pool.end();
  });
});

describe('requests that wait for facts', () => {
  const waitersOf = (maxWaiters: number) =>
    new Waiters({ db: town.pool, follows: town.applier.follows, metrics: town.chassis.metrics, maxWaiters });
  const seen = (id: string, version: number) => ({ service: 'operator', type: 'operator', id, epoch: 1, version });

  test(`${WAITERS} of them on a pool of ${POOL_SIZE} keep nobody from applying, nor from working`, async () => {
    const waiters = waitersOf(WAITERS);
    const waiting = Array.from({ length: WAITERS }, (_, index) => waiters.wait([seen(`crew-w${index}`, 2)], 20_000));
    expect((await submit(town, 'while-others-wait')).payload.refusal).toBeNull();
    const facts = Array.from({ length: WAITERS }, (_, index) => message(operator(`crew-w${index}`, 2)));
    waiters.heard(await deliver(facts));
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([true]));
  });

  test('are told when their time is over, and at once where too many wait or nothing is followed', async () => {
    const waiters = waitersOf(1);
    const first = waiters.wait([seen('never', 1)], 200);
    expect(await waiters.wait([seen('never', 1)], 10_000)).toBe(false);
    expect(await waiters.wait([{ ...seen('never', 1), service: 'nobody' }], 10_000)).toBe(true);
    expect(await first).toBe(false);
  });

  test('need not have the very version: a newer one, or a newer epoch, does', async () => {
    await deliver([message(operator('crew-n', 5))]);
    expect(await waitersOf(1).wait([seen('crew-n', 4)], 0)).toBe(true);
    expect(await waitersOf(1).wait([{ ...seen('crew-n', 5), epoch: 2 }], 0)).toBe(false);
  });
});
