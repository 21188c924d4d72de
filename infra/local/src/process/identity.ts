import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';

/** A process that is told apart from a later one with the same number by the moment it was born. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly birth: string;
}

/** Who has this number now; undefined where nobody has. */
export function identify(pid: number): ProcessIdentity | undefined {
  const birth = platform() === 'linux' ? birthFromProc(pid) : birthFromPs(pid);
  return birth === undefined ? undefined : { pid, birth };
}

export function isAlive(process: ProcessIdentity): boolean {
  return identify(process.pid)?.birth === process.birth;
}

/** Field 22 of /proc/<pid>/stat: start time in ticks since boot. The second field may itself hold spaces and brackets. */
function birthFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not asked for its exit code yet.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function birthFromPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
