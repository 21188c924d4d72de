import type fc from 'fast-check';
import { type GraphQLInputType, getNullableType, isInputObjectType, isListType } from 'graphql';
import { chance, type Draw, oneOf } from './draw.ts';
import { hostileFor, MARK } from './hostile.ts';

/** A place in an input, given or not, and the type it is of. */
export interface Place {
  readonly path: readonly (string | number)[];
  readonly type: GraphQLInputType;
}

/** Every place of an input: each field of its type, and below those that are given. */
export function placesOf(type: GraphQLInputType, value: unknown, path: Place['path'] = []): readonly Place[] {
  const named = getNullableType(type);
  const here: Place[] = [{ path, type }];
  if (isListType(named)) {
    const items = Array.isArray(value) ? value : [];
    return [...here, ...items.flatMap((item, index) => placesOf(named.ofType, item, [...path, index]))];
  }
  if (!isInputObjectType(named) || typeof value !== 'object' || value === null) return here;
  const below = Object.values(named.getFields()).flatMap((field) =>
    placesOf(field.type, (value as Record<string, unknown>)[field.name], [...path, field.name]),
  );
  return [...here, ...below];
}

/** The same value with another one at one place. */
export function withValue(value: unknown, [head, ...rest]: Place['path'], at: unknown): unknown {
  if (head === undefined) return at;
  if (typeof head === 'number') {
    const items = Array.isArray(value) ? [...value] : [];
    items[head] = withValue(items[head], rest, at);
    return items;
  }
  const object = typeof value === 'object' && value !== null ? value : {};
  return { ...object, [head]: withValue((object as Record<string, unknown>)[head], rest, at) };
}

/** One thing of a sound value made hostile: a value at or past its limits, a field too many, or one that is gone. */
export function mutated(draw: Draw, type: GraphQLInputType, sound: unknown): { value: unknown; where: string } {
  const places = placesOf(type, sound);
  const place = oneOf(draw, places) ?? { path: [], type };
  const where = place.path.join('.') || 'the whole';
  if (chance(draw, 4))
    return { value: withValue(sound, [...place.path, MARK], 1), where: `${where}: a field too many` };
  if (chance(draw, 4)) return { value: withValue(sound, place.path, undefined), where: `${where}: gone` };
  return { value: withValue(sound, place.path, draw(hostileFor(place.type) as fc.Arbitrary<unknown>)), where };
}
