import { expect, test } from 'vitest';
import type { WireAnswer } from '../wire-answer.ts';
import { keyVerdict, versionVerdict } from './keys.ts';

const answer = (payload: object): WireAnswer => {
  return { status: 200, headers: {}, elapsedMs: 1, body: JSON.stringify({ data: { claimJob: payload } }) };
};
const accepted = (id: string) => answer({ job: { id, version: 2 }, refusal: null });
const refused = answer({ job: null, refusal: { code: 'VERSION_CONFLICT' } });

test('one of a key, or the same command answered again, is none to complain of', () => {
  expect(keyVerdict(['a', 'b'], [accepted('1'), refused])).toBeUndefined();
  expect(keyVerdict(['a', 'a'], [accepted('1'), accepted('1')])).toBeUndefined();
});

test('planted faults are found: two inputs under one key, one input that became two things', () => {
  expect(keyVerdict(['a', 'b'], [accepted('1'), accepted('2')])).toMatch(/2 different inputs/);
  expect(keyVerdict(['a', 'a'], [accepted('1'), accepted('2')])).toMatch(/became 2/);
});

test('one of a version, or things added to a row, are none to complain of', () => {
  expect(versionVerdict([accepted('1'), refused])).toBeUndefined();
  expect(versionVerdict([accepted('1'), accepted('2')])).toBeUndefined();
});

test('a planted fault is found: one row changed twice for one version', () => {
  expect(versionVerdict([accepted('1'), refused, accepted('1')])).toMatch(/job 1 was changed twice/);
});
