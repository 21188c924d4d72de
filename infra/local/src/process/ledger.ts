import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../wait.ts';
import { identify, isAlive, type ProcessIdentity } from './identity.ts';

/** One process of ours, as written down while it runs. */
export interface LedgerEntry extends ProcessIdentity {
  readonly name: string;
  readonly stopSignal: NodeJS.Signals;
}

const ORPHAN_PATIENCE_MS = 10_000;

/** Writes down a process just started, so that a later start can find it should this process be killed. */
export function remember(ledger: string, process: Omit<LedgerEntry, 'birth'>): void {
  const identity = identify(process.pid);
  if (identity === undefined) return;
  mkdirSync(ledger, { recursive: true });
  writeFileSync(fileOf(ledger, process.name), JSON.stringify({ ...process, ...identity }));
}

export function forget(ledger: string, name: string, pid: number): void {
  if (read(fileOf(ledger, name))?.pid === pid) rmSync(fileOf(ledger, name), { force: true });
}

/** What is written down in this ledger and still runs. */
export function survivors(ledger: string): LedgerEntry[] {
  let names: string[];
  try {
    names = readdirSync(ledger);
  } catch {
    return [];
  }
  const entries = names.map((name) => read(join(ledger, name)));
  return entries.filter((entry) => entry !== undefined).filter(isAlive);
}

/**
 * Ends what a killed start left running: first the processes that use the others, then those, `last`.
 * Ends with kill -9 what does not go by itself.
 */
export async function endSurvivors(ledger: string, last: readonly string[]): Promise<readonly string[]> {
  const found = survivors(ledger);
  const isLast = ({ name }: LedgerEntry) => last.includes(name);
  await Promise.all(found.filter((entry) => !isLast(entry)).map(end));
  await Promise.all(found.filter(isLast).map(end));
  rmSync(ledger, { recursive: true, force: true });
  return found.map((entry) => entry.name);
}

async function end(entry: LedgerEntry): Promise<void> {
  const gone = () => (isAlive(entry) ? undefined : true);
  signal(entry, entry.stopSignal);
  try {
    await waitFor(gone, { timeoutMs: ORPHAN_PATIENCE_MS, what: `${entry.name} ends` });
  } catch {
    signal(entry, 'SIGKILL');
    await waitFor(gone, {
      timeoutMs: ORPHAN_PATIENCE_MS,
      what: `${entry.name} (process ${entry.pid}) ends after kill -9`,
    });
  }
}

function signal(entry: LedgerEntry, name: NodeJS.Signals): void {
  if (!isAlive(entry)) return;
  try {
    process.kill(entry.pid, name);
  } catch {
    // It has just ended, or is not ours to end; the wait that follows tells which.
  }
}

function read(file: string): LedgerEntry | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function fileOf(ledger: string, name: string): string {
  return join(ledger, `${name}.json`);
}
