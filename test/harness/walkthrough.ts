import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';

/** One step of a walkthrough: who sends what, and what the answer holds. */
export interface Step {
  /** A development principal, and what is particular about its session, as the page says it. */
  readonly as: string;
  readonly operation: string;
  readonly answer: string;
}

const STEP = /^([a-z_]+(?:, [a-z ]+)?)\n```graphql\n([\s\S]*?)```\n```json\n([\s\S]*?)```/gm;

/** The steps of `docs/walkthroughs/<name>.md`, in their order. */
export function stepsOf(name: string): readonly Step[] {
  const page = readFileSync(join(ROOT, 'docs/walkthroughs', `${name}.md`), 'utf8');
  return [...page.matchAll(STEP)].map(([, as = '', operation = '', answer = '']) => ({ as, operation, answer }));
}

/** Values that `<name>` stands for; one is given where an answer first has it, and must be the same from then on. */
export class Values {
  readonly #values = new Map<string, string>();

  /** The text with every name that is known put in. */
  in(text: string): string {
    return text.replaceAll(/<([a-z]+)>/g, (whole, name: string) => this.#values.get(name) ?? whole);
  }

  /** Takes values over from an answer, where the page has names that are not known yet. */
  learn(expected: unknown, actual: unknown): void {
    const name = typeof expected === 'string' ? /^<([a-z]+)>$/.exec(expected)?.[1] : undefined;
    if (name !== undefined) {
      if (typeof actual !== 'string') throw new Error(`<${name}> is no text in the answer: ${JSON.stringify(actual)}`);
      this.#values.set(name, actual);
    } else if (typeof expected === 'object' && expected !== null) {
      const of = (actual ?? {}) as Readonly<Record<string, unknown>>;
      for (const [key, value] of Object.entries(expected)) this.learn(value, of[key]);
    }
  }
}
