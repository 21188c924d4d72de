import { describe, expect, test } from 'vitest';
import { event } from '../domain.ts';
import { type Change, composeEvents, type Provenance } from './envelope.ts';

const PROVENANCE: Provenance = {
  actorId: '7b0a3f4e-1f4e-5b7e-9d7a-0c9b1d2e3f40',
  actorKind: 'HUMAN',
  sessionHash: 'ab',
  authority: 'executes_for',
  matrixVersion: 'm1',
  basis: ['operator/operator/nypd@1.4'],
  correlationId: 'c1',
  causationId: null,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  now: '2026-01-05T10:00:00.123456Z',
};

function claim(occurredAt: string): Change {
  const before = { id: 'j1', state: 'QUEUED' };
  return {
    event: event('job_claimed', 'job', { id: 'j1', state: 'CLAIMED', heldBy: 'nypd' }, { asOperator: 'nypd' }),
    prior: { version: 2, occurredAt, value: before },
    transition: 'job.claim',
  };
}

describe('composeEvents', () => {
  const [composed] = composeEvents({ eventPrefix: 'xen.jobs', epoch: 1 }, PROVENANCE, [
    claim('2026-01-05T09:00:00.000000Z'),
  ]);

  test('the payload is the value, keys in the order of the contract, names as the wire spells them', () => {
    const value = JSON.parse(composed?.row.payload ?? '');
    expect(value).toEqual(composed?.value);
    expect(Object.keys(value).slice(0, 5)).toEqual([
      'event_id',
      'event_type',
      'schema_version',
      'epoch',
      'occurred_at',
    ]);
    expect(value).toMatchObject({
      event_type: 'xen.jobs.job_claimed.v1',
      aggregate_version: 3,
      prior_state: 'QUEUED',
      new_state: 'CLAIMED',
      state: { id: 'j1', state: 'CLAIMED', held_by: 'nypd' },
      data: { as_operator: 'nypd' },
    });
  });

  test('the columns of the row say what the value says', () => {
    const value = composed?.value as Record<string, unknown>;
    for (const [column, content] of Object.entries(composed?.row ?? {})) {
      if (column !== 'payload') expect(value[column], column).toEqual(content);
    }
  });

  test('an aggregate does not go back in time when the clock does', () => {
    const later = '2026-01-05T11:00:00.000000Z';
    const [event_] = composeEvents({ eventPrefix: 'xen.jobs', epoch: 1 }, PROVENANCE, [claim(later)]);
    expect(event_?.row.occurred_at).toBe(later);
  });

  test('facts of one transaction share its id and count themselves', () => {
    const both = composeEvents({ eventPrefix: 'xen.jobs', epoch: 1 }, PROVENANCE, [claim(''), claim('')]);
    expect(both.map(({ row }) => [row.transaction_index, row.transaction_size])).toEqual([
      [0, 2],
      [1, 2],
    ]);
    expect(new Set(both.map(({ row }) => row.transaction_id)).size).toBe(1);
    expect(new Set(both.map(({ row }) => row.event_id)).size).toBe(2);
  });
});
