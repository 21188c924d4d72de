import { join } from 'node:path';
import { NODE, ROOT } from '../layout.ts';
import { type Daemon, startDaemon } from '../process/daemon.ts';
import { waitFor } from '../wait.ts';

export interface ManagedOptions {
  /** Unique among the processes of a system: `jobs`, `jobs-2`, `gateway`. */
  readonly name: string;
  readonly main: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly logFolder: string;
  readonly ledger: string;
}

const READY_TIMEOUT_MS = 60_000;
const LOOK_AGAIN_MS = 50;
/** What Node made of each source file, by its content, so that the next process need not: a third of a second at each start. */
const COMPILED = join(ROOT, '.local', 'compiled');

/** A service or the gateway as a process, always at the same port, however often it is started. */
export class Managed {
  readonly #options: ManagedOptions;
  #daemon: Daemon | undefined;
  #main: string;

  constructor(options: ManagedOptions) {
    this.#options = options;
    this.#main = options.main;
  }

  /** What is run from the next start on: the same process of another release. */
  become(main: string): void {
    this.#main = main;
  }

  get name(): string {
    return this.#options.name;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.port}`;
  }

  get pid(): number | undefined {
    return this.#daemon?.running === true ? this.#daemon.pid : undefined;
  }

  get logFile(): string {
    return join(this.#options.logFolder, `${this.name}.log`);
  }

  /** Starts the process; `ready` tells when it takes requests. */
  async start(): Promise<void> {
    const { name, port, env, ledger } = this.#options;
    this.#daemon = await startDaemon({
      name,
      command: NODE,
      args: [this.#main],
      cwd: ROOT,
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: COMPILED, ...env, QTM_PORT: String(port) },
      logFile: this.logFile,
      ledger,
      stopSignal: 'SIGTERM',
    });
  }

  /** The last lines of its log: by default as many as a process hardly needs to say why it ends, and to end. */
  tail(lines = 200): string {
    return this.#daemon?.tail(lines) ?? '';
  }

  /** Resolves when the process has ended, and says how. */
  get ended(): Promise<string> {
    return this.#daemon?.ended ?? Promise.resolve('never started');
  }

  /** @throws Error with the last words of its log where it ends instead, or takes too long */
  async ready(timeoutMs = READY_TIMEOUT_MS): Promise<void> {
    const daemon = this.#daemon;
    let reasons = 'does not answer';
    try {
      await waitFor(
        async () => {
          if (daemon?.running !== true) return true;
          const answer = await fetch(`${this.url}/readyz`);
          if (answer.ok) return true;
          reasons = ((await answer.json()) as { reasons: string[] }).reasons.join('; ');
          return undefined;
        },
        { timeoutMs, everyMs: LOOK_AGAIN_MS, what: `${this.name} is ready` },
      );
    } catch (cause) {
      throw new Error(`${this.name} is not ready: ${reasons}\n${this.tail(5)}`, { cause });
    }
    if (daemon?.running !== true) throw new Error(`${this.name} ended at its start:\n${lastWords(this.tail())}`);
  }

  async stop(): Promise<void> {
    await this.#daemon?.stop();
  }

  /** kill -9 */
  async kill(): Promise<void> {
    await this.#daemon?.kill();
  }
}

/** What it said when it ended: the message of its last fatal line, or of the last line that has one. Log lines are JSON. */
export function lastWords(log = ''): string {
  const lines = log.split('\n').flatMap((line): { level?: string; msg?: string }[] => {
    try {
      return [JSON.parse(line)];
    } catch {
      return line === '' ? [] : [{ msg: line }];
    }
  });
  const said = lines.filter(({ msg }) => msg !== undefined);
  return (said.findLast(({ level }) => level === 'fatal') ?? said.at(-1))?.msg ?? 'it wrote nothing';
}
