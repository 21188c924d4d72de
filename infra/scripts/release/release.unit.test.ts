import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { edit, put, sampleRepository } from '../../../test/repository/sample-repository.ts';
import { eventProblems } from '../check/event-rules.ts';
import { readContract } from '../generate/contract.ts';
import { readBaseline } from './baseline.ts';
import { BREAKS, moveBaseline } from './move.ts';
import { verdictOn } from './verdict.ts';

const DAY = '2026-01-05';
const THING = 'schema/things/aggregates/thing.v1.json';
const MADE = 'schema/things/events/thing_made.v1.json';
const SDL = 'schema/things/graphql/thing.graphql';
const MATRIX = 'schema/things/authority.yaml';

let root: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'qtm-released-'));
  sampleRepository(root);
  await moveBaseline(root, DAY);
});
afterEach(() => rmSync(root, { recursive: true }));

type Planted = [what: string, path: string, from: string | RegExp, to: string, told: string];

const BREAKING: readonly Planted[] = [
  [
    'a property taken away',
    THING,
    /"amount": \{.*\}/,
    '"other": { "type": "integer" }',
    'thing.v1.json: amount: is gone',
  ],
  ['another type', THING, '"type": "integer"', '"type": "string"', 'amount: is string, and was integer'],
  ['a value that may be absent', THING, '"type": "integer"', '"type": ["integer", "null"]', 'is integer or null'],
  ['a new property that old facts lack', THING, '"amount"]', '"amount", "more"]', 'more: is now required'],
  ['a property that may be missing', THING, ', "amount"]', ']', 'amount: is no longer always there'],
  ['a value taken away', THING, '["MADE"]', '["OTHER"]', 'state: can no longer be "MADE"'],
  ['a value of any kind', THING, '"enum": ["MADE"]', '"type": "string"', 'state: is no longer one of "MADE"'],
  ['a choice where there was none', THING, '"type": "integer"', '"enum": [1, 2]', 'amount: now allows only 1, 2'],
  ['a lower limit', THING, '"type": "integer"', '"type": "integer", "minimum": 1', 'minimum is 1, and was not there'],
  ['an upper limit', THING, '"type": "integer"', '"type": "integer", "maximum": 9', 'maximum is 9, and was not there'],
  ['another form', THING, '"type": "string"', '"type": "string", "format": "uuid"', 'id: format is "uuid"'],
  ['a list for a value', THING, '"type": "integer"', '"type": "array", "items": {}', 'items has 1 alternatives'],
  [
    'another constant',
    MADE,
    'x1.things.thing_made',
    'x1.things.thing_born',
    'can no longer be "x1.things.thing_made.v1"',
  ],
  ['a value made personal', THING, '"type": "integer"', '"type": "integer", "x-personal": true', 'is now personal'],
  ['a value made plain', THING, '"x-personal": true, ', '', 'note: is no longer personal'],
  ['another form of what all share', 'schema/shared/instant.v1.json', '{6}Z', '{3}Z', 'instant.v1.json: pattern is'],
  ['an envelope without a part', 'schema/event.v1.json', '"traceparent",\n', '', 'traceparent: is no longer'],
  ['a field taken away', SDL, '"Its size." size: Int!', '', `${SDL}: Thing.size: Field 'size' was removed`],
  ['another type of a field', SDL, 'size: Int!', 'size: String!', "Thing.size: Field 'Thing.size' changed type"],
  ['a field that is also deprecated', SDL, 'size: Int!', 'size: Int @deprecated(reason: "x")', "from 'Int!' to 'Int'"],
  ['a field that may be null', SDL, 'size: Int!', 'size: Int', "from 'Int!' to 'Int'"],
  ['an argument that must be given', SDL, 'thing("Which." id: ID!)', 'thing(id: ID!, by: Int!)', 'Query.thing.by'],
  ['an argument taken away', SDL, 'thing("Which." id: ID!)', 'thing', 'Query.thing.id'],
  ['an input that must be given', SDL, 'idempotencyKey: String!', 'idempotencyKey: String! why: String!', 'why'],
  ['another default', SDL, 'first: Int = 25', 'first: Int = 50', "changed from '25' to '50'"],
  ['a state taken away', SDL, '"There." MADE', '"There." BORN', "Enum value 'MADE' was removed"],
  ['a mutation taken away', SDL, /"Makes one." makeThing/, '"Makes one." bearThing', 'Mutation.makeThing'],
  ['a type taken away', SDL, /MakeThingPayload/g, 'MadeThingPayload', "Type 'MakeThingPayload' was removed"],
  ['a key taken away', SDL, 'Thing @key(fields: "id")', 'Thing @key(fields: "size")', "Thing: Key 'id' was removed"],
  ['a shared type changed', 'schema/shared.graphql', 'retryable: Boolean!', 'retryable: Boolean', 'Refusal.retryable'],
  ['another topic', 'schema/namespaces.json', 'things.x1', 'things.xen', 'namespace is things.xen, and was things.x1'],
];

