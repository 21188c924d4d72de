import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { v7 } from 'uuid';
import type { Command, CommandInput } from '../command/command.ts';
import { runCommand } from '../command/run.ts';
import type { Pool } from '../database/pool.ts';
import { rowsOf } from '../database/statement.ts';
import { canonicalJson } from '../journal/canonical-json.ts';
import { fromWire } from '../journal/keys.ts';
import type { Session } from '../process/session.ts';
import { traceparentOf } from '../process/trace-context.ts';
import type { Chassis } from '../service/chassis.ts';
import { ownSession } from '../service/own-acts.ts';
import type { Deadline } from './deadline.ts';

/** So much that is due is done at each look. */
const LIMIT = 100;
/** What could not be done is left alone for so long: it must neither keep the rest from its turn nor fill journal and log. */
const REST_MS = 60_000;
/** So much is left alone at a time; beyond it what cannot be done is tried at every look. */
const MAX_RESTING = 1_000;

type Outcome = 'done' | 'refused' | 'denied' | 'failed';

/** The database is at fault, or the way to it: nothing else would fare better now. */
const AWAY = ['SERVICE_BUSY', 'SERVICE_UNAVAILABLE', 'OUTCOME_UNKNOWN'];

/**
 * A service's own clock: finds what has fallen due and runs it, each as a governed command of the service itself. Every replica looks;
 * which of them does it is decided in the database, as between any two commands.
 */
export class Clock {
  readonly #chassis: Chassis;
  readonly #pool: Pool;
  readonly #deadlines: readonly Deadline[];
  readonly #session: Session;
  /** When what could not be done is tried again, by transition and key. */
  readonly #resting = new Map<string, number>();
  /** What was last said of a transition. */
  readonly #said = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #stopping = false;

  constructor(chassis: Chassis, pool: Pool, deadlines: readonly Deadline[]) {
    this.#chassis = chassis;
    this.#pool = pool;
    this.#deadlines = deadlines;
    this.#session = ownSession(chassis.service);
  }

  start(intervalMs: number): void {
    this.#timer = setInterval(() => void this.look(), intervalMs);
    this.#timer.unref();
  }

  /** Looks once; where a look is under way already it is that one. Never fails: what could not be done is found again. */
  look(): Promise<void> {
    this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** Ends the command that runs now, and begins no other. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #lookAtAll(): Promise<void> {
    const now = performance.now();
    for (const [key, until] of this.#resting) if (until <= now) this.#resting.delete(key);
    for (const deadline of this.#stopping ? [] : this.#deadlines) {
      const { transition } = deadline.command;
      try {
        await this.#lookAt(deadline);
        if (this.#said.delete(transition)) this.#chassis.logger.info({ transition }, 'what is due is done again');
      } catch (error) {
        this.#say(transition, error, 'what is due waits');
      }
    }
  }

  /** @throws where the database does not answer: the rest waits for the next look */
  async #lookAt({ command, due }: Deadline): Promise<void> {
    const { transition } = command;
    const found = await rowsOf(this.#pool, due(LIMIT + this.#resting.size));
    const keyed = found.map((row) => ({ ...fromWire<object>(row), idempotencyKey: keyOf(row) }));
    for (const input of keyed) {
      const act = `${transition} ${input.idempotencyKey}`;
      if (this.#resting.has(act)) continue;
      if (this.#stopping) return;
      // Noted before it is tried: the next look begins behind what ended this one.
      if (this.#resting.size < MAX_RESTING) this.#resting.set(act, performance.now() + REST_MS);
      const outcome = await this.#run(command, input);
      this.#chassis.metrics.clockRuns.inc({ transition, outcome });
      if (outcome === 'done') this.#resting.delete(act);
    }
  }

  async #run(command: Command, input: CommandInput): Promise<Outcome> {
    const { transition } = command;
    try {
      const { refusal } = await runCommand(this.#chassis, command, input, {
        session: this.#session,
        pool: this.#pool,
        trace: { correlationId: v7(), traceparent: traceparentOf(undefined) },
        upToDate: true,
        wrote: () => undefined,
      });
      if (refusal === null) return 'done';
      this.#chassis.logger.debug({ transition, code: refusal.code }, 'what is due was refused');
      return 'refused';
    } catch (error) {
      const code = error instanceof GraphQLError ? String(error.extensions.code) : '';
      if (AWAY.includes(code)) {
        this.#chassis.metrics.clockRuns.inc({ transition, outcome: 'failed' });
        throw error;
      }
      this.#say(`${transition}, one of many`, error, 'what is due cannot be done');
      return code === 'FORBIDDEN' ? 'denied' : 'failed';
    }
  }

  /** Once per change: the same would be said at every look. */
  #say(about: string, error: unknown, what: string): void {
    const reason = error instanceof GraphQLError ? error.extensions.reason : undefined;
    const words = String(reason ?? (error as Error).message);
    if (this.#said.get(about) === words) return;
    this.#said.set(about, words);
    this.#chassis.logger.warn({ err: error, about }, what);
  }
}

/** The same act has the same key at every replica and at every look. */
function keyOf(row: object): string {
  return createHash('sha256').update(canonicalJson(row)).digest('hex');
}
