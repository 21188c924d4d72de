import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { porcupineVerdict } from './porcupine.ts';
import type { Operation } from './search.ts';

const hasGo = spawnSync('go', ['version']).status === 0;
if (!hasGo) process.stdout.write('porcupine is not tried: there is no Go compiler\n');
const claim: Operation = { kind: 'claim', fromMs: 0, toMs: 10, happened: 'done' };

test.runIf(hasGo)('porcupine explains a race, and finds two who hold a job at once', async () => {
  const race: Operation[] = [claim, { ...claim, happened: 'refused', state: 'CLAIMED' }];
  const ghost: Operation[] = [
    claim,
    { ...claim, toMs: Number.POSITIVE_INFINITY, happened: 'maybe' },
    { kind: 'release', fromMs: 11, toMs: 12, happened: 'done' },
    { kind: 'read', fromMs: 20, toMs: 21, happened: 'told', state: 'CLAIMED', version: 4 },
  ];
  const both: Operation[] = [claim, claim];
  const verdict = await porcupineVerdict([
    { of: 'job', id: 'race', operations: race },
    { of: 'job', id: 'ghost', operations: ghost },
    { of: 'job', id: 'both', operations: both },
  ]);
  expect(verdict).toMatchObject({ checked: 3, findings: ['not linearizable: job both'] });
});

test.runIf(hasGo)(
  'porcupine explains a transfer whose proposer was not told, and finds one that ended twice',
  async () => {
    const proposed: Operation = { kind: 'propose', fromMs: 0, toMs: 5, happened: 'done' };
    const accepted: Operation = { kind: 'accept', fromMs: 6, toMs: 9, happened: 'done' };
    const completed: Operation = { kind: 'complete', fromMs: 10, toMs: 12, happened: 'done' };
    const late: Operation = { ...completed, kind: 'cancel', happened: 'refused', state: 'completed' };
    const unheard: Operation = { ...proposed, toMs: Number.POSITIVE_INFINITY, happened: 'maybe' };
    const verdict = await porcupineVerdict([
      { of: 'transfer', id: 'whole', operations: [unheard, accepted, completed, late] },
      { of: 'transfer', id: 'twice', operations: [proposed, accepted, completed, { ...completed, kind: 'complete' }] },
    ]);
    expect(verdict).toMatchObject({ checked: 2, findings: ['not linearizable: transfer twice'] });
  },
);