const ADDITIVE: readonly Planted[] = [
  [
    'an optional property',
    THING,
    '"amount": {',
    '"more": { "type": "string" }, "amount": {',
    'more: is new and optional',
  ],
  ['another state', THING, '["MADE"]', '["MADE", "LOST"]', 'state: can now be "LOST"'],
  [
    'a wider choice',
    MADE,
    '"const": "x1.things.thing_made.v1"',
    '"enum": ["x1.things.thing_made.v1", "x"]',
    'can now be "x"',
  ],
  ['a field', SDL, '"Its size." size', 'weight: Int "Its size." size', "Field 'weight' was added"],
  ['a field that is always there', SDL, 'note: String', 'note: String!', "from 'String' to 'String!'"],
  ['an argument', SDL, 'thing("Which." id: ID!)', 'thing("Which." id: ID!, by: Int)', "Argument 'by: Int' added"],
  ['a state of the graph', SDL, '"There." MADE', '"There." MADE LOST', "Enum value 'LOST' was added"],
  ['a type', SDL, /$/, 'type Extra { a: Int }', "Type 'Extra' was added"],
  ['a key', SDL, 'Thing @key(fields: "id")', 'Thing @key(fields: "id") @key(fields: "size")', "Key 'size' was added"],
];

describe('what was released', () => {
  test('is the contract itself, by the release', async () => {
    expect(await verdictOn(root)).toEqual({ problems: [], notes: [] });
    expect(readdirSync(join(root, 'schema/released')).sort()).toEqual(
      [
        'namespaces.json',
        ...['owners', 'shared', 'things'].flatMap((name) => [`${name}.graphql`, `${name}.json`]),
      ].sort(),
    );
  });

  test('says so where there was no release', async () => {
    rmSync(join(root, 'schema/released'), { recursive: true });
    expect(await verdictOn(root)).toEqual({
      problems: [],
      notes: [expect.stringContaining('npm run release:contract')],
    });
  });

  test.each(BREAKING)('is broken by %s', async (_, path, from, to, told) => {
    if (to.includes('50')) {
      edit(root, SDL, 'thing("Which." id: ID!)', 'thing("Which." id: ID!, first: Int = 25)');
      await moveBaseline(root, DAY);
    }
    edit(root, path, from, to);
    const { problems } = await verdictOn(root);
    expect(problems.join('\n')).toContain(told);
    expect(problems[0]).toMatch(/^breaks: schema\//);
    expect(problems.join('\n')).toContain('npm run release:contract -- --break');
  });

  test.each(ADDITIVE)('is added to by %s', async (_, path, from, to, told) => {
    edit(root, path, from, to);
    const { problems, notes } = await verdictOn(root);
    expect(problems).toEqual([]);
    expect(notes).toEqual([expect.stringContaining(told)]);
    expect(notes[0]).toMatch(/^adds: schema\//);
  });

  test('is not touched by words, by order, or by where a type stands', async () => {
    edit(root, THING, '"description": "A thing."', '"description": "Any thing."');
    edit(root, THING, '"required": ["id", "state"', '"required": ["state", "id"');
    edit(root, SDL, '"A thing." type', '"Any thing." type');
    edit(root, SDL, /"Life of a thing." enum.*\n/, '');
    put(root, 'schema/things/graphql/life.graphql', 'enum ThingState { "Here." MADE }');
    expect(await verdictOn(root)).toEqual({ problems: [], notes: [] });
  });

  test('is broken by an event or a service that is gone', async () => {
    rmSync(join(root, MADE));
    expect((await verdictOn(root)).problems[0]).toBe(`breaks: ${MADE}: the event is gone`);
    rmSync(join(root, 'schema/things'), { recursive: true });
    edit(root, 'schema/namespaces.json', ', "things": "things.x1"', '');
    const { problems } = await verdictOn(root);
    expect(problems[0]).toBe('breaks: schema/namespaces.json: things: the service is gone');
  });

  test('lets a type go that only names what another owns', async () => {
    edit(root, 'schema/things/graphql/subgraph.graphql', /type Owner.*/, '');
    edit(root, SDL, '"Who has it." owner: Owner', '');
    expect((await verdictOn(root)).problems).toHaveLength(3);
    expect((await verdictOn(root)).problems[0]).toContain("Thing.owner: Field 'owner' was removed");
  });

  test('is added to by an event and its next version, and in one line by a service', async () => {
    put(root, 'schema/things/events/thing_made.v2.json', readFileSync(join(root, MADE), 'utf8'));
    put(root, 'schema/extras/graphql/extra.graphql', 'type Query { extra: Int } type Extra { a: Int }');
    put(root, 'schema/extras/authority.yaml', '');
    put(root, 'schema/extras/aggregates/extra.v1.json', '{}');
    edit(root, 'schema/namespaces.json', '{', '{ "extras": "extras.x1",');
    expect(await verdictOn(root)).toEqual({
      problems: [],
      notes: [
        'adds: schema/namespaces.json: extras: a new service',
        'adds: schema/things/events/thing_made.v2.json: a new event',
      ],
    });
  });

  test('tells who may do what from now on, and counts it as no break', async () => {
    edit(root, MATRIX, '[HUMAN]', '[HUMAN, SERVICE]');
    expect(await verdictOn(root)).toEqual({
      problems: [],
      notes: [`authority: ${MATRIX}: thing.make: principals is ["HUMAN","SERVICE"], and was ["HUMAN"]`],
    });
    edit(root, MATRIX, 'thing.make', 'thing.bear');
    expect((await verdictOn(root)).notes.map((note) => note.split(': ').at(-1))).toEqual([
      'the row is gone',
      'a new row',
    ]);
  });
});

describe('a release', () => {
  test('takes what is added, and no more of it is told', async () => {
    edit(root, SDL, '"Its size." size', '"Its weight." weight: Int "Its size." size');
    const { released, told } = await moveBaseline(root, DAY);
    expect(released).toBe(true);
    expect(told).toHaveLength(1);
    expect(await verdictOn(root)).toEqual({ problems: [], notes: [] });
    expect(existsSync(join(root, BREAKS))).toBe(false);
  });

  test('breaks a promise only for a reason, which it keeps', async () => {
    edit(root, SDL, '"Its size." size: Int!', '');
    expect(await moveBaseline(root, DAY, ' ')).toMatchObject({ released: false, broken: [expect.anything()] });
    expect((await verdictOn(root)).problems).not.toEqual([]);
    expect(await moveBaseline(root, DAY, 'sizes were\nnever right')).toMatchObject({ released: true });
    expect(await verdictOn(root)).toEqual({ problems: [], notes: [] });
    expect(readFileSync(join(root, BREAKS), 'utf8')).toMatch(
      /## 2026-01-05: sizes were never right\n- breaks: .*Thing\.size: Field 'size' was removed.*\n$/,
    );
  });

  test('drops what belongs to a service that is gone', async () => {
    rmSync(join(root, 'schema/owners'), { recursive: true });
    edit(root, 'schema/namespaces.json', '"owners": "owners.x1", ', '');
    await moveBaseline(root, DAY, 'nobody owns anything');
    expect(existsSync(join(root, 'schema/released/owners.json'))).toBe(false);
    expect(await verdictOn(root)).toEqual({ problems: [], notes: [] });
  });
});

test('what is added to a released state need not be required, since facts before it lack it', () => {
  edit(root, THING, '"amount": {', '"more": { "description": "More.", "type": "string" }, "amount": {');
  const problems = () => eventProblems(readContract(root), readBaseline(root)?.schemas);
  expect(problems()).toEqual([]);
  rmSync(join(root, 'schema/released'), { recursive: true });
  expect(problems()).toEqual([`${THING}: more is not required; an absent value is null`]);
});
