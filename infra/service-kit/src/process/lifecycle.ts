import type { Logger } from './logger.ts';
import { SettingsError } from './settings.ts';

/** Something that was started and must be stopped; stopped in the reverse order of starting. */
export interface Part {
  readonly name: string;
  stop(): Promise<void>;
}

/** Parts of a process in the order they came up. */
export class Lifecycle {
  readonly #parts: Part[] = [];
  #door: Part | undefined;
  #stopping: Promise<void> | undefined;

  readonly logger: Logger;

  constructor(logger: Logger) {
    this.logger = logger;
  }

  add(name: string, stop: () => Promise<void>): void {
    this.#parts.push({ name, stop });
  }

  /** The door: closed before anything else stops, whatever is started later, since what is inside still needs the rest. */
  addDoor(name: string, close: () => Promise<void>): void {
    this.#door = { name, stop: close };
  }

  /** True from the first call of `stop` on: whatever waits for something to come up gives up. */
  get stopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** Stops every part once, last started first. A part that fails to stop is logged and does not keep the others. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (const part of [this.#door ?? [], ...this.#parts.reverse()].flat()) {
      try {
        await part.stop();
      } catch (error) {
        this.logger.error({ err: error, part: part.name }, 'a part did not stop cleanly');
      }
    }
  }
}

/**
 * Runs a process to its end: SIGTERM and SIGINT drain it and exit 0; what fails at start exits 1 with one line; an error that
 * nobody caught ends the process, since its state is no longer known.
 */
export async function runProcess(logger: Logger, start: (lifecycle: Lifecycle) => Promise<void>): Promise<void> {
  const lifecycle = new Lifecycle(logger);
  const end = async (code: number) => {
    await lifecycle.stop();
    process.exit(code);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      logger.info({ signal }, 'draining');
      void end(0);
    });
  }
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, `an error that nobody caught: ${error.message}`);
    void end(1);
  });
  try {
    await start(lifecycle);
  } catch (error) {
    // Wrong settings are nobody's bug: what they say is all there is to know.
    const details = error instanceof SettingsError ? {} : { err: error };
    logger.fatal(details, `did not start: ${(error as Error).message}`);
    await end(1);
  }
}
