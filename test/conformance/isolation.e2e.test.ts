import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byId, codeOf } from '../harness/answers.ts';
import { activeOperator, assemble, type Cast, execute, submit } from '../harness/cast.ts';
import { newJob } from '../harness/chains.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import { meet, propose } from '../harness/transfers.ts';
import type { Answer, Visitor } from '../harness/visitor.ts';
import { idOf, somebody } from './execution.ts';
import { everyEntity, everyMutation, NO_ID, pages, queriesById, queriesByObject, queriesOfMany } from './operations.ts';
import { SOURCED } from './sourced.ts';

let system: TestSystem;
let cast: Cast;
let superAdmin: Visitor;
/** Ids of one chain and of whoever has to do with it, by the types of the supergraph. */
let theirs: Readonly<Record<string, string>>;
/** Who sees none of it: the holder of another operator, and the submitter of another request. */
let strangers: Readonly<Record<string, Visitor>>;
/** What the strangers were told by every list, count and desk before any of it was there. */
const toldBefore = new Map<string, string>();

beforeAll(async () => {
  system = await startTestSystem();
  cast = await assemble(system);
  const { requester, governor, secondGovernor, holder, operator } = cast;
  const other = await activeOperator(system, governor, secondGovernor);
  const submitter = await somebody(system, [other.holder], ['requester']);
  strangers = { 'another holder': other.holder, 'another submitter': submitter };
  const delegate = await somebody(system, []);
  const [holderId, delegateId] = [await idOf(holder), await idOf(delegate)];
  // Each has something of the kind that it must not see of others.
  const own = await submit(submitter);
  governor.learn(submitter);
  const ownJob = await newJob({ ...cast, requester: submitter, operator: other.operator });
  await execute(other.holder.learn(ownJob.governor), ownJob.jobId, other.operator);
  for (const [name, stranger] of Object.entries(strangers)) {
    stranger.learn(governor, other.holder, submitter, delegate);
    for (const { field, query } of queriesOfMany())
      toldBefore.set(`${name} ${field}`, text(await stranger.send(query)));
  }

  await holder.learn(delegate, governor).mutate('delegate', { operator, identityId: delegateId, power: 'EXECUTE' });
  await holder.mutate('addWorkspaceMember', { operator, identityId: delegateId });
  superAdmin = await somebody(system, [holder], ['super_admin']);
  await superAdmin.mutate('grantRole', { identityId: delegateId, role: 'executive' });
  const { pool } = await governor.mutate('createPool', { name: `Theirs ${operator}` }, 'pool { id }');
  await governor.mutate('addPoolMember', { poolId: pool.id, operator });
  // Nothing is imported beside a transfer.
  const { registerImport } = await superAdmin.mutate(
    'openRegisterImport',
    { manifestSha256: 'a'.repeat(64) },
    'registerImport { id }',
  );
  await superAdmin.mutate('closeRegisterImport', { importId: registerImport.id });
  meet(holder, superAdmin);
  const transferId = await propose({ operator, holder, buyerId: delegateId });
  const { taskId, jobId } = await newJob({ ...cast, governor: governor.learn(holder) });
  const recordId = await execute(holder, jobId, operator);
  const { job } = await byId(
    holder,
    `job(id: $id) { assignment { id } request { id actor { id } } intake { id } serviceEvent { id evidence { id } } }`,
    jobId,
  );
  theirs = {
    Request: job.request.id,
    Actor: job.request.actor.id,
    Intake: job.intake.id,
    Task: taskId,
    Assignment: job.assignment.id,
    Job: jobId,
    ServiceEvent: job.serviceEvent.id,
    Evidence: job.serviceEvent.evidence[0].id,
    Record: recordId,
    Pool: pool.id,
    Identity: holderId,
    Delegation: `${operator}:${delegateId}:EXECUTE`,
    WorkspaceMembership: `${operator}:${delegateId}`,
    RoleGrant: `${delegateId}:executive`,
    Transfer: transferId,
    GovernanceTask: `${transferId}:transfer_proposed`,
    RegisterEntry: `operator:${operator}`,
    RegisterImport: registerImport.id,
  };
  for (const one of [requester, superAdmin, ...Object.values(strangers)]) one.learn(holder, governor, superAdmin);
  expect(own.taskId).not.toBe(taskId);
});
afterAll(() => system?.stop());

