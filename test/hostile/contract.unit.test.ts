import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { readContract } from './contract.ts';
import { documentOf, operationNamed } from './document.ts';
import { drawFrom } from './values/draw.ts';
import { mutated, placesOf } from './values/mutate.ts';
import { soundValue, typeMeant } from './values/sound.ts';

const SDL = readFileSync(join(ROOT, 'schema/generated/supergraph.graphql'), 'utf8');
const contract = readContract(SDL);
const TYPES = ['Task', 'Job', 'Identity', 'ServiceEvent', 'Operator'];
const ROW = '019b8d2e-7a00-7000-8000-000000000001';
const ids = { of: () => ROW };

test('every root field is an operation of a service, and its document is valid', () => {
  const { schema, operations, services } = contract;
  const roots = [schema.getQueryType(), schema.getMutationType()];
  expect(operations).toHaveLength(roots.flatMap((root) => Object.keys(root?.getFields() ?? {})).length);
  for (const operation of operations) {
    expect(services).toContain(operation.service);
    const names = operation.field.args.map(({ name }) => name);
    for (const depth of [0, 1]) {
      expect(validate(schema, parse(documentOf(operation, names, { depth }))), operation.name).toEqual([]);
    }
  }
});

test('an operation that is added to the contract is tried without an edit', () => {
  const added = SDL.replace(
    'type Mutation\n',
    `input SinkShipInput { idempotencyKey: String!, taskId: ID!, depth: Int }
     type SinkShipPayload { task: Task, refusal: Refusal }
     extend type Mutation { sinkShip(input: SinkShipInput!): SinkShipPayload @join__field(graph: JOBS) }
     type Mutation\n`,
  );
  const operation = operationNamed(readContract(added), 'sinkShip');
  expect(operation).toMatchObject({ kind: 'mutation', service: 'jobs' });
  const type = operation.field.args[0]?.type as never;
  const sound = soundValue(type, 'input', { draw: drawFrom(1), ids, types: TYPES, shape: new Set(['input.depth']) });
  expect(sound).toEqual({ idempotencyKey: expect.any(String), taskId: ROW, depth: expect.any(Number) });
  expect(placesOf(type, sound).map(({ path }) => path.join('.'))).toEqual(['', 'idempotencyKey', 'taskId', 'depth']);
});

test('what a service alone is asked is what it can answer', () => {
  const job = operationNamed(contract, 'job');
  const whole = documentOf(job, ['id'], { depth: 1 });
  const own = documentOf(job, ['id'], { depth: 1, service: job.service });
  expect(own.length).toBeLessThan(whole.length);
  expect(own).toContain('state');
});

test('the type that a field names is told by its name', () => {
  expect(typeMeant('taskId', TYPES)).toBe('Task');
  expect(typeMeant('holderIdentityId', TYPES)).toBe('Identity');
  expect(typeMeant('serviceEventId', TYPES)).toBe('ServiceEvent');
  expect(typeMeant('reason', TYPES)).toBeUndefined();
});

test('the same seed draws the same', () => {
  const type = operationNamed(contract, 'submitRequest').field.args[0]?.type as never;
  const drawn = (seed: number) => {
    const draw = drawFrom(seed);
    return JSON.stringify(Array.from({ length: 50 }, () => mutated(draw, type, { what: 'x', actor: { name: 'y' } })));
  };
  expect(drawn(7)).toBe(drawn(7));
  expect(drawn(7)).not.toBe(drawn(8));
});
