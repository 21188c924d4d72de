import { describe, expect, test } from 'vitest';
import type { Act } from '../load/acts.ts';
import type { TopicEvent } from './facts.ts';
import { oneActive } from './mutex.ts';
import { acknowledged, COMPLETED, OFFERED, PROPOSED, REJECTED, TOLD, withChange } from './planted/transferred.ts';

const stateOf = ({ state }: TopicEvent, change: object) => ({ state: { ...state, ...change } });
const findingsOf = (events: readonly TopicEvent[], acts: readonly Act[] = []) => oneActive(acts, events).findings;

test('one after the other, the last may be active', () => {
  const acts = [acknowledged(PROPOSED, 0, 1), acknowledged(COMPLETED, 5, 6), acknowledged(OFFERED, 7, 8)];
  expect(oneActive(acts, TOLD)).toMatchObject({ checked: 2, findings: [] });
  expect(findingsOf(withChange({ [REJECTED.eventId]: undefined }), acts)).toEqual([]);
});

test('what is asked for while another may have ended is no contradiction', () => {
  const refused = { kind: 'refused', code: 'WRONG_STATE', currentState: 'proposed' } as const;
  const lost: Act = {
    ...acknowledged(COMPLETED, 0, 9),
    attempts: [{ sentMs: 5, endedMs: 6, dark: true }],
    outcome: refused,
  };
  expect(findingsOf(TOLD, [acknowledged(PROPOSED, 0, 4), lost, acknowledged(OFFERED, 6, 7)])).toEqual([]);
});

describe('finds in what topics tell', () => {
  test.each<[string, readonly TopicEvent[], string]>([
    [
      'a proposal before the one before had ended',
      withChange({ [REJECTED.eventId]: stateOf(REJECTED, { proposed_at: '10:04' }) }),
      'operator:crew: transfer t-2 was proposed at 10:04, t-1 ended 10:05',
    ],
    [
      'a proposal beside one that never ended',
      withChange({
        [COMPLETED.eventId]: undefined,
        [REJECTED.eventId]: stateOf(REJECTED, { from_register_version: 1 }),
      }),
      'operator:crew: transfer t-2 was proposed at 10:06, t-1 ended never',
    ],
    [
      'a proposal on a version that had passed',
      withChange({ [REJECTED.eventId]: stateOf(REJECTED, { from_register_version: 1 }) }),
      'operator:crew: transfer t-2 was proposed on version 1, it stood at 2',
    ],
    [
      'one on a version that was never made',
      withChange({ [REJECTED.eventId]: stateOf(REJECTED, { from_register_version: 3 }) }),
      'operator:crew: transfer t-2 was proposed on version 3, it stood at 2',
    ],
  ])('%s', (_, events, finding) => {
    expect(findingsOf(events)).toEqual([finding]);
  });
});

describe('finds in what clients were told', () => {
  test.each<[string, readonly Act[]]>([
    ['two acknowledged proposals, neither ended', [acknowledged(PROPOSED, 0, 1), acknowledged(OFFERED, 2, 3)]],
    [
      'an end that was asked for after the second proposal was acknowledged',
      [acknowledged(PROPOSED, 0, 1), acknowledged(OFFERED, 2, 3), acknowledged(COMPLETED, 4, 5)],
    ],
  ])('%s', (_, acts) => {
    expect(findingsOf(TOLD, acts)).toEqual(['operator:crew: t-1 and t-2 were active together']);
  });
});
