import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { LocalStackFault } from '../fault.ts';
import { forget, remember } from './ledger.ts';
import { withLifeline } from './lifeline.ts';
import type { Invocation } from './run.ts';

export interface DaemonOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The account it runs as; ours where absent. */
  readonly account?: Account;
  /** Where its stdout and stderr go. The log of the start before is kept beside it. */
  readonly logFile: string;
  /** Folder in which its number is written down, so that the next start finds it should we be killed. */
  readonly ledger: string;
  /** The signal that ends it in good order. */
  readonly stopSignal: NodeJS.Signals;
}

/** Another account than ours: what stands before the command, or the number itself. */
export interface Account {
  readonly invocation: (command: string, args: readonly string[]) => Invocation;
  readonly id?: { readonly uid: number; readonly gid: number };
}

/** A process in a group of its own: Ctrl-C in the terminal does not reach it, we end it when its users are gone. */
export interface Daemon {
  readonly name: string;
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<string>;
  /** Resolves when it has ended and nobody had asked for it. */
  readonly lost: Promise<string>;
  readonly running: boolean;
  /** Asks it to end, insists after `patienceMs`. Resolves when it has ended. */
  stop(patienceMs?: number): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
  /** The last lines it wrote. */
  tail(lines?: number): string;
}

const STOP_PATIENCE_MS = 20_000;

/** Where there is no lifeline, at least no exit of ours leaves a process behind. */
const atExit = new Set<() => void>();
process.on('exit', () => {
  for (const end of atExit) end();
});

/** @throws LocalStackFault where the program cannot be started */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const child = await spawned(options);
  const pid = child.pid as number;
  remember(options.ledger, { name: options.name, pid, stopSignal: options.stopSignal });
  let running = true;
  let asked = false;
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      running = false;
      forget(options.ledger, options.name, pid);
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
  const lost = new Promise<string>((resolve) => {
    ended.then((how) => {
      if (!asked) resolve(how);
    });
  });
  const send = (signal: NodeJS.Signals) => {
    asked = true;
    if (running) child.kill(signal);
  };
  const onExit = () => send(options.stopSignal);
  atExit.add(onExit);
  ended.then(() => atExit.delete(onExit));
  return {
    name: options.name,
    pid,
    ended,
    lost,
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
    const bare = { command: options.command, args: options.args };
    const tied = await withLifeline(bare, options.stopSignal);
    // A change of account cuts the lifeline, so it is tied behind it.
    const { command, args } = options.account?.invocation(tied.command, tied.args) ?? tied;
    const child = spawn(command, args, {
      cwd: options.cwd,
      detached: true,
      stdio: ['ignore', log, log],
      ...(options.env && { env: options.env as NodeJS.ProcessEnv }),
      ...options.account?.id,
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
