/** An aggregate of another service, which that service is asked for. */
export interface Asked {
  readonly service: string;
  readonly type: string;
  readonly id: string;
}

/** An aggregate as its owner has it at the moment it is asked. */
export interface Confirmed {
  readonly version: number;
  readonly epoch: number;
  /** What it publishes, in the names of this code. */
  readonly value: unknown;
}

/** What a command asks owners for, by the names of its matrix row. `state` is the row it acts on. */
export type Confirmations<I, T> = Readonly<Record<string, (state: T, input: I) => Asked>>;

/** Whom to ask for what, by the names of a row: one question for each, as the command says. */
export function asksOf<I, T>(
  names: readonly string[],
  confirmations: Confirmations<I, T> = {},
  state: T | undefined,
  input: I,
): ReadonlyMap<string, Asked> {
  if (state === undefined) return new Map();
  return new Map(
    names.map((name) => {
      const asked = confirmations[name]?.(state, input);
      if (asked === undefined) throw new Error(`nobody says whom '${name}' is asked of`);
      return [name, asked];
    }),
  );
}

/** What was asked for and what the owner said; undefined where it has none that the caller may see. */
export interface Answer {
  readonly asked: Asked;
  readonly confirmed: Confirmed | undefined;
}

/** What is held of the names of one row. */
export type Held = ReadonlyMap<string, Answer>;

export const NOTHING_HELD: Held = new Map();

/** What a decision reads of what owners say. */
export interface ConfirmedValues {
  /** Whom to ask for what. */
  readonly asks: ReadonlyMap<string, Asked>;
  readonly values: Readonly<Record<string, Confirmed | undefined>>;
  /** Names of which nothing is held: without them nothing is accepted. */
  readonly open: ReadonlySet<string>;
  /** Whether one of these was read since this was last asked. */
  readonly touchedOpen: () => boolean;
}

/**
 * Lets rules read what owners said, and notes where they read what nobody was asked for: what came of that is no decision. An answer
 * counts for exactly what it was asked for, so that of a subject which names another aggregate by now nothing is held.
 */
export function confirmedValues(asks: ReadonlyMap<string, Asked>, held: Held): ConfirmedValues {
  const open = new Set<string>();
  let touched = false;
  const values: Record<string, Confirmed | undefined> = {};
  for (const [name, asked] of asks) {
    const answer = held.get(name);
    const answers = answer !== undefined && isSame(answer.asked, asked);
    if (!answers) open.add(name);
    Object.defineProperty(values, name, {
      enumerable: true,
      get() {
        touched ||= !answers;
        return answers ? answer.confirmed : undefined;
      },
    });
  }
  return {
    asks,
    values,
    open,
    touchedOpen() {
      const was = touched;
      touched = false;
      return was;
    },
  };
}

function isSame(a: Asked, b: Asked): boolean {
  return a.service === b.service && a.type === b.type && a.id === b.id;
}

/**
 * The versions a decision rests on, with those that were confirmed (`operator/identity/<id>@1.4`): the copy of such an aggregate is
 * named only where it is the newer one.
 */
export function basisWith(basis: readonly string[], held: Held): readonly string[] {
  let versions = [...basis];
  for (const { asked, confirmed } of held.values()) {
    if (confirmed === undefined) continue;
    const aggregate = `${asked.service}/${asked.type}/${asked.id}`;
    const copies = versions.filter((one) => one.slice(0, one.lastIndexOf('@')) === aggregate);
    if (copies.some((copy) => !isOlder(copy, confirmed))) continue;
    const others = versions.filter((one) => !copies.includes(one));
    versions = [...others, `${aggregate}@${confirmed.epoch}.${confirmed.version}`];
  }
  return versions.sort();
}

/** Whether a version in the form of a basis is older than what was confirmed. */
function isOlder(one: string, { epoch, version }: Confirmed): boolean {
  const numbers = one.slice(one.lastIndexOf('@') + 1).split('.');
  const [ofEpoch = 0, ofVersion = 0] = numbers.map(Number);
  return ofEpoch < epoch || (ofEpoch === epoch && ofVersion < version);
}
