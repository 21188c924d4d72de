import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { beforeAll, describe, expect, test } from 'vitest';
import { sourceFiles } from '../../infra/scripts/check/source-files.ts';
import { readContract } from '../../infra/scripts/generate/contract.ts';
import { loadRules } from '../harness/services.ts';

/** The order in the code, which packs are held against. */
let SPINE: readonly string[];
let checkDefinition: (source: unknown) => { readonly definition?: object; readonly faults?: readonly string[] };
beforeAll(async () => {
  ({ SPINE } = await loadRules('workflow', 'spine'));
  ({ checkDefinition } = await loadRules('workflow', 'pack-definition'));
});

/** True where every step is one of the spine's, each behind the one before. */
function keepsTheOrder(steps: readonly string[]): boolean {
  const places = steps.map((step) => SPINE.indexOf(step));
  return places.every((place, index) => place > (places[index - 1] ?? -1));
}

const snake = (name: string) => name.replaceAll(/([a-z])[ ]?([A-Z])/g, '$1_$2').toLowerCase();

/** Orders that a text states with arrows between steps: `Request → Intake → Job`. */
function statedIn(text: string): string[][] {
  const chains = text.match(/\b[A-Z][A-Za-z]+(?: Event)?(?: → [A-Z][A-Za-z]+(?: Event)?)+/g) ?? [];
  return chains
    .map((chain) => chain.split(' → ').map(snake))
    .filter((steps) => steps.some((one) => SPINE.includes(one)));
}

const pack = (...stages: readonly string[]) => ({
  surface: 'freight',
  version: 1,
  title: 'Freight',
  stages: stages.map((name) => ({ name, title: 'Stage' })),
  outcome_codes: [{ code: 'DONE', title: 'Done' }],
});

describe('the order of the spine', () => {
  // As the sources state them, from the request to what follows a record.
  test.each([
    'actor request job service_event record',
    'actor request task assignment job service_event record settlement',
    'request task assignment job service_event record settlement',
    'actor request intake task job service_event record signal',
    'intake job service_event record',
    'job service_event record settlement',
  ])('T-SP-32 allow: an order that the sources state is part of it', (steps) => {
    expect(keepsTheOrder(steps.split(' '))).toBe(true);
  });

  test('T-SP-32 allow: an order that our own texts and code state is part of it', () => {
    const documents = globSync(['*.md', '{docs,services,infra,gateway,schema,test}/**/*.md'], {
      cwd: ROOT,
      exclude: (path) => path.includes('node_modules'),
    });
    const texts = [
      ...documents.map((path) => readFileSync(join(ROOT, path), 'utf8')),
      ...sourceFiles(ROOT).flatMap(({ path, text }) => (path.startsWith('test/') ? [] : [text])),
    ];
    const stated = texts.flatMap(statedIn);
    expect(stated.length).toBeGreaterThan(0);
    // A pack or a piece of evidence between two steps is none of the spine's.
    expect(
      stated.map((steps) => steps.filter((step) => SPINE.includes(step))).filter((one) => !keepsTheOrder(one)),
    ).toEqual([]);
  });

  test('T-SP-32 allow: every step up to the record is an aggregate, of one service', () => {
    const { services } = readContract(ROOT);
    const aggregates = services.flatMap((service) => service.aggregates.map(({ name }) => name));
    for (const step of SPINE.slice(0, SPINE.indexOf('record') + 1)) {
      expect(
        aggregates.filter((name) => name === step),
        step,
      ).toHaveLength(1);
    }
  });

  test('T-SP-32 deny: a reversed one is not, nor one with a step of its own', () => {
    expect(keepsTheOrder(['job', 'task'])).toBe(false);
    expect(keepsTheOrder(['request', 'request'])).toBe(false);
    expect(keepsTheOrder(['request', 'dispatch', 'job'])).toBe(false);
    expect(statedIn('as in Record → ServiceEvent, always').map(keepsTheOrder)).toEqual([false]);
  });

  test.each(['record', 'job_claimed', 'service_event', 'settlement'])(
    'T-SP-32 deny: a pack may state no step of it, in whatever order',
    (step) => {
      expect(checkDefinition(pack('pickup', step, 'delivered')).faults).toEqual([
        expect.stringContaining(`'${step}' is a step of the spine`),
      ]);
    },
  );
});

describe('surfaces', () => {
  test('T-SP-19 allow: a pack orders what happens inside an execution', () => {
    expect(checkDefinition(pack('pickup', 'in_transit', 'delivered')).faults).toBeUndefined();
  });

  test.each([{ steps: ['dispatch'] }, { states: ['PAUSED'] }, { onComplete: 'settle' }, { before_claim: 'weigh' }])(
    'T-SP-19 deny: a pack that adds to what is around it is refused',
    (more) => {
      expect(checkDefinition({ ...pack('pickup'), ...more }).faults).toEqual([
        expect.stringContaining('is a matter of the spine'),
      ]);
    },
  );
});
