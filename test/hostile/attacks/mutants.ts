import { type Arena, doorsOf, freeIds, headersOf } from '../arena.ts';
import { type Baselines, baselinesOf } from '../baselines.ts';
import type { Operation } from '../contract.ts';
import { documentOf } from '../document.ts';
import { chance, type Draw, oneOf } from '../values/draw.ts';
import { mutated } from '../values/mutate.ts';
import { soundValue } from '../values/sound.ts';
import { graphqlRequest } from '../wire.ts';
import { type Attack, single, type Volley } from './attack.ts';

const REFRESH_EVERY = 200;
/** Sound commands in between, so that there are always rows in states in which something may be done. */
const SOUND_PERCENT = 20;

/** Arguments of every operation with one thing wrong: values at their limits and past them, of other forms, of other types. */
export const mutants: Attack = {
  name: 'mutants',
  describe: 'sound calls with one value at its limit, past it, or of another form or type',
  atATime: 6,
  async *volleys(arena, draw) {
    const baselines = baselinesOf(arena);
    for (let count = 1; ; count++) {
      if (count % REFRESH_EVERY === 0) await arena.supply.refresh();
      const operation = oneOf(draw, arena.contract.operations) as Operation;
      yield await (operation.kind === 'mutation'
        ? mutantCommand(arena, draw, baselines, operation)
        : mutantQuery(arena, draw, operation));
    }
  },
};

async function mutantCommand(arena: Arena, draw: Draw, baselines: Baselines, operation: Operation): Promise<Volley> {
  const [argument] = operation.field.args;
  const [person] = baselines.candidates(draw, operation);
  if (argument === undefined || person === undefined) return { attempts: [] };
  const call = baselines.call(draw, operation, person);
  const door = oneOf(draw, doorsOf(arena, operation));
  if (chance(draw, SOUND_PERCENT)) return single(await baselines.attempt(call, door));
  const { value, where } = mutated(draw, argument.type, call.input);
  const attempt = await baselines.attempt({ ...call, input: value as typeof call.input }, door);
  const { heard: _, ...rest } = attempt;
  return single({ ...rest, label: `${rest.label}, ${where}` });
}

async function mutantQuery(arena: Arena, draw: Draw, operation: Operation): Promise<Volley> {
  const { args } = operation.field;
  const door = oneOf(draw, doorsOf(arena, operation)) ?? arena.gateway;
  const person = oneOf(draw, arena.world.actors);
  if (person === undefined || args.length === 0) return { attempts: [] };
  const options = { draw, ids: freeIds(arena, draw), types: arena.supply.types };
  const sound = Object.fromEntries(args.map(({ name, type }) => [name, soundValue(type, name, options)]));
  delete sound.after;
  const chosen = oneOf(draw, args) ?? args[0];
  if (chosen === undefined) return { attempts: [] };
  const { value, where } = mutated(draw, chosen.type, sound[chosen.name]);
  const variables = { ...sound, [chosen.name]: value };
  const service = door === arena.gateway ? undefined : operation.service;
  const query = documentOf(operation, Object.keys(variables), { depth: 0, service });
  return single({
    label: `${operation.name} at ${door.name} as ${person.name}, ${chosen.name} ${where}`,
    door,
    person,
    request: graphqlRequest(query, variables, await headersOf(arena, person, door)),
  });
}
