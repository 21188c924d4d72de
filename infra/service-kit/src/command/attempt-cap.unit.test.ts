import { describe, expect, test } from 'vitest';
import { AttemptCap } from './attempt-cap.ts';

const MINUTE_MS = 60_000;
const DENIAL = { identityId: 'a', kind: 'HUMAN', transition: 'job.claim', clause: 'executes_for' } as const;

describe('the cap on attempts', () => {
  test('lets so many through and counts the rest, by what was tried', () => {
    const cap = new AttemptCap(2);
    const other = { ...DENIAL, transition: 'job.start' };
    expect([DENIAL, DENIAL, DENIAL, other, DENIAL].map((denial) => cap.admits(denial, 1))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(cap.takeEnded(MINUTE_MS - 1)).toEqual([]);
    expect(cap.takeEnded(MINUTE_MS)).toEqual([
      {
        id: expect.any(String),
        identityId: 'a',
        kind: 'HUMAN',
        minuteMs: 0,
        attempts: 3,
        tried: [
          { transition: 'job.claim', clause: 'executes_for', attempts: 2 },
          { transition: 'job.start', clause: 'executes_for', attempts: 1 },
        ],
      },
    ]);
    expect(cap.takeEnded(MINUTE_MS)).toEqual([]);
  });

  test('is each principal’s own, and an agent is another principal than whom it speaks for', () => {
    const cap = new AttemptCap(1);
    expect(cap.admits(DENIAL, 0)).toBe(true);
    expect(cap.admits({ ...DENIAL, kind: 'AGENT' }, 0)).toBe(true);
    expect(cap.admits({ ...DENIAL, identityId: 'b' }, 0)).toBe(true);
    expect(cap.admits(DENIAL, 0)).toBe(false);
  });

  test('begins anew with each minute, and loses none of the one before', () => {
    const cap = new AttemptCap(1);
    for (const nowMs of [0, 1, MINUTE_MS, MINUTE_MS + 1, 2 * MINUTE_MS]) cap.admits(DENIAL, nowMs);
    const ended = cap.takeEnded(2 * MINUTE_MS);
    expect(ended.map(({ minuteMs, attempts }) => [minuteMs, attempts])).toEqual([
      [0, 1],
      [MINUTE_MS, 1],
    ]);
  });

  test('gives away the open minute where the process ends, and takes back what could not be written', () => {
    const cap = new AttemptCap(0);
    cap.admits(DENIAL, 0);
    const open = cap.takeEnded(Number.POSITIVE_INFINITY);
    expect(open).toHaveLength(1);
    cap.giveBack(open);
    expect(cap.takeEnded(0)).toEqual(open);
  });
});
