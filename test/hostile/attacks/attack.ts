import type { Arena } from '../arena.ts';
import type { Attempt } from '../attempt.ts';
import type { Draw } from '../values/draw.ts';
import type { WireAnswer } from '../wire-answer.ts';

/** Requests that are sent at once, and what must be true of their answers together. */
export interface Volley {
  readonly attempts: readonly Attempt[];
  readonly verdict?: (answers: readonly WireAnswer[]) => string | undefined;
}

/** One way to be hostile. Ends when it has tried everything it has; a run may end it before. */
export interface Attack {
  readonly name: string;
  readonly describe: string;
  /** How many volleys at a time; 1 where what is sent first matters for what is sent next. */
  readonly atATime: number;
  volleys(arena: Arena, draw: Draw): AsyncGenerator<Volley> | Generator<Volley>;
}

/** A volley of one. */
export function single(attempt: Attempt): Volley {
  return { attempts: [attempt] };
}
