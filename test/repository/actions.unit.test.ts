import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { buildSchema, isObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { parseMatrix } from '../../infra/service-kit/src/authority/matrix.ts';
import { OWN_CLOCK } from '../../infra/service-kit/src/clock/own-clock.ts';

const services = readdirSync(join(ROOT, 'services')).filter((name) => existsSync(join(ROOT, 'services', name, 'src')));

/** Transitions that some entity of the service offers. */
async function offeredBy(service: string): Promise<ReadonlySet<string>> {
  const file = join(ROOT, 'services', service, 'src/actions.ts');
  if (!existsSync(file)) return new Set();
  const module = await import(file);
  // Where a service makes its commands for classes that are data, its actions are made of them.
  const made = module.actionsOf?.((await import(join(file, '../commands/index.ts'))).mutationsFor([])) ?? module;
  const lists = Object.values(made) as (readonly { readonly transition: string }[])[];
  return new Set(lists.flat().map(({ transition }) => transition));
}

/** What is taken in from the files of another register is no act on what is there. */
const FROM_FILES = ['register_entry.import'];

/** Those that change something which is already there, and that anybody but the service's own clock could make. */
function changing(service: string): readonly string[] {
  const rows = parseMatrix(readFileSync(join(ROOT, 'schema', service, 'authority.yaml'), 'utf8')).rows;
  return [...rows.values()]
    .filter(({ from }) => from.some((state) => state !== 'NONE'))
    .filter(({ anyOf }) => anyOf.some((ground) => !('relation' in ground) || ground.relation !== OWN_CLOCK))
    .map((row) => row.transition)
    .filter((transition) => !FROM_FILES.includes(transition));
}

describe('what one can do', () => {
  test.each(services)(
    '%s: an entity offers every transition but those from nothing and those of the own clock',
    async (service) => {
      const offered = await offeredBy(service);
      expect(changing(service).filter((transition) => !offered.has(transition))).toEqual([]);
    },
  );

  test('every field `actions` has one type, and is nullable', () => {
    const sdl = readFileSync(join(ROOT, 'schema/generated/supergraph.graphql'), 'utf8');
    const types = Object.values(buildSchema(sdl, { assumeValidSDL: true }).getTypeMap()).filter(isObjectType);
    const fields = types.flatMap((type) => type.getFields().actions ?? []);
    expect(fields.length).toBeGreaterThan(0);
    expect(new Set(fields.map(({ type }) => String(type)))).toEqual(new Set(['[ActionExplanation!]']));
  });
});
