import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventProblems } from '../../infra/scripts/check/event-rules.ts';
import { namingProblems } from '../../infra/scripts/check/naming-rules.ts';
import { ownershipProblems, readOwnership } from '../../infra/scripts/check/ownership-rules.ts';
import { type Contract, readContract } from '../../infra/scripts/generate/contract.ts';
import { edit, put, sampleRepository } from '../repository/sample-repository.ts';

const contract = readContract(ROOT);
const rules = readOwnership(ROOT);

/** The contract as it is, with these definitions in one subgraph more. */
function planted(service: string, sdl: string): Contract {
  const plant = { path: 'planted.graphql', text: sdl };
  const services = contract.services.map((one) => (one.name === service ? { ...one, sdl: [...one.sdl, plant] } : one));
  return { ...contract, services };
}

/** What `npm run check` says of it. */
const checked = (service: string, sdl: string) => ownershipProblems(planted(service, sdl), rules).join('\n');

/** The subgraph of a service, as its files say it one after the other. */
const sdlOf = (service: string) =>
  contract.services.flatMap(({ name, sdl }) => (name === service ? sdl.map(({ text }) => text) : [])).join('\n');

describe('who owns what', () => {
  test('T-WF-04 allow: a job names its operator, and says nothing else of who that is', () => {
    expect(sdlOf('jobs')).toMatch(/type Job [^}]*\n {2}operator: Operator\n/);
    expect(ownershipProblems(contract, rules)).toEqual([]);
  });

  test.each([
    ['operator', 'extend type Mutation { assignJob: Boolean }', 'Mutation.assignJob speaks of job'],
    ['operator', 'type Workload { openTasks: Int }', 'Workload.openTasks speaks of task'],
    ['jobs', 'extend type Job { operatorReadiness: String }', 'Job.operatorReadiness speaks of readiness'],
    ['jobs', 'extend type Job { heldByDisplayName: String }', 'Job.heldByDisplayName speaks of displayName'],
  ])('T-WF-04 deny: the check refuses work within operator, and who acts within jobs', (service, sdl, problem) => {
    expect(checked(service, sdl)).toContain(`schema/${service}: ${problem} (T-WF-04)`);
  });

  test('T-WF-11 allow: the desk is a view of jobs, without a state of its own', () => {
    expect(sdlOf('jobs')).toMatch(/type Desk [^}]*\n {2}queue\(/);
    expect(contract.services.flatMap(({ aggregates }) => aggregates.map(({ name }) => name))).not.toContain('desk');
  });

  test.each([
    'type Desk { id: ID! }',
    'extend type Operator { deskQueue: [ID!] }',
    'extend type Query { queues: [ID!] }',
  ])('T-WF-11 deny: the check refuses a desk within operator', (sdl) =>
    expect(checked('operator', sdl)).toContain('(T-WF-11)'),
  );

  test('T-WF-12 allow: a pack says stages, evidence and outcomes', () => {
    expect(sdlOf('workflow')).toMatch(/type Pack [^}]*\n {2}stages: [^}]*\n {2}outcomeCodes: /);
    expect(sdlOf('workflow')).toMatch(/type PackStage [^}]*\n {2}evidence: /);
  });

  test.each([
    'extend type PackStage { assignee: ID }',
    'extend type Pack { operator: String }',
    'type Desk { id: ID! }',
  ])('T-WF-12 deny: the check refuses who works, or where, within a pack or beside it', (sdl) =>
    expect(checked('workflow', sdl)).toContain('(T-WF-12)'),
  );
});

