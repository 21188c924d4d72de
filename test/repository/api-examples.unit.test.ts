import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { apiExamples } from '../harness/api-examples.ts';

const sdl = readFileSync(join(ROOT, 'schema/generated/supergraph.graphql'), 'utf8');
const schema = buildSchema(sdl, { assumeValidSDL: true });

describe('what the page for clients shows', () => {
  test('is something', () => {
    expect(apiExamples().size).toBeGreaterThan(3);
  });

  test.each([...apiExamples().values()])('$name fits the graph', ({ operation }) => {
    expect(validate(schema, parse(operation)).map(({ message }) => message)).toEqual([]);
  });
});
