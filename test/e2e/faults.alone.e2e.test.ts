import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAULT_KINDS } from '../chaos/faults/kinds.ts';
import { findingsOf, report } from '../chaos/report.ts';
import { run } from '../chaos/run.ts';
import { openScene, type Scene } from '../chaos/scene.ts';
import { uniqueName } from '../harness/names.ts';

const dataDir = join(ROOT, '.local', 'test', uniqueName('chaos-'));
/** Under this one SIGSTOP and pauses are short, and the service of transfers is killed, loses its slot, and is heard twice. */
const SEED = 13_560;
/** For a machine that does other things beside; the command asks for more. */
const LIMITS = { rate: 1, recoveryLimitS: 90 };

let scene: Scene;
const lines: string[] = [];
const log = (line: string) => void lines.push(line);

beforeAll(async () => {
  scene = await openScene({ dataDir, replicas: 2, log });
});
afterAll(async () => {
  await scene?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test('a fault of every kind under load: nothing is lost, nothing is done twice, and everything is as before', async () => {
  const kinds = FAULT_KINDS.map((kind) => ({ ...kind, weight: 1 }));
  const outcome = await run({
    scene,
    kinds,
    seed: SEED,
    durationMs: Number.POSITIVE_INFINITY,
    faults: kinds.filter((kind) => kind.faults(scene).length > 0).length,
    calmMs: 500,
    recoveryLimitS: LIMITS.recoveryLimitS,
    walkers: 12,
    twice: false,
    log,
  });
  const findings = findingsOf(outcome, LIMITS.rate);
  process.stdout.write(`${lines.join('\n')}\n${report(outcome, findings)}\n`);
  expect(findings).toEqual([]);
  for (const { invariant, checked } of outcome.verdicts) expect(checked, invariant).toBeGreaterThan(20);
});