const ENTITIES = everyEntity().filter(({ service }) => SOURCED.includes(service));
const PAGES = pages().filter(({ service }) => SOURCED.includes(service));

/** What everybody sees. */
const PUBLIC = ['Operator', 'Pack', 'TransferPolicy'];

/** All that an answer says. */
const text = ({ status, data, errors }: Answer) => JSON.stringify({ status, data, errors }, null, 1);

const KINDS = ['another holder', 'another submitter'];
const strangerOf = (name: string) => strangers[name] as Visitor;

/** The same person at the own endpoint of a service. */
const at = (service: string, visitor: Visitor) =>
  system.again(visitor, { endpoint: `${system.services.get(service)?.[0]?.url}/graphql` }).learn(visitor);

const entities = (type: string, selection: string) => `query ($of: [_Any!]!) { _entities(representations: $of) {
  __typename ${selection === '' ? '' : `... on ${type} { ${selection} }`} } }`;

describe('a row of one operator, with the session of another', () => {
  test('T-SP-25 allow: who has to do with it sees each of them, at its own service', async () => {
    for (const { type, service, key, selection } of ENTITIES) {
      if (PUBLIC.includes(type) || selection === '') continue;
      const seen = [];
      for (const visitor of [cast.governor, cast.holder, cast.requester, superAdmin]) {
        const of = [{ __typename: type, [key]: theirs[type] }];
        const { data } = await at(service, visitor).send(entities(type, selection), { of });
        seen.push(data?._entities[0]);
      }
      expect(seen, `${type}: ${JSON.stringify(seen)}`).toContainEqual(expect.objectContaining({ [key]: theirs[type] }));
    }
  });

  test.each(KINDS)(
    'T-SP-25 deny: %s is told of every entity, at its own service, what an unknown id is told',
    async (name) => {
      for (const { type, service, key, selection } of ENTITIES) {
        if (PUBLIC.includes(type)) continue;
        const id = theirs[type];
        if (id === undefined) throw new Error(`no ${type} is tried`);
        const direct = at(service, strangerOf(name));
        const told = [];
        for (const tried of [id, id.replaceAll(/[0-9a-f]{8}/g, '00000000')]) {
          told.push(text(await direct.send(entities(type, selection), { of: [{ __typename: type, [key]: tried }] })));
        }
        expect(told[0], `${type} of ${service}`).toBe(told[1]);
        if (selection !== '') expect(told[0]).toContain('"_entities": [\n   null');
      }
    },
  );

  test.each(KINDS)('T-SP-25 deny: %s is told by every query of every id what an unknown id is told', async (name) => {
    const stranger = strangerOf(name);
    for (const { field, query } of queriesById()) {
      const unknown = text(await stranger.send(query, { id: NO_ID }));
      await Promise.all(
        Object.entries(theirs).map(async ([type, id]) => {
          expect(text(await stranger.send(query, { id })), `${field} of ${type}`).toBe(unknown);
        }),
      );
    }
  });

  test.each(KINDS)(
    'T-SP-25 deny: %s is told of its operator by every query what is told of no operator',
    async (name) => {
      const stranger = strangerOf(name);
      for (const { field, query } of queriesByObject(new Date().toISOString().replace('Z', '000Z'))) {
        const [told, unknown] = [
          await stranger.send(query, { id: cast.operator }),
          await stranger.send(query, { id: 'no' }),
        ];
        expect(text(told), field).toBe(text(unknown));
        const seen = await superAdmin.send(query, { id: cast.operator });
        expect(text(seen), field).not.toBe(text(unknown));
      }
      const profile = 'query ($slug: Slug!) { operator(slug: $slug) { slug registerEntry { id } } }';
      const { data } = await stranger.send(profile, { slug: cast.operator });
      expect(data.operator).toEqual({ slug: cast.operator, registerEntry: null });
    },
  );

  test.each(KINDS)('T-SP-25 deny: %s is told by every mutation what an unknown id is told', async (name) => {
    const stranger = strangerOf(name);
    const named = Object.entries(theirs).map(([type, id]) => [`${type[0]?.toLowerCase()}${type.slice(1)}Id`, id]);
    const ofClass = { objectClass: 'operator' };
    const real = everyMutation({
      ...Object.fromEntries(named),
      ...{ ...ofClass, objectId: cast.operator, importId: theirs.RegisterImport },
    });
    const unknown = everyMutation({
      ...Object.fromEntries(named.map(([key]) => [key, NO_ID])),
      ...{ ...ofClass, objectId: 'no-such-crew', importId: NO_ID },
    });
    for (const [index, { field, input }] of real.entries()) {
      const answer = await stranger.attempt(field, input);
      expect(text(answer), field).toBe(text(await stranger.attempt(field, unknown[index]?.input ?? {})));
      if (field !== 'submitRequest')
        expect(['FORBIDDEN', 'NOT_FOUND', 'ALREADY_REGISTERED']).toContain(codeOf(answer, field));
    }
  });

  test.each(KINDS)('T-SP-25 deny: lists, counts and desks of %s are as if it were not there', async (name) => {
    for (const { field, query } of queriesOfMany()) {
      const told = text(await strangerOf(name).send(query));
      expect(told, field).toBe(toldBefore.get(`${name} ${field}`));
      for (const [type, id] of Object.entries(theirs)) {
        if (type !== 'Identity') expect(told, `${field}: ${type}`).not.toContain(id);
      }
    }
  });

  test.each(KINDS)('T-SP-25 deny: a cursor from another’s list tells %s what a made-up one tells', async (name) => {
    const stranger = strangerOf(name);
    for (const { field, query } of PAGES) {
      const lists = await Promise.all([cast.governor, superAdmin].map((one) => one.send(query)));
      const cursor = lists.flatMap(({ data }) => data[field].edges)[0]?.cursor;
      if (cursor === undefined) throw new Error(`nobody sees anything in ${field}`);
      const [, value] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
      const madeUp = Buffer.from(JSON.stringify(['0'.repeat(16), value, NO_ID])).toString('base64url');
      const answer = await stranger.send(query, { after: cursor });
      expect(
        answer.errors.map(({ extensions: { code } }) => code),
        field,
      ).toEqual(['BAD_USER_INPUT']);
      expect(text(answer), field).toBe(text(await stranger.send(query, { after: madeUp })));
    }
  });

  test('T-SP-25 deny: a cursor of its history leads nowhere in the history of one’s own', async () => {
    const stranger = strangerOf('another holder');
    const query = (id: string, after: string) =>
      `{ job(id: "${id}") { history(first: 1${after}) { edges { cursor node { transition } } } } }`;
    const [own] = (await stranger.send('{ jobs { edges { node { id } } } }')).data.jobs.edges;
    const { data } = await cast.holder.send(query(theirs.Job ?? '', ''));
    const after = `, after: "${data.job.history.edges[0].cursor}"`;
    expect((await stranger.send(query(own.node.id, ''))).data.job.history.edges).toHaveLength(1);
    const { errors } = await stranger.send(query(own.node.id, after));
    expect(errors.map(({ extensions: { code } }) => code)).toEqual(['BAD_USER_INPUT']);
  });
});

