import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const repository = join(import.meta.dirname, '../..');

/** Writes a small repository with two made-up services, which keeps every rule, below `root`. */
export function sampleRepository(root: string): void {
  for (const path of [
    'schema/shared',
    'schema/shared.graphql',
    'schema/event.v1.json',
    'schema/authority.schema.json',
  ]) {
    cpSync(join(repository, path), join(root, path), { recursive: true });
  }
  cpSync(join(repository, 'test/golden/events/shared'), join(root, 'test/golden/events/shared'), { recursive: true });
  for (const [path, text] of Object.entries(FILES)) put(root, path, text);
}

export function put(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Replaces `from` in a file; fails where it is not there, so that a test cannot pass for the wrong reason. */
export function edit(root: string, path: string, from: string | RegExp, to: string): void {
  const before = readFileSync(join(root, path), 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${path} does not hold ${from}`);
  writeFileSync(join(root, path), after);
}

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])';

const FILES: Readonly<Record<string, string>> = {
  'schema/namespaces.json': '{ "owners": "owners.x1", "things": "things.x1" }',
  'schema/owners/authority.yaml': '',
  'schema/owners/graphql/subgraph.graphql': `${LINK}
    type Thing @key(fields: "id") { id: ID! "How many." admirers: Int }`,
  'schema/owners/graphql/owner.graphql': `extend type Query { "An owner." owner("Which." id: ID!): Owner }
    "Who has things." type Owner @key(fields: "id") { "Its id." id: ID! "Its name." name: String! "Its version." version: Int! }`,
  'schema/things/graphql/subgraph.graphql': `${LINK}
    type Owner @key(fields: "id", resolvable: false) { id: ID! }`,
  'schema/things/graphql/thing.graphql': `extend type Query { "A thing." thing("Which." id: ID!): Thing }
    extend type Mutation { "Makes one." makeThing("What." input: MakeThingInput!): MakeThingPayload }
    "What to make." input MakeThingInput { "Once." idempotencyKey: String! }
    "What came of it." type MakeThingPayload { "It." thing: Thing "Why not." refusal: Refusal }
    "Life of a thing." enum ThingState { "There." MADE }
    "A thing." type Thing @key(fields: "id") {
      "Its id." id: ID! "Its state." state: ThingState! "Its version." version: Int! "Its size." size: Int!
      "Said of it." note: String "Who has it." owner: Owner
    }`,
  'schema/things/authority.yaml': `- transition: thing.make
  seed: S1:1
  from: [NONE]
  to: MADE
  principals: [HUMAN]
  anyOf: [{ role: requester }]
  allOf: [identity_active]
`,
  'schema/things/aggregates/thing.v1.json': `{
    "$id": "https://qtm.x1/schema/things/aggregates/thing.v1.json", "title": "Thing", "description": "A thing.", "type": "object",
    "required": ["id", "state", "note", "amount"],
    "properties": {
      "id": { "description": "Id.", "type": "string" },
      "state": { "description": "State.", "enum": ["MADE"] },
      "note": { "description": "Said of it.", "x-personal": true, "$ref": "../../shared/personal-ref.v1.json" },
      "amount": { "description": "Number.", "type": "integer" }
    } }`,
  'schema/things/events/thing_made.v1.json': `{
    "$id": "https://qtm.x1/schema/things/events/thing_made.v1.json", "title": "ThingMade", "description": "A thing was made.",
    "allOf": [{ "$ref": "../../event.v1.json" }], "type": "object",
    "properties": {
      "event_type": { "description": "Type.", "const": "x1.things.thing_made.v1" },
      "state": { "description": "The thing.", "$ref": "../aggregates/thing.v1.json" }
    } }`,
  'test/golden/events/things/thing_made.v1.json': `{
    "event_id": "019b8d2e-7a00-7000-8000-00000000001e", "event_type": "x1.things.thing_made.v1", "schema_version": 1, "epoch": 1,
    "occurred_at": "2026-01-05T10:06:00.123456Z", "aggregate_type": "thing", "aggregate_id": "1", "aggregate_version": 1,
    "transaction_id": "1", "transaction_index": 0, "transaction_size": 1, "transition": "thing.make", "prior_state": null,
    "new_state": "MADE", "reason_ref": null, "actor_id": "1", "actor_kind": "HUMAN", "session_hash": null,
    "authority": "role:requester", "matrix_version": "1", "basis": [], "correlation_id": "1", "causation_id": null,
    "traceparent": null, "data": {},
    "state": { "id": "1", "state": "MADE", "amount": 3,
      "note": { "ref": "019b8d2e-7a00-7000-8000-000000000005",
        "hash": "0678411407c8ca0037ba963987af8aaf89eb30a7170c13f323439decc14a0371" } } }`,
  'schema/ownership.yaml': `- statement: T-XX-01
  service: owners
  never: [amount]
  because: it answers who has things
`,
  'services/owners/package.json': '{ "name": "@qtm/owners-service" }',
  'services/owners/src/service.ts': "export const service = { name: 'owners' };",
  'services/things/package.json': '{ "name": "@qtm/things-service" }',
  'services/things/src/service.ts': "export const service = { name: 'things' };",
  'services/things/README.md':
    '# things\n**Owns**: things\n```\nMADE\n```\n| command |\n**Events out** **Events in** **Settings**\n',
};
