import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventProblems } from '../../infra/scripts/check/event-rules.ts';
import { matrixProblems } from '../../infra/scripts/check/matrix-rules.ts';
import { namingProblems } from '../../infra/scripts/check/naming-rules.ts';
import { nullabilityProblems } from '../../infra/scripts/check/nullability.ts';
import { ownershipProblems, readOwnership } from '../../infra/scripts/check/ownership-rules.ts';
import { readmeProblems } from '../../infra/scripts/check/readme-rules.ts';
import { mutationProblems, undescribed } from '../../infra/scripts/check/sdl-rules.ts';
import { readContract } from '../../infra/scripts/generate/contract.ts';
import { composeSupergraph } from '../../infra/scripts/generate/supergraph.ts';
import { edit, put, sampleRepository } from './sample-repository.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'qtm-contract-'));
  sampleRepository(root);
});
afterEach(() => rmSync(root, { recursive: true }));

const supergraph = () => composeSupergraph(readContract(root))?.sdl ?? '';
const personal = new Map([['Thing', ['note']]]);

describe('the sample', () => {
  test('keeps every rule', () => {
    expect(eventProblems(readContract(root))).toEqual([]);
    expect(matrixProblems(root, ['things'])).toEqual([]);
    expect(namingProblems(root)).toEqual([]);
    expect(ownershipProblems(readContract(root), readOwnership(root))).toEqual([]);
    expect(readmeProblems(root, ['things'])).toEqual([]);
    expect(undescribed(supergraph())).toEqual([]);
    expect(mutationProblems(supergraph())).toEqual([]);
    expect(nullabilityProblems(supergraph(), personal)).toEqual([]);
  });
});

describe('events', () => {
  const thing = 'schema/things/aggregates/thing.v1.json';
  const event = 'schema/things/events/thing_made.v1.json';
  const sample = 'test/golden/events/things/thing_made.v1.json';

  test.each([
    ['a property without a description', thing, '"description": "Number.", ', '', 'amount has no description'],
    ['a key that cannot be converted', thing, /"amount"/g, '"Amount"', 'Amount is not snake_case'],
    ['a state that may lack a key', thing, ', "amount"]', ']', 'amount is not required'],
    ['a personal value without its mark', thing, '"x-personal": true, ', '', 'note: x-personal and a $ref'],
    ['a wrong id', thing, 'thing.v1.json', 'other.v1.json', '$id is not'],
    ['a type that is not of the service', event, 'x1.things.', 'x1.others.', 'does not allow x1.things.thing_made.v1'],
    ['a sample that is not valid', sample, '"amount": 3', '"amount": "3"', '/state/amount: must be integer'],
  ])('not %s', (_, path, from, to, problem) => {
    edit(root, path, from, to);
    expect(eventProblems(readContract(root)).join('\n')).toContain(problem);
  });

  test('not without a sample', () => {
    rmSync(join(root, sample));
    expect(eventProblems(readContract(root))).toEqual([expect.stringContaining('is missing')]);
  });
});

describe('matrix', () => {
  test.each([
    ['nobody named', 'anyOf: [{ role: requester }]', 'anyOf: []'],
    ['an unknown role', 'requester', 'king'],
    ['an unknown principal', '[HUMAN]', '[ROBOT]'],
    ['a misspelt key', 'principals', 'principal'],
  ])('not with %s', (_, from, to) => {
    edit(root, 'schema/things/authority.yaml', from, to);
    expect(matrixProblems(root, ['things'])).not.toEqual([]);
  });

  test('not with two rows for one transition', () => {
    edit(root, 'schema/things/authority.yaml', /(- transition[\s\S]*)/, '$1$1');
    expect(matrixProblems(root, ['things'])).toEqual(['schema/things/authority.yaml: two rows for thing.make']);
  });

  test('not missing', () => {
    expect(matrixProblems(root, ['nothing'])).toEqual(['schema/nothing/authority.yaml is missing']);
  });
});

