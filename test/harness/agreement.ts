import { randomUUID } from 'node:crypto';
import type { Session } from '@qtm/service-kit';
import { expect } from 'vitest';
import type { Bench } from './bench.ts';

/** What an entity says about one of its transitions, as a client reads it. */
export interface Offer {
  readonly transition: string;
  readonly input: readonly { readonly name: string; readonly value: string }[];
  readonly allowed: boolean | null;
  readonly clauses: readonly {
    readonly clause: string;
    readonly group: string;
    readonly holds: boolean | null;
    readonly remedy: string | null;
  }[];
  readonly refusal: { readonly code: string } | null;
}

/** The whole of an explanation, to be asked for. */
export const ACTIONS =
  'actions { transition input { name value } allowed clauses { clause group holds remedy } refusal { code } }';

/** The mutation of each transition an entity offers, and an input in order for what the entity leaves to the client. */
export type Mutations = Readonly<Record<string, readonly [field: string, rest: object]>>;

/** One entity in some state of its life. */
export interface Subject {
  /** Asks for its actions. */
  readonly query: string;
  readonly variables: object;
  /** What its key gives of the input of a mutation: tried where the entity is not to be seen. */
  readonly key: object | ((transition: string) => object);
}

/** How the mutation will end, in the words of `tried`. Who lacks nothing but a fresh proof of who they are is asked for that. */
export function saidBy({ allowed, refusal, clauses }: Pick<Offer, 'allowed' | 'refusal' | 'clauses'>): string {
  if (refusal !== null) return refusal.code;
  if (allowed === true) return 'ACCEPTED';
  const missing = clauses.filter(({ group, holds }) => group === 'allOf' && holds !== true);
  const ground = clauses.some(({ group, holds }) => group === 'anyOf' && holds === true);
  return ground && missing.length === 1 && missing[0]?.clause === 'session_fresh'
    ? 'INSUFFICIENT_USER_AUTHENTICATION'
    : 'FORBIDDEN';
}

/**
 * Holds what an entity says to a session against what its mutations do: the same, code by code. Where the entity shows no actions,
 * none of its mutations is accepted. `fresh` makes another entity like it, for whatever comes after a mutation that was accepted.
 * Gives how often each end was met.
 */
export async function agreement(
  bench: Pick<Bench, 'ask'>,
  session: Session,
  mutations: Mutations,
  fresh: () => Promise<Subject>,
): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>();
  let subject = await fresh();
  let offers = await offersOf(bench, session, subject);
  for (const transition of Object.keys(mutations)) {
    const offered = offers?.filter((one) => one.transition === transition).length ?? 1;
    expect(offered, transition).toBeGreaterThan(0);
    for (let index = 0; index < offered; index++) {
      const offer = offers?.filter((one) => one.transition === transition)[index];
      const given = offer === undefined ? keyFor(subject, transition) : inputOf(offer);
      const end = await tried(bench, session, mutations[transition], given);
      const about = `${session.subject} ${transition} ${JSON.stringify(offer)}`;
      if (offer === undefined) expect(['NOT_FOUND', 'FORBIDDEN'], about).toContain(end);
      else expect(saidBy(offer), about).toBe(end);
      ends.set(end, (ends.get(end) ?? 0) + 1);
      if (end !== 'ACCEPTED') continue;
      subject = await fresh();
      offers = await offersOf(bench, session, subject);
    }
  }
  return ends;
}

/** What an entity offers; null where it shows nothing of the kind. It is the first thing with `actions` in the answer. */
export async function offersOf(
  bench: Pick<Bench, 'ask'>,
  session: Session,
  { query, variables }: Pick<Subject, 'query' | 'variables'>,
): Promise<readonly Offer[] | null> {
  const { data, errors } = await bench.ask(session, query, variables);
  expect(errors).toEqual([]);
  return actionsIn(data);
}

function actionsIn(value: unknown): readonly Offer[] | null {
  if (typeof value !== 'object' || value === null) return null;
  if ('actions' in value) return value.actions as readonly Offer[] | null;
  for (const inner of Object.values(value)) {
    const found = actionsIn(inner);
    if (found !== null) return found;
  }
  return null;
}

const inputOf = ({ input }: Offer): object => Object.fromEntries(input.map(({ name, value }) => [name, value]));
const keyFor = ({ key }: Subject, transition: string): object => (typeof key === 'function' ? key(transition) : key);

/** Makes the mutation and gives how it ended: ACCEPTED, or the code of its refusal or of its error. */
async function tried(
  bench: Pick<Bench, 'ask'>,
  session: Session,
  mutation: Mutations[string] | undefined,
  given: object,
): Promise<string> {
  const [field = '', rest] = mutation ?? [];
  const input = { idempotencyKey: randomUUID(), ...rest, ...given };
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${field}(input: $input) { refusal { code } } }`;
  const { data, errors } = await bench.ask(session, query, { input });
  return String(errors[0]?.extensions?.code ?? data[field].refusal?.code ?? 'ACCEPTED');
}
