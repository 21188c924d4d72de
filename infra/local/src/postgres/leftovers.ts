import { readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../wait.ts';

const PATIENCE_MS = 5_000;

/**
 * Makes a data folder free for a new server after the old one was killed: its children may still work on a statement, and its pid
 * file names a number that may have gone to anybody by now. Only Linux tells who works in a folder; elsewhere it is left to
 * PostgreSQL to judge. The caller holds the claim on the folder, so no server of another start can be meant.
 */
export async function clearLeftovers(data: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const gone = () => (serversIn(data).length === 0 ? true : undefined);
  const wait = () => waitFor(gone, { timeoutMs: PATIENCE_MS, what: `nobody works in ${data}` });
  try {
    await wait();
  } catch {
    for (const pid of serversIn(data)) killed(pid);
    await wait();
  }
  rmSync(join(data, 'postmaster.pid'), { force: true });
}

/** Numbers of the PostgreSQL processes whose working folder this is, as it is of every process of a server. */
function serversIn(data: string): readonly number[] {
  const folder = realpathSync(data);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => linkOf(pid, 'cwd') === folder && linkOf(pid, 'exe')?.endsWith('/postgres')).map(Number);
}

function linkOf(pid: string, name: 'cwd' | 'exe'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    // It has ended, or is not ours to look at.
    return undefined;
  }
}

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
