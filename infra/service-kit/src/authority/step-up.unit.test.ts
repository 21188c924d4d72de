import { describe, expect, test } from 'vitest';
import { DEFAULT_STEP_UP, isSessionFresh, type StepUp } from './step-up.ts';

const NOW = '2026-03-01T12:00:00.000000Z';
const NOW_S = Date.parse(NOW) / 1_000;
const { maxAgeS } = DEFAULT_STEP_UP;

/** Whether a session is fresh that was proved so many seconds ago; of a future one they are negative. */
const proved = (agoS: number, acr: string | null = null, stepUp: StepUp = DEFAULT_STEP_UP, now = NOW) =>
  isSessionFresh({ authTime: NOW_S - agoS, acr }, now, stepUp);

test('five minutes, and any class of authentication, unless settings say otherwise', () => {
  expect(DEFAULT_STEP_UP).toEqual({ maxAgeS: 300, acrValues: [] });
});

describe('a session is fresh', () => {
  test.each([0, 1, maxAgeS - 1, maxAgeS])('that was proved %i s ago', (agoS) => {
    expect(proved(agoS)).toBe(true);
  });

  test.each([-1, -4.999, -5])('whose issuer has a clock that is ahead by as much as %d s', (agoS) => {
    expect(proved(agoS)).toBe(true);
  });

  test.each([1, 60, 86_400])('within a limit of %i s, and not beyond it', (limitS) => {
    const stepUp = { maxAgeS: limitS, acrValues: [] };
    expect(proved(limitS, null, stepUp)).toBe(true);
    expect(proved(limitS + 1, null, stepUp)).toBe(false);
  });
});

describe('a session is not fresh', () => {
  test.each([maxAgeS + 0.001, maxAgeS + 1, maxAgeS + 5, 10 * maxAgeS])('that was proved %d s ago', (agoS) => {
    expect(proved(agoS)).toBe(false);
  });

  test('once the fraction of a second is over in which it still was', () => {
    expect(proved(maxAgeS, null, DEFAULT_STEP_UP, '2026-03-01T12:00:00.001000Z')).toBe(false);
  });

  test.each([-5.001, -6, -3_600, Number.NEGATIVE_INFINITY])('that is said to be proved %d s ago', (agoS) => {
    expect(proved(agoS)).toBe(false);
  });

  test.each([0, -1, Number.NaN])('that says %d of when it was proved, whatever the limit', (authTime) => {
    const stepUp = { maxAgeS: Number.POSITIVE_INFINITY, acrValues: [] };
    expect(isSessionFresh({ authTime, acr: null }, NOW, stepUp)).toBe(false);
  });
});

describe('where classes of authentication are named', () => {
  const stepUp = { maxAgeS, acrValues: ['phr', 'urn:example:two-factors'] };

  test.each(stepUp.acrValues)('%s is accepted, while it is fresh', (acr) => {
    expect(proved(0, acr, stepUp)).toBe(true);
    expect(proved(maxAgeS + 1, acr, stepUp)).toBe(false);
    expect(proved(-6, acr, stepUp)).toBe(false);
  });

  test.each([null, '', 'password', 'PHR', 'phr urn:example:two-factors'])('%j is not', (acr) => {
    expect(proved(0, acr, stepUp)).toBe(false);
  });

  test('where none is named any is accepted, and none', () => {
    for (const acr of [null, '', 'password']) expect(proved(0, acr)).toBe(true);
  });
});
