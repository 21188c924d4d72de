import { describe, expect, test } from 'vitest';
import type { Act } from '../load/acts.ts';
import type { TopicEvent } from './facts.ts';
import { lifecycleKept } from './lifecycle.ts';
import { ACCEPTED, acknowledged, COMPLETED, PROPOSED, REJECTED, TOLD, withChange } from './planted/transferred.ts';

const ACTS = [PROPOSED, ACCEPTED, COMPLETED].map((fact, index) => acknowledged(fact, index, index + 1));
const findingsOf = (events: readonly TopicEvent[], acts: readonly Act[] = ACTS) => lifecycleKept(acts, events).findings;

test('steps of the doctrine, each that was acknowledged once, repeats or not', () => {
  expect(lifecycleKept(ACTS, [...TOLD, ...TOLD])).toMatchObject({ checked: 5, findings: [] });
});

test('what was refused, and what is no transfer, must not be there', () => {
  const refused: Act = { ...acknowledged(REJECTED, 3, 4), trace: 'x', outcome: REFUSED };
  expect(findingsOf(TOLD, [...ACTS, refused, { ...refused, transition: 'job.claim' }])).toEqual([]);
});
const REFUSED = { kind: 'refused', code: 'WRONG_STATE', currentState: 'completed' } as const;

describe('finds', () => {
  test.each<[string, readonly TopicEvent[], string]>([
    [
      'a completion that nobody accepted before',
      withChange({ [ACCEPTED.eventId]: undefined }),
      'transfer t-1: version 3 is transfer_completed, transfer.complete from accepted to completed, behind proposed',
    ],
    [
      'a step that is none of the lifecycle',
      withChange({ [COMPLETED.eventId]: { priorState: 'proposed' } }),
      'transfer t-1: version 3 is transfer_completed, transfer.complete from proposed to completed, behind accepted',
    ],
    [
      'a completed one that goes on',
      [...TOLD, { ...REJECTED, eventId: 'x', aggregateId: 't-1', version: 4, priorState: 'completed' }],
      'transfer t-1: version 4 is transfer_rejected, transfer.reject from completed to rejected, behind completed',
    ],
    [
      'a fact under another name',
      withChange({ [REJECTED.eventId]: { name: 'transfer_canceled' } }),
      'transfer t-2: version 2 is transfer_canceled, transfer.reject from proposed to rejected, behind proposed',
    ],
    [
      'one that begins accepted',
      withChange({ [PROPOSED.eventId]: { newState: 'accepted' } }),
      'transfer t-1: version 1 is transfer_proposed, transfer.propose from null to accepted, behind null',
    ],
    [
      'an acknowledged step that is lost',
      withChange({ [COMPLETED.eventId]: undefined }),
      'transfer t-1: transfer.complete was acknowledged and is 0 times in its history (trace trace of transfer_completed t-1)',
    ],
    [
      'one that was made twice',
      [...TOLD, { ...ACCEPTED, eventId: 'x', aggregateId: 't-3' }],
      'transfer t-1: transfer.accept was acknowledged and is 2 times in its history (trace trace of transfer_accepted t-1)',
    ],
    [
      'one by another than was told',
      withChange({ [ACCEPTED.eventId]: { actorId: 'dora' } }),
      'transfer t-1: transfer.accept by ann is transfer.accept of t-1 by dora (trace trace of transfer_accepted t-1)',
    ],
  ])('%s', (_, events, finding) => {
    expect(findingsOf(events)).toContain(finding);
  });
});
