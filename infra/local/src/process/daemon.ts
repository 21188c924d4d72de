import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { LocalStackFault } from '../fault.ts';
import { forget, remember } from './ledger.ts';

export interface DaemonOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Where its stdout and stderr go. The log of the start before is kept beside it. */
  readonly logFile: string;
  /** Folder in which its number is written down, so that the next start finds it should we be killed. */
  readonly ledger: string;
  /** The signal that ends it in good order. */
  readonly stopSignal: NodeJS.Signals;
}

/** A process in a group of its own: Ctrl-C in the terminal does not reach it, we end it when its users are gone. */
export interface Daemon {
  readonly name: string;
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<string>;
  readonly running: boolean;
  /** Asks it to end, insists after `patienceMs`. Resolves when it has ended. */
  stop(patienceMs?: number): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
  /** The last lines it wrote. */
  tail(lines?: number): string;
}

const STOP_PATIENCE_MS = 20_000;

/** @throws LocalStackFault where the program cannot be started */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const child = await spawned(options);
  const pid = child.pid as number;
  remember(options.ledger, { name: options.name, pid, stopSignal: options.stopSignal });
  let running = true;
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      running = false;
      forget(options.ledger, options.name, pid);
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
  const send = (signal: NodeJS.Signals) => running && child.kill(signal);
  return {
    name: options.name,
    pid,
    ended,
    get running() {
      return running;
    },
    async stop(patienceMs = STOP_PATIENCE_MS) {
      send(options.stopSignal);
      const insist = setTimeout(() => send('SIGKILL'), patienceMs);
      await ended;
      clearTimeout(insist);
    },
    async kill() {
      send('SIGKILL');
      await ended;
    },
    tail: (lines = 5) => tailOf(options.logFile, lines),
  };
}

async function spawned(options: DaemonOptions): Promise<ChildProcess> {
  keepPrevious(options.logFile);
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    const child = spawn(options.command, options.args, {
      cwd: options.cwd,
      detached: true,
      stdio: ['ignore', log, log],
      ...(options.env && { env: options.env as NodeJS.ProcessEnv }),
      ...(options.uid !== undefined && { uid: options.uid }),
      ...(options.gid !== undefined && { gid: options.gid }),
    });
    await once(child, 'spawn');
    return child;
  } catch (error) {
    throw new LocalStackFault(`${options.name} could not be started: ${(error as Error).message}`);
  } finally {
    closeSync(log);
  }
}

function keepPrevious(logFile: string): void {
  rmSync(`${logFile}.previous`, { force: true });
  if (statSync(logFile, { throwIfNoEntry: false })) renameSync(logFile, `${logFile}.previous`);
}

/** The last lines of a log that are not empty. */
export function tailOf(logFile: string, lines: number): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