describe('supergraph', () => {
  const sdl = 'schema/things/graphql/thing.graphql';

  test.each([
    ['a field', '"Its size." size', 'size', 'Thing.size has no description'],
    ['an argument', '"Which." id: ID!): Thing', 'id: ID!): Thing', 'Query.thing(id) has no description'],
    ['an enum value', '"There." MADE', 'MADE', 'ThingState.MADE has no description'],
  ])('describes %s', (_, from, to, problem) => {
    edit(root, sdl, from, to);
    expect(undescribed(supergraph())).toEqual([problem]);
  });

  test.each([
    ['a root field', sdl, 'thing("Which." id: ID!): Thing', 'thing("Which." id: ID!): Thing!', 'a root field'],
    ['a personal value', sdl, 'note: String', 'note: String!', 'a personal value'],
    ['a foreign entity', sdl, 'owner: Owner', 'owner: Owner!', 'leads to an entity of owners'],
    ['a field added', 'schema/owners/graphql/subgraph.graphql', 'admirers: Int', 'admirers: Int!', 'owners adds it'],
  ])('keeps %s nullable', (_, path, from, to, problem) => {
    edit(root, path, from, to);
    expect(nullabilityProblems(supergraph(), personal)).toEqual([expect.stringContaining(problem)]);
  });

  test.each([
    [
      'an input',
      'makeThing("What." input: MakeThingInput!)',
      'makeThing("What." name: String!)',
      'input: MakeThingInput!',
    ],
    ['a key', 'idempotencyKey: String!', 'idempotencyKey: String', 'no idempotencyKey: String!'],
    ['a refusal', 'refusal: Refusal', 'refusals: [Refusal!]', 'no refusal: Refusal'],
    ['nullable parts', 'thing: Thing "Why', 'thing: Thing! "Why', 'MakeThingPayload.thing is not nullable'],
  ])('gives every mutation %s', (_, from, to, problem) => {
    edit(root, sdl, from, to);
    expect(mutationProblems(supergraph()).join('\n')).toContain(problem);
  });
});

describe('ownership', () => {
  const problems = () => ownershipProblems(readContract(root), readOwnership(root));

  test.each([
    [
      'a field',
      'schema/owners/graphql/owner.graphql',
      'name: String!',
      'amounts: Int',
      'Owner.amounts speaks of amount',
    ],
    [
      'an argument',
      'schema/owners/graphql/owner.graphql',
      '"Which." id: ID!',
      'leastAmount: Int',
      'Query.leastAmount speaks',
    ],
    ['a type', 'schema/owners/graphql/owner.graphql', 'extend', 'type Amount { id: ID! } extend', 'Amount.Amount'],
    ['no such service', 'schema/ownership.yaml', 'service: owners', 'service: nobody', 'there is no service nobody'],
    ['no such type', 'schema/ownership.yaml', 'never:', 'within: [Gone]\n  never:', 'owners has no type Gone'],
  ])('finds %s', (_, path, from, to, problem) => {
    edit(root, path, from, to);
    expect(problems()).toEqual([expect.stringContaining(problem)]);
  });

  test('finds it in published states and in events', () => {
    edit(root, 'schema/ownership.yaml', 'service: owners', 'service: things');
    expect(problems()).toEqual([expect.stringContaining('schema/things: Thing.amount speaks of amount (T-XX-01)')]);
    edit(root, 'schema/ownership.yaml', '[amount]', '[thingMade]');
    expect(problems()).toEqual([expect.stringContaining('ThingMade.thing_made speaks of thingMade')]);
  });

  test('is not passed where nothing is said', () => {
    rmSync(join(root, 'schema/ownership.yaml'));
    expect(problems()).toEqual(['schema/ownership.yaml is missing']);
  });
});

test('a README has every section and stays on one screen', () => {
  put(root, 'services/things/README.md', `# things\n${'\n'.repeat(130)}`);
  expect(readmeProblems(root, ['things']).join('\n')).toMatch(/'owns'.*'command'.*'events out'.*diagram.*more than/s);
  expect(readmeProblems(root, ['nothing'])).toEqual(['services/nothing/README.md is missing']);
});
