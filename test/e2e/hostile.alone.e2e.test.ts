import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import { ATTACKS } from '../hostile/attacks/index.ts';
import { describeFindings } from '../hostile/findings.ts';
import { runHostile } from '../hostile/run.ts';

const SEED = 20_260;

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem({ env: { QTM_LOG_LEVEL: 'info' } });
});
afterAll(() => system?.stop());

test('hostile input: no fault, no row of another’s, no write without a journal row, nothing in the logs', async () => {
  const lines: string[] = [];
  const result = await runHostile({
    system,
    sign: system.stack.issuer.sign,
    publicJwk: await system.stack.issuer.publicJwk(),
    run: 'h1',
    seed: SEED,
    attacks: ATTACKS,
    roundMs: 45_000,
    minimumMs: 0,
    log: (line) => lines.push(line),
  });
  process.stdout.write(`${lines.join('\n')}\n${JSON.stringify({ ...result, findings: result.findings.length })}\n`);
  expect(result.findings, describeFindings(result.findings)).toEqual([]);
});
