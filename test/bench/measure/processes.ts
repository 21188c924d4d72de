import { readdirSync, readFileSync } from 'node:fs';

/** What a process, with the children it has, has used so far. */
export interface Usage {
  readonly cpuSeconds: number;
  /** Proportional set size: shared pages counted once over those who share them. */
  readonly memoryMiB: number;
}

/** The kernel counts processor time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly parent: number;
  readonly ticks: number;
}

/** Fields 4 and 14 to 17 of /proc/<pid>/stat, counted behind the name, which may hold anything. */
function statOf(pid: number | string): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    return undefined;
  }
}

function memoryOf(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}

/** What each of these processes has used, with its children that are not named themselves; nothing where there is no /proc. */
export function usageOf(pids: ReadonlyMap<string, number>): ReadonlyMap<string, Usage> {
  let all: Map<number, Stat>;
  try {
    const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    all = new Map(numbers.flatMap((name) => ((stat) => (stat ? [[Number(name), stat]] : []))(statOf(name))));
  } catch {
    return new Map();
  }
  const named = new Set(pids.values());
  const usage = new Map<string, Usage>();
  for (const [name, pid] of pids) {
    const children = [...all].filter(([child, { parent }]) => parent === pid && !named.has(child));
    const family = [pid, ...children.map(([child]) => child)];
    const ticks = family.reduce((sum, one) => sum + (all.get(one)?.ticks ?? 0), 0);
    const memoryMiB = family.reduce((sum, one) => sum + memoryOf(one), 0);
    usage.set(name, { cpuSeconds: ticks / TICKS_PER_SECOND, memoryMiB });
  }
  return usage;
}
