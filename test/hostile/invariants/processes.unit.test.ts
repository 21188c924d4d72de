import { expect, test } from 'vitest';
import { MAX_RESIDENT_BYTES, type Vitals, vitalProblems, vitalsOf } from './processes.ts';

const well: Vitals = { name: 'jobs', pid: 7, ready: true, reasons: '', residentBytes: 1 };
const found = (change: Partial<Vitals>) =>
  vitalProblems(well, { ...well, ...change }).map(({ invariant }) => invariant);

test('a process that lives, is ready and takes little is none to complain of', () => {
  expect(found({})).toEqual([]);
});

test('planted faults are found: one that ended, one that was started again, one that is not ready, one that grew', () => {
  expect(found({ pid: undefined })).toEqual(['processes live']);
  expect(found({ pid: 8 })).toEqual(['processes live']);
  expect(found({ ready: false, reasons: 'drains' })).toEqual(['processes are ready']);
  expect(found({ residentBytes: MAX_RESIDENT_BYTES + 1 })).toEqual(['memory is bounded']);
});

test('one that does not answer is not ready, and says why', async () => {
  const vitals = await vitalsOf({ name: 'jobs', url: 'http://127.0.0.1:1', pid: 7 });
  expect(vitals).toMatchObject({ ready: false, reasons: expect.stringMatching(/./) });
});
