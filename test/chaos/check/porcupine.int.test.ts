import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { porcupineVerdict } from './porcupine.ts';
import type { Operation } from './search.ts';

const hasGo = spawnSync('go', ['version']).status === 0;
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
    { jobId: 'race', operations: race },
    { jobId: 'ghost', operations: ghost },
    { jobId: 'both', operations: both },
  ]);
  expect(verdict).toMatchObject({ checked: 3, findings: ['not linearizable: job both'] });
});
