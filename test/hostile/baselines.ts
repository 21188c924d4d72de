import { type Arena, freeIds, headersOf } from './arena.ts';
import type { Attempt, Door } from './attempt.ts';
import type { Operation } from './contract.ts';
import { documentOf } from './document.ts';
import { acceptedIn, codesIn } from './invariants/answer.ts';
import { chance, type Draw, shuffled } from './values/draw.ts';
import { freshKey } from './values/fresh.ts';
import { type Ids, shapeOf, soundValue } from './values/sound.ts';
import { graphqlRequest } from './wire.ts';
import type { WireAnswer } from './wire-answer.ts';
import type { Person } from './world/people.ts';
import type { Candidate } from './world/supply.ts';

/** A call that was accepted once: who made it, what it gave, and in which states the rows it named were. */
export interface Baseline {
  readonly person: Person;
  readonly shape: ReadonlySet<string>;
}

export type Input = Record<string, unknown>;

/** A command of the third operator's world, as it is sent. */
export interface Call {
  readonly operation: Operation;
  readonly person: Person;
  readonly input: Input;
  /** Types of rows that it should name and of which there are none: it cannot be accepted. */
  readonly lacks: readonly string[];
}

const CONSISTENCY = 'qtm-consistency';
/** Tokens sent back: what was last done by anybody here. */
const REMEMBERED = 12;
const TRIED_AT_A_TIME = 3;
const TRIED_AGAIN_PERCENT = 35;
/** Answers to somebody who is probably not the one: so much the later they are asked again than after any other refusal. */
const PROBABLY_ANOTHER = ['FORBIDDEN', 'NOT_FOUND', 'ALREADY_REGISTERED'];
const MUCH_LATER = 4;

/**
 * What is known of how commands are accepted, found by trying: sound inputs by those who may do much, about rows there are, until each
 * command was accepted once. Nothing about commands is written down, so a new one is found like any.
 */
export class Baselines {
  readonly #arena: Arena;
  readonly #known = new Map<string, Baseline>();
  /** States of rows in which a command was accepted, and in which it was not, by command and field. */
  readonly #states = new Map<string, Set<string>>();
  readonly #wrongStates = new Map<string, Set<string>>();
  readonly #denials = new Map<string, number>();
  readonly #acceptances = new Map<string, number>();
  #tokens: readonly string[] = [];

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Commands of the supergraph. */
  get commands(): readonly Operation[] {
    return this.#arena.contract.operations.filter(({ kind }) => kind === 'mutation');
  }

  /** Commands that nobody was accepted with so far. */
  get missing(): readonly Operation[] {
    return this.commands.filter(({ name }) => !this.#known.has(name));
  }

  of(operation: Operation): Baseline | undefined {
    return this.#known.get(operation.name);
  }

  /** Who is to try a command next: who was accepted with it before, otherwise those who were denied it least often. */
  candidates(draw: Draw, operation: Operation): readonly Person[] {
    const known = this.#known.get(operation.name);
    if (known !== undefined) return [known.person];
    const denials = ({ name }: Person) => this.#denials.get(`${operation.name} ${name}`) ?? 0;
    return draw(shuffled(this.#arena.world.actors))
      .sort((a, b) => denials(a) - denials(b) || this.#acceptancesOf(b) - this.#acceptancesOf(a))
      .slice(0, TRIED_AT_A_TIME);
  }

  /** A sound call: shaped like one that was accepted, where there was one, about a row in a state in which it was. */
  call(draw: Draw, operation: Operation, candidate: Person): Call {
    const { supply } = this.#arena;
    const person = candidate.registered ? candidate : anotherLike(candidate);
    const prefer = (field: string, { state }: Candidate) => {
      const name = `${operation.name} ${field}`;
      const known = this.#states.get(name);
      if (known !== undefined) return known.has(state);
      // It may have been another row's state that was wrong, so such rows are tried again, less often.
      return this.#wrongStates.get(name)?.has(state) !== true || chance(draw, TRIED_AGAIN_PERCENT);
    };
    // Now and then another shape than the known one, which may be accepted, too.
    const shape = chance(draw, 85) ? this.#known.get(operation.name)?.shape : undefined;
    const [argument] = operation.field.args;
    if (argument === undefined) return { operation, person, input: {}, lacks: [] };
    const free = freeIds(this.#arena, draw, prefer);
    const lacks: string[] = [];
    const ids: Ids = {
      of(type, field) {
        const id = free.of(type, field);
        if (id === undefined) lacks.push(type);
        return id;
      },
    };
    const options = { draw, ids, types: supply.types, shape };
    return { operation, person, input: soundValue(argument.type, argument.name, options) as Input, lacks };
  }

  async attempt(call: Call, door: Door = this.#arena.gateway): Promise<Attempt> {
    const { operation, person, input } = call;
    const service = door === this.#arena.gateway ? undefined : operation.service;
    const names = operation.field.args.map(({ name }) => name);
    const headers = await headersOf(this.#arena, person, door);
    if (this.#tokens.length > 0) headers[CONSISTENCY] = this.#tokens.join(',');
    const [argument = ''] = names;
    return {
      label: `${operation.name} at ${door.name} as ${person.name}`,
      door,
      person,
      request: graphqlRequest(documentOf(operation, names, { depth: 0, service }), { [argument]: input }, headers),
      heard: (answer) => this.#learn(call, answer),
    };
  }

  /** Notes what became of a call, and what its answer lets others see. */
  #learn({ operation, person, input }: Call, answer: WireAnswer): void {
    const received = answer.headers[CONSISTENCY];
    if (typeof received === 'string') this.#tokens = received.split(',').slice(-REMEMBERED);
    const codes = codesIn(answer);
    const name = `${operation.name} ${person.name}`;
    const weight = codes.some((code) => PROBABLY_ANOTHER.includes(code)) ? MUCH_LATER : codes.length;
    this.#denials.set(name, (this.#denials.get(name) ?? 0) + weight);
    const note = (states: Map<string, Set<string>>) => {
      for (const [field, value] of Object.entries(input)) this.#noteState(states, operation, field, value);
    };
    if (codes.includes('WRONG_STATE')) note(this.#wrongStates);
    if (!acceptedIn(answer)) return;
    note(this.#states);
    this.#acceptances.set(person.name, this.#acceptancesOf(person) + 1);
    const [argument] = operation.field.args;
    if (!this.#known.has(operation.name)) {
      this.#known.set(operation.name, { person, shape: shapeOf(input, argument?.name ?? '') });
    }
  }

  #acceptancesOf({ name }: Person): number {
    return this.#acceptances.get(name) ?? 0;
  }

  #noteState(all: Map<string, Set<string>>, operation: Operation, field: string, value: unknown): void {
    if (typeof value !== 'string') return;
    for (const type of this.#arena.supply.types) {
      const row = this.#arena.supply.free(type).find(({ id }) => id === value);
      if (row === undefined) continue;
      const name = `${operation.name} ${field}`;
      all.set(name, (all.get(name) ?? new Set()).add(row.state));
    }
  }
}

/** Whoever nobody has registered can be registered once: each time it is somebody else. */
function anotherLike(person: Person): Person {
  const mark = freshKey();
  return { ...person, name: `${person.name} ${mark}`, subject: `${person.subject}-${mark}` };
}

const OF_ARENAS = new WeakMap<Arena, Baselines>();

/** What is known in this arena; one knowledge for all attacks. */
export function baselinesOf(arena: Arena): Baselines {
  const known = OF_ARENAS.get(arena) ?? new Baselines(arena);
  OF_ARENAS.set(arena, known);
  return known;
}