describe('who governs and who sees', () => {
  test('T-SP-25 allow: the operator addressed governs its task, the network all others', async () => {
    const { requester, governor, holder, operator } = cast;
    const { taskId: own } = await submit(requester, { addressedTo: operator });
    const { taskId: networks } = await submit(requester);
    holder.learn(requester);
    governor.learn(requester);
    expect((await byId(holder, 'task(id: $id) { audience }', own)).task).toEqual({ audience: 'OPERATOR' });
    expect((await byId(governor, 'task(id: $id) { audience }', networks)).task).toEqual({ audience: 'ADMIN' });
    await holder.mutate('reviewTask', { taskId: own });
    await governor.mutate('reviewTask', { taskId: networks });
  });

  test('T-SP-25 deny: neither governs nor sees the tasks of the other', async () => {
    const { requester, governor, holder, operator } = cast;
    const { taskId: own } = await submit(requester, { addressedTo: operator });
    const { taskId: networks } = await submit(requester);
    for (const [visitor, taskId] of [
      [governor, own],
      [holder, networks],
    ] as const) {
      visitor.learn(requester);
      expect((await byId(visitor, 'task(id: $id) { id }', taskId)).task).toBeNull();
      expect(codeOf(await visitor.attempt('reviewTask', { taskId }), 'reviewTask')).toBe('NOT_FOUND');
    }
  });
});
