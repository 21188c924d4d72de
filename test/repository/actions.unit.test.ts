import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { buildSchema, isObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { parseMatrix } from '../../infra/service-kit/src/authority/matrix.ts';

const services = readdirSync(join(ROOT, 'services')).filter((name) => existsSync(join(ROOT, 'services', name, 'src')));

/** Transitions that some entity of the service offers. */
async function offeredBy(service: string): Promise<ReadonlySet<string>> {
  const file = join(ROOT, 'services', service, 'src/actions.ts');
  if (!existsSync(file)) return new Set();
  const lists = Object.values(await import(file)) as (readonly { readonly transition: string }[])[];
  return new Set(lists.flat().map(({ transition }) => transition));
}

/** Those that change something which is already there. */
function changing(service: string): readonly string[] {
  const rows = parseMatrix(readFileSync(join(ROOT, 'schema', service, 'authority.yaml'), 'utf8')).rows;
  return [...rows.values()].filter(({ from }) => from.some((state) => state !== 'NONE')).map((row) => row.transition);
}

describe('what one can do', () => {
  test.each(services)('%s: an entity offers every transition but those from nothing', async (service) => {
    const offered = await offeredBy(service);
    expect(changing(service).filter((transition) => !offered.has(transition))).toEqual([]);
  });

  test('every field `actions` has one type, and is nullable', () => {
    const sdl = readFileSync(join(ROOT, 'schema/generated/supergraph.graphql'), 'utf8');
    const types = Object.values(buildSchema(sdl, { assumeValidSDL: true }).getTypeMap()).filter(isObjectType);
    const fields = types.flatMap((type) => type.getFields().actions ?? []);
    expect(fields.length).toBeGreaterThan(0);
    expect(new Set(fields.map(({ type }) => String(type)))).toEqual(new Set(['[ActionExplanation!]']));
  });
});
