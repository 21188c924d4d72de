import { describe, expect, test } from 'vitest';
import { acknowledgedOnce } from './acknowledged.ts';
import { actOf, rowOf } from './planted/sound.ts';

const refused = { kind: 'refused', code: 'WRONG_STATE', currentState: 'CLAIMED' } as const;
const lost = [
  { sentMs: 0, endedMs: 1, dark: true },
  { sentMs: 2, endedMs: 3, dark: false },
];

test('a command that is in the journal once, with everything it changed', () => {
  const rows = [rowOf(), rowOf({ eventId: 'event-2', aggregateType: 'intake', aggregateId: 'intake-1' })];
  expect(acknowledgedOnce([actOf()], rows)).toMatchObject({ checked: 1, findings: [] });
});

test('consequences and what services do of themselves belong to no command', () => {
  expect(acknowledgedOnce([], [rowOf({ commanded: false })]).findings).toEqual([]);
});

describe('after an answer was lost', () => {
  test.each([
    ['it may have been made', [rowOf()]],
    ['or not', []],
  ])('%s', (_, rows) => {
    for (const outcome of [refused, { kind: 'undecided' } as const]) {
      expect(acknowledgedOnce([actOf({ attempts: lost, outcome })], rows).findings).toEqual([]);
    }
  });
});

describe('finds', () => {
  test.each([
    ['a command that was acknowledged and is lost', [actOf()], [], 'it was acknowledged and is in no journal'],
    ['one that was made twice', [actOf()], [rowOf(), rowOf({ transactionId: 'transaction-2' })], 'it was made 2 times'],
    [
      'one that was refused and made',
      [actOf({ outcome: refused })],
      [rowOf()],
      'answered WRONG_STATE and is in the journal',
    ],
    ['another transition', [actOf()], [rowOf({ transition: 'job.release' })], 'the journal says job.release by ann'],
    ['another actor', [actOf()], [rowOf({ actorId: 'bob' })], 'the journal says job.claim by bob'],
    ['another subject', [actOf()], [rowOf({ aggregateId: 'job-2' })], 'the journal names another subject'],
    ['what nobody asked for', [], [rowOf()], 'nobody asked for it'],
  ])('%s', (_, acts, rows, finding) => {
    const { findings } = acknowledgedOnce(acts, rows);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toContain(finding);
  });
});
