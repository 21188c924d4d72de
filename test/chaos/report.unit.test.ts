import { expect, test } from 'vitest';
import { ActLog } from './load/acts.ts';
import { findingsOf, type Outcome, report } from './report.ts';

function outcome(change: Partial<Outcome> = {}): Outcome {
  const blow = { kind: 'kill -9', target: 'jobs', detail: undefined, readySeconds: 2, lagSeconds: 8.25 };
  return {
    campaign: { blows: [blow, { ...blow, target: 'kafka' }], calm: { accepted: 600, seconds: 10 }, findings: [] },
    log: new ActLog(),
    verdicts: [{ invariant: 'every copy equals its source', checked: 7, findings: [] }],
    ...change,
  };
}

test('a sound run has no findings, and tells how often what happened and how long it took', () => {
  const sound = outcome();
  expect(findingsOf(sound, 50)).toEqual([]);
  const text = report(sound, []);
  expect(text).toMatch(/^kill -9 +2 +2 +2 +2 +8\.3 +8\.3 +0$/m);
  expect(text).toMatch(/^all +2$/m);
  expect(text).toContain('60.0/s between faults');
  expect(text).toContain('holds  every copy equals its source (7)');
  expect(text).toContain('no findings');
});

test('what must not be is a finding, wherever it shows', () => {
  const log = new ActLog();
  log.passed('INTERNAL');
  log.astray.push('startJob was refused');
  const { campaign } = outcome();
  const broken = outcome({
    campaign: { ...campaign, calm: { accepted: 100, seconds: 10 }, findings: ['jobs ended by itself'] },
    log,
    verdicts: [{ invariant: 'every copy equals its source', checked: 7, findings: ['one is missing'] }],
  });
  const findings = findingsOf(broken, 50);
  expect(findings).toEqual([
    'jobs ended by itself',
    '10.0 commands/s between faults, fewer than 50',
    '1 answers were INTERNAL: faults that nobody foresaw',
    'a walk went astray: startJob was refused',
    'every copy equals its source: one is missing',
  ]);
  expect(report(broken, findings)).toContain('BROKEN  every copy equals its source (7)');
});