describe('what a transfer is not', () => {
  /** Everything that the service keeps, by the names of its tables and columns. */
  const tables = readdirSync(join(ROOT, 'services/transfer/migrations'))
    .map((name) => readFileSync(join(ROOT, 'services/transfer/migrations', name), 'utf8'))
    .join('\n');

  test('T-TR-23 allow: it says who held an object, who is to hold it, and on what evidence', () => {
    expect(sdlOf('transfer')).toMatch(/type Transfer [^}]*\n {2}fromIdentityId: ID!\n[^}]*\n {2}toIdentityId: ID!\n/);
    expect(sdlOf('transfer')).toMatch(/type RegisterEntry [^}]*\n {2}holderIdentityId: ID!\n/);
    expect(ownershipProblems(contract, rules)).toEqual([]);
  });

  test.each([
    ['extend type Transfer { amount: Int }', 'Transfer.amount speaks of amount'],
    ['extend type Transfer { priceInCents: Int }', 'Transfer.priceInCents speaks of price'],
    ['extend type RegisterEntry { walletAddress: String }', 'RegisterEntry.walletAddress speaks of wallet'],
    ['extend type RegisterEntry { balances: [Int!] }', 'RegisterEntry.balances speaks of balance'],
    ['extend input ProposeTransferInput { currency: String }', 'ProposeTransferInput.currency speaks of currency'],
    ['extend type Mutation { mintToken: Boolean }', 'Mutation.mintToken speaks of token'],
    ['type PaymentRail { id: ID! }', 'PaymentRail.PaymentRail speaks of payment'],
    ['extend type Transfer { settlement: ID }', 'Transfer.settlement speaks of settlement'],
    ['extend type Query { transfers(paidBy: ID, payout: ID): ID }', 'Query.payout speaks of payout'],
  ])('T-TR-23 deny: the check refuses money, tokens, wallets and rails within it: %s', (sdl, problem) => {
    expect(checked('transfer', sdl)).toContain(`schema/transfer: ${problem} (T-TR-23)`);
  });

  test.each(rules?.find(({ service }) => service === 'transfer')?.never ?? ['no rule'])(
    'T-TR-23 deny: no table and no column of it has %s in its name',
    (word) => {
      expect(tables).toContain('create table register_entry');
      expect(tables.toLowerCase().split(/[^a-z]+/)).not.toContain(word);
    },
  );
});

describe('names', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'qtm-names-'));
    sampleRepository(root);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const problems = () => [...namingProblems(root), ...eventProblems(readContract(root))];

  test('T-NS-22 allow: folder, package, definition, namespace, topic and event types say the same', () => {
    expect(namingProblems(ROOT)).toEqual([]);
    expect(eventProblems(contract)).toEqual([]);
    for (const { eventPrefix, topic } of contract.services) expect(topic).toBe(`${eventPrefix}.events.v1`);
    expect(problems()).toEqual([]);
  });

  test.each<[string, () => void, string]>([
    [
      'an event of another namespace',
      () => edit(root, 'schema/things/events/thing_made.v1.json', 'x1.things.', 'x1.owners.'),
      'event_type does not allow x1.things.thing_made.v1',
    ],
    [
      'two services of one namespace',
      () => edit(root, 'schema/namespaces.json', 'things.x1', 'owners.x1'),
      'schema/namespaces.json: things shares owners.x1 with owners',
    ],
    [
      'a folder of another name',
      () => renameSync(join(root, 'services/things'), join(root, 'services/stuff')),
      'services/stuff has no contract schema/stuff',
    ],
    [
      'a package of another name',
      () => edit(root, 'services/things/package.json', 'things', 'stuff'),
      'services/things/package.json does not say "name": "@qtm/things-service"',
    ],
    [
      'a definition of another name',
      () => edit(root, 'services/things/src/service.ts', 'things', 'owners'),
      "services/things/src/service.ts does not say name: 'things'",
    ],
    [
      'a namespace without a service',
      () =>
        put(root, 'schema/namespaces.json', '{ "owners": "owners.x1", "things": "things.x1", "stuff": "stuff.x1" }'),
      'schema/namespaces.json: stuff has no folder schema/stuff',
    ],
  ])('T-NS-22 deny: the check refuses whatever says something else', (_, plant, problem) => {
    plant();
    expect(problems().join('\n')).toContain(problem);
  });
});
