import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { explainDenied, LocalStackFault } from '../fault.ts';
import { identify, isAlive, type ProcessIdentity } from './identity.ts';

interface Claim extends ProcessIdentity {
  readonly since: string;
}

/**
 * Makes this process the only one that works on a data folder, until `release` or its end: the claim of a process that is no more
 * counts for nothing.
 * @throws LocalStackFault where another process has it, or the folder cannot be written
 */
export function claim(file: string): { release(): void } {
  const mine: Claim = { ...(identify(process.pid) as ProcessIdentity), since: new Date().toISOString() };
  try {
    mkdirSync(dirname(file), { recursive: true });
    while (!written(file, mine)) {
      const other = holder(file);
      if (other !== undefined && isAlive(other)) {
        throw new LocalStackFault(
          `already running here: process ${other.pid}, since ${other.since}; stop it first (Ctrl-C where it runs, or kill ${other.pid})`,
        );
      }
      discard(file);
    }
  } catch (error) {
    throw explainDenied(error, dirname(file));
  }
  return { release: () => rmSync(file, { force: true }) };
}

/** The process that has the claim, where there is one and it lives. */
export function claimedBy(file: string): ProcessIdentity | undefined {
  const other = holder(file);
  return other !== undefined && isAlive(other) ? other : undefined;
}

/** Linked into place, so that nobody ever reads half a claim. */
function written(file: string, mine: Claim): boolean {
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, JSON.stringify(mine));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function holder(file: string): Claim | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Moved aside before it is removed, and looked at again: another process may have replaced the stale claim by its own. */
function discard(file: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = holder(aside);
  if (moved !== undefined && isAlive(moved)) renameSync(aside, file);
  else rmSync(aside, { force: true });
}
