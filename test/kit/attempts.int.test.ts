import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordExcess } from '../../infra/service-kit/src/command/attempt.ts';
import { AttemptCap } from '../../infra/service-kit/src/command/attempt-cap.ts';
import { AttemptCounter } from '../../infra/service-kit/src/command/attempt-counter.ts';
import { runCommand } from '../../infra/service-kit/src/command/run.ts';
import { createPool, type Pool } from '../../infra/service-kit/src/database/pool.ts';
import type { Bench } from '../harness/bench.ts';
import { loadService } from '../harness/services.ts';
import { sessionOf } from '../harness/sessions.ts';
import { openTown } from './town.ts';

const CAP = 5;
const AT_ONCE = 200;

let town: Bench;
beforeAll(async () => {
  town = await openTown(5);
});
afterAll(() => town?.stop());

type Replica = Bench['chassis'];

/** The service as one more process of it: it counts by itself. */
function replica(): Replica {
  return { ...town.chassis, attempts: new AttemptCap(CAP) };
}

/** Tries what this session may not, so many times at once, at these replicas in turn. */
async function deny(session: Session, times: number, ...replicas: readonly Replica[]): Promise<void> {
  const command = (await loadService('jobs')).commands.find(({ transition }) => transition === 'request.submit');
  if (command === undefined) throw new Error('no command submits');
  const tries = Array.from({ length: times }, (_, index) =>
    runCommand(replicas[index % replicas.length] as Replica, command, { idempotencyKey: `${index}` } as never, {
      session,
      pool: town.pool,
      trace: { correlationId: 'c', traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` },
      upToDate: true,
      wrote: () => undefined,
    }),
  );
  const answers = await Promise.allSettled(tries);
  expect(answers.every(({ status }) => status === 'rejected')).toBe(true);
}

/** What the journal says of a principal's attempts: facts of their own, and counts. */
async function told({ identityId, kind }: Session) {
  const rows = await town.rows(
    `select event_type, payload::json -> 'state' as state from journal
      where actor_id = $1 and actor_kind = $2 and aggregate_type in ('attempt', 'attempt_count') order by occurred_at`,
    [identityId, kind],
  );
  const counts = rows.filter(({ event_type }) => event_type === 'xen.jobs.attempts_counted.v1');
  return { single: rows.length - counts.length, counts: counts.map(({ state }) => state) };
}

const ended = async (chassis: Replica, pool: Pool = town.pool) => new AttemptCounter(chassis, pool).stop();

describe('attempts beyond the cap', () => {
  test(`of ${AT_ONCE} at once are counted, none is lost and none is told twice`, async () => {
    const stranger = sessionOf('many', ['requester']);
    const chassis = replica();
    await deny(stranger, AT_ONCE, chassis);
    await ended(chassis);
    // A minute may end while they are made; then there are two counts.
    const { single, counts } = await told(stranger);
    expect(single).toBe(counts.length * CAP);
    expect(counts.reduce((sum, one) => sum + one.attempts, single)).toBe(AT_ONCE);
    expect(counts[0]).toMatchObject({
      state: 'COUNTED',
      principal_kind: 'HUMAN',
      tried: [{ transition: 'request.submit', clause: 'identity_active' }],
    });
  });

  test('are counted by each replica by itself, and add up', async () => {
    const stranger = sessionOf('at two replicas', ['requester']);
    const replicas = [replica(), replica()];
    await deny(stranger, AT_ONCE, ...replicas);
    for (const one of replicas) await ended(one);
    const { single, counts } = await told(stranger);
    expect(counts.reduce((sum, one) => sum + one.attempts, single)).toBe(AT_ONCE);
  });

  test('of one principal take nothing from another, nor from an agent of the same subject', async () => {
    const chassis = replica();
    const loud = sessionOf('loud', ['requester']);
    const agent = { ...loud, kind: 'AGENT' as const };
    const quiet = sessionOf('quiet', ['requester']);
    await deny(loud, 3 * CAP, chassis);
    await deny(agent, CAP, chassis);
    await deny(quiet, 1, chassis);
    await ended(chassis);
    expect((await told(agent)).single).toBe(CAP);
    expect(await told(quiet)).toEqual({ single: 1, counts: [] });
  });

  test('wait where the database does not take the count, and are then told once', async () => {
    const stranger = sessionOf('patient', ['requester']);
    const chassis = replica();
    await deny(stranger, 3 * CAP, chassis);
    const url = town.urls.appUrl.replace(/:[^:@/]+@/, ':wrong@');
    const noWayIn = createPool({ url, name: 'no way in', size: 1, logger: town.chassis.logger });
    await ended(chassis, noWayIn);
    await noWayIn.end();
    await ended(chassis);
    await ended(chassis);
    const { single, counts } = await told(stranger);
    expect(counts.length).toBeGreaterThan(0);
    expect(counts.reduce((sum, one) => sum + one.attempts, single)).toBe(3 * CAP);
  });

  test('are told once where the answer to the telling was lost', async () => {
    const stranger = sessionOf('unanswered', ['requester']);
    const chassis = replica();
    await deny(stranger, 3 * CAP, chassis);
    const [excess] = chassis.attempts.takeEnded(Number.POSITIVE_INFINITY);
    if (excess === undefined) throw new Error('nothing was counted');
    await recordExcess(chassis, town.pool, excess);
    await recordExcess(chassis, town.pool, excess);
    expect((await told(stranger)).counts).toHaveLength(1);
  });
});

test('the running service may not change or remove counts', async () => {
  for (const change of [
    'update attempt_count set version = 9',
    'delete from attempt_count',
    'truncate attempt_count',
  ]) {
    await expect(town.rows(change)).rejects.toThrow(/permission denied/);
  }
});
