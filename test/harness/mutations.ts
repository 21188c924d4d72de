import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { buildSchema, type GraphQLInputObjectType, type GraphQLSchema, getNamedType, isNonNullType } from 'graphql';

const SAMPLES: Readonly<Record<string, unknown>> = {
  ID: '019b8d2e-7a00-7000-8000-000000000001',
  Slug: 'no-such-crew',
  String: 'word',
};

/**
 * Every mutation of the supergraph with an input of the right form, but for its key; so a new one is covered without an edit.
 * @param named values by the name of an input field, optional fields too; what else is needed means nothing
 */
export function everyMutation(
  named: Readonly<Record<string, unknown>> = {},
): readonly (readonly [field: string, input: object])[] {
  const sdl = readFileSync(join(ROOT, 'schema/generated/supergraph.graphql'), 'utf8');
  const schema = buildSchema(sdl, { assumeValidSDL: true });
  return Object.values(schema.getMutationType()?.getFields() ?? {}).map((field) => {
    const fields = Object.values((getNamedType(field.args[0]?.type) as GraphQLInputObjectType).getFields());
    // What names a service event by its job takes one of the two.
    const hasServiceEvent = fields.some(({ name }) => name === 'serviceEventId');
    const input = fields.flatMap(({ name, type, defaultValue }) => {
      if (name === 'idempotencyKey' || (hasServiceEvent && name === 'jobId')) return [];
      if (name in named) return [[name, named[name]]];
      if (name === 'serviceEventId') return [[name, SAMPLES.ID]];
      return isNonNullType(type) ? [[name, defaultValue ?? sampleOf(schema, String(type))]] : [];
    });
    return [field.name, Object.fromEntries(input)] as const;
  });
}

function sampleOf(schema: GraphQLSchema, type: string): unknown {
  const text = type.replaceAll('!', '');
  if (text.startsWith('[')) return text.includes('Input') ? [] : [SAMPLES[text.slice(1, -1)]];
  const named = schema.getType(text);
  if (named !== undefined && 'getValues' in named) return named.getValues()[0]?.name;
  return SAMPLES[text] ?? 1;
}
