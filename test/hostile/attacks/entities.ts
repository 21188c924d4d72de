import { headersOf } from '../arena.ts';
import { entitiesDocument } from '../document.ts';
import { chance, oneOf, shuffled } from '../values/draw.ts';
import { freshId } from '../values/fresh.ts';
import { hostileFor } from '../values/hostile.ts';
import { graphqlRequest } from '../wire.ts';
import { type Attack, single } from './attack.ts';
import { everybody } from './sweep.ts';

const AT_ONCE = 25;

/** Entities by their keys, past the gateway: all rows of the two operators, whoever asks, and keys that are none. */
export const entities: Attack = {
  name: 'entities',
  describe: '_entities of every service by everybody, with keys of others’ rows and keys that are none',
  atATime: 8,
  async *volleys(arena, draw) {
    const { contract, services, supply } = arena;
    const tries = contract.entities.flatMap((entity) => everybody(arena).map((person) => ({ entity, person })));
    for (const { entity, person } of draw(shuffled(tries))) {
      const { type, service, key } = entity;
      const door = services.get(service);
      const keyType = type.getFields()[key]?.type;
      if (door === undefined || keyType === undefined) continue;
      const hostile = hostileFor(keyType as never);
      const representations = Array.from({ length: AT_ONCE }, () => ({
        __typename: type.name,
        [key]: chance(draw, 85) ? (oneOf(draw, supply.planted(type.name))?.id ?? freshId()) : draw(hostile),
      }));
      yield single({
        label: `_entities ${type.name} at ${door.name} as ${person.name}`,
        door,
        person,
        request: graphqlRequest(
          entitiesDocument([type], { depth: 1, service }),
          { representations },
          await headersOf(arena, person, door),
        ),
      });
    }
  },
};
