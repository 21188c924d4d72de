import { readdirSync, readFileSync } from 'node:fs';

/** Numbers of all descendants of a process, as Linux tells; elsewhere none. */
export function familyOf(pid: number): readonly number[] {
  if (process.platform !== 'linux') return [];
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = parentOf(name);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  const waiting = [pid];
  for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
    const own = children.get(one) ?? [];
    found.push(...own);
    waiting.push(...own);
  }
  return found;
}

/** `pid (command) state ppid …`, where the command may hold anything. */
function parentOf(name: string): number | undefined {
  if (!/^\d+$/.test(name)) return undefined;
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
