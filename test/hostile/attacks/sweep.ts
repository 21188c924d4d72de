import { type Arena, doorsOf, headersOf, othersIds, seesOnlyStillLists } from '../arena.ts';
import type { Operation } from '../contract.ts';
import { documentOf } from '../document.ts';
import { type Draw, shuffled } from '../values/draw.ts';
import { soundValue } from '../values/sound.ts';
import { graphqlRequest } from '../wire.ts';
import { type Person, throughAgent } from '../world/people.ts';
import { type Attack, single } from './attack.ts';

const PAGE = 100;

/** Everybody there is: outsiders of every kind and role, the two operators' people, and these through an agent. */
export function everybody({ outsiders, world }: Arena): readonly Person[] {
  const chains = (['direct', 'nested', 'unnamed'] as const).flatMap((chain) =>
    [...world.insiders, ...world.actors]
      .filter(({ name }) => /HOLDER|governor|requester/.test(name))
      .map((person) => throughAgent(person, chain)),
  );
  return [...outsiders, ...world.insiders, ...chains];
}

/** Arguments for an operation, sound in form, about what is not the caller's. */
export function argumentsOf(arena: Arena, draw: Draw, person: Person, operation: Operation): Record<string, unknown> {
  const ids = othersIds(arena, draw, person, operation);
  const { types } = arena.supply;
  const values = operation.field.args.map(({ name, type }) => {
    if (name === 'first') return [name, PAGE] as const;
    if (name === 'after' || name === 'sort') return [name, undefined] as const;
    const field = name === 'id' ? `${operation.name}Id` : name;
    const id = name === 'id' ? ids.of(subject(operation, types) ?? '', field) : undefined;
    return [name, id ?? soundValue(type, name, { draw, ids, types })] as const;
  });
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/** The type an operation is about by its own name: `intake` is about intakes; of `trace`, any. */
function subject({ name, field }: Operation, types: readonly string[]): string | undefined {
  const named = String(field.type).replace(/[![\]]/g, '');
  return types.find((type) => type === named) ?? types.find((type) => name.toLowerCase().endsWith(type.toLowerCase()));
}

/** Every operation by everybody at every door that has it, about what is not theirs, in an order that the seed decides. */
export const sweep: Attack = {
  name: 'sweep',
  describe: 'every operation × kind of principal × role, at the gateway and past it, about rows of others',
  atATime: 8,
  async *volleys(arena, draw) {
    const people = everybody(arena);
    const all = arena.contract.operations.flatMap((operation) =>
      doorsOf(arena, operation).flatMap((door) => people.map((person) => ({ operation, door, person }))),
    );
    for (const { operation, door, person } of draw(shuffled(all))) {
      const variables = argumentsOf(arena, draw, person, operation);
      const service = door === arena.gateway ? undefined : operation.service;
      const query = documentOf(operation, Object.keys(variables), { depth: 1, service });
      yield single({
        label: `${operation.name} at ${door.name} as ${person.name}`,
        door,
        person,
        // Operators, public to all, are founded meanwhile.
        stillLists: seesOnlyStillLists(person) && operation.name !== 'operators',
        request: graphqlRequest(query, variables, await headersOf(arena, person, door)),
      });
    }
  },
};
