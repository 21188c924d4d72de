import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import type { Verdict } from './facts.ts';
import type { History } from './search.ts';

const PROGRAM = join(ROOT, 'test/chaos/porcupine');
const INVARIANT = 'histories of claims and of transfers are linearizable, says porcupine';

/**
 * Gives the histories to a checker in another language that shares no code with this one.
 * @returns undefined where there is no Go compiler
 * @throws Error where it does not run
 */
export async function porcupineVerdict(histories: readonly History[]): Promise<Verdict | undefined> {
  const child = spawn('go', ['run', '.'], { cwd: PROGRAM, stdio: ['pipe', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text) => {
      said[name] += text;
    });
  }
  const ended = new Promise<number | undefined>((resolve) => {
    child.once('error', () => resolve(undefined));
    child.once('close', (code) => resolve(code ?? 1));
  });
  child.stdin.on('error', () => undefined);
  // What has no end is written as null.
  child.stdin.end(JSON.stringify(histories));
  const code = await ended;
  if (code === undefined) return undefined;
  const lines = said.stdout.trim().split('\n');
  if (!/^\d+ histories/.test(lines.at(-1) ?? '')) throw new Error(`porcupine did not run: ${said.stderr.trim()}`);
  return { invariant: INVARIANT, checked: histories.length, findings: lines.slice(0, -1) };
}
