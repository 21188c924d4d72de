import { servicesHere } from '@qtm/local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeOf, DENIED } from '../harness/answers.ts';
import { asService } from '../harness/databases.ts';
import { loadService } from '../harness/services.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import { relayed, topicsOf, valuesOf } from '../harness/topics.ts';
import {
  assembleForTransfers,
  type Crew,
  entryOf,
  newCrew,
  outcome,
  stateOf,
  type TransferCast,
  tasksOf,
  transferIn,
  transferOf,
} from '../harness/transfers.ts';
import type { Visitor, VisitorOptions } from '../harness/visitor.ts';
import { idOf, somebody } from './execution.ts';
import { NOBODIES, nobody } from './nobodies.ts';
import { everyMutation } from './operations.ts';

let system: TestSystem;
let cast: TransferCast;
/** An operator that changed hands, with reasons in words, and one of which a transfer is accepted. */
let sold: Crew;
let soldBy: string;
let pending: Crew;
let pendingBy: string;

beforeAll(async () => {
  system = await startTestSystem();
  cast = await assembleForTransfers(system);
  sold = await newCrew(system, cast);
  soldBy = await transferIn(sold, 'completed', { reason: 'Sold with the yard', reasonType: 'sale' });
  pending = await newCrew(system, cast);
  pendingBy = await transferIn(pending, 'accepted');
});
afterAll(() => system?.stop());

/** Omni and its like: an agent itself, and a human in whose name one acts; be they super_admins otherwise. */
const AGENTS: Readonly<Record<string, VisitorOptions>> = {
  'an agent': { kind: 'AGENT', roles: ['super_admin'] },
  'a human in whose name an agent acts': { roles: ['super_admin'], act: { sub: 'omni', qtm_kind: 'AGENT' } },
};
const agentOf = (name: string) => system.visitor({ ...AGENTS[name] }).learn(sold.superAdmin, pending.superAdmin);

const EVENTS = ['transfer_proposed', 'transfer_accepted', 'transfer_completed'];
const eventsOf = async (as: Visitor, transferId: string) =>
  (await tasksOf(as, transferId)).map(({ event }: { event: string }) => event);

describe('what agents see', () => {
  test.each(Object.keys(AGENTS))('T-TR-26 allow: %s sees what waits for the legal officer', async (name) => {
    const agent = agentOf(name);
    expect(await eventsOf(agent, soldBy)).toEqual(EVENTS);
    const query = 'query ($id: ID!) { governanceTask(id: $id) { state risk transfer { state } } }';
    const { data } = await agent.send(query, { id: `${soldBy}:transfer_completed` });
    expect(data.governanceTask).toEqual({ state: 'PENDING', risk: 'medium', transfer: { state: 'completed' } });
  });

  test.each(['executive', 'super_admin', 'clo_reviewer', 'auditor'])(
    'T-TR-26 allow: so does the role %s',
    async (role) => {
      expect(await eventsOf(await somebody(system, [sold.superAdmin], [role]), soldBy)).toEqual(EVENTS);
    },
  );

  test('T-TR-26 deny: neither the parties see it, nor a requester, a governor or whoever has no role', async () => {
    const stranger = await somebody(system, [sold.superAdmin]);
    for (const visitor of [sold.holder, sold.buyer, sold.governor, cast.requester.learn(sold.superAdmin), stranger]) {
      expect(await eventsOf(visitor, soldBy)).toEqual([]);
      const query = 'query ($id: ID!) { governanceTask(id: $id) { id } governanceTasks { totalCount } }';
      const { data } = await visitor.send(query, { id: `${soldBy}:transfer_proposed` });
      expect(data).toEqual({ governanceTask: null, governanceTasks: { totalCount: 0 } });
    }
  });

  test('T-TR-26 deny: nobody sees it through an agent once they were suspended', async () => {
    const human = await somebody(system, [sold.superAdmin], ['super_admin']);
    const suspending = system.again(cast.superAdmin).learn(human);
    await suspending.mutate('suspendIdentity', { identityId: await idOf(human), reason: 'Under inquiry' });
    const agent = system.again(human, { act: { sub: 'omni', qtm_kind: 'AGENT' } }).learn(suspending, sold.superAdmin);
    expect(await eventsOf(agent, soldBy)).toEqual([]);
    expect(await stateOf(agent, soldBy)).toBeNull();
    expect(await entryOf(agent, sold.operator)).toBeNull();
  });

  test.each(Object.keys(AGENTS))(
    'T-TR-27 allow: %s reads transfers, the register and the seven answers',
    async (name) => {
      const agent = agentOf(name);
      const selection =
        'state reasonType sevenAnswers { complete } transitions { newState clause } registerEntry { setBy }';
      expect(await transferOf(agent, soldBy, selection)).toMatchObject({
        state: 'completed',
        reasonType: 'sale',
        sevenAnswers: { complete: true },
        transitions: [{ newState: 'proposed' }, { newState: 'accepted' }, { newState: 'completed' }],
        registerEntry: { setBy: 'transfer' },
      });
      const of = `objectClass: "operator", objectId: "${sold.operator}"`;
      const { data } = await agent.send(`{ transfers { totalCount } verifyRegister(${of}) { holds } }`);
      expect(data).toEqual({ transfers: { totalCount: 2 }, verifyRegister: { holds: true } });
    },
  );

  test.each(Object.keys(AGENTS))('T-TR-27 deny: why it was done, in words, is not for %s', async (name) => {
    const words = 'reason transitions { reason }';
    expect((await transferOf(sold.superAdmin, soldBy, words)).reason).toBe('Sold with the yard');
    const seen = await transferOf(agentOf(name), soldBy, words);
    expect([seen.reason, ...seen.transitions.map(({ reason }: { reason: string }) => reason)]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});

/** Every mutation that has to do with transfers, on the one that is accepted. */
const mutationsOn = ({ operator, buyerId }: Crew, transferId: string) =>
  everyMutation({
    ...{ transferId, governanceTaskId: `${transferId}:transfer_accepted`, toIdentityId: buyerId },
    ...{ objectClass: 'operator', objectId: operator, reason: 'No reason' },
  }).filter(({ service, field }) => service === 'transfer' || field === 'reviewGovernanceTask');

/** What is kept of the attempts of an identity by both services, and of anything else. */
async function kept(identityId: string) {
  const attempts: string[] = [];
  let facts = 0;
  for (const service of ['transfer', 'governance']) {
    const rows = await asService<{ transition: string | null }>(
      system,
      service,
      `select case when aggregate_type = 'attempt' and actor_id = $1 then payload::jsonb -> 'state' ->> 'transition' end
        as transition from journal`,
      [identityId],
    );
    for (const { transition } of rows) {
      if (transition === null) facts += 1;
      else attempts.push(transition);
    }
  }
  return { attempts, facts };
}

describe('what agents do', () => {
  const TRANSITIONS = ['propose', 'accept', 'reject', 'cancel', 'complete', 'void'].map((one) => `transfer.${one}`);

  test.each(Object.keys(AGENTS))(
    'T-TR-27 deny: each attempt of %s to move one, or to review its task, is refused, recorded and published',
    async (name) => {
      const agent = agentOf(name);
      const identityId = await idOf(agent);
      const { facts } = await kept(identityId);
      const mutations = mutationsOn(pending, pendingBy);
      for (const { field, input } of mutations) {
        const { errors } = await agent.attempt(field, input);
        expect(errors[0]?.extensions, field).toMatchObject({ code: 'FORBIDDEN', clause: 'principals' });
      }
      const after = await kept(identityId);
      expect(after.facts).toBe(facts);
      expect(after.attempts).toHaveLength(mutations.length);
      expect(after.attempts).toEqual(expect.arrayContaining([...TRANSITIONS, 'governance_task.review']));
      expect(await stateOf(agent, pendingBy)).toBe('accepted');

      const observed = { ...system, brokers: system.stack.kafka.brokers };
      await relayed(observed);
      const topics = topicsOf(observed);
      const published: string[] = [];
      for (const service of ['transfer', 'governance']) {
        for (const value of await valuesOf(observed, topics.get(service) ?? '')) {
          const event = JSON.parse(value);
          if (event.aggregate_type === 'attempt' && event.actor_id === identityId)
            published.push(event.state.transition);
        }
      }
      expect(published.toSorted()).toEqual(after.attempts.toSorted());
    },
  );

  test('T-TR-25 allow: a task is reviewed by a super_admin', async () => {
    const crew = await newCrew(system, cast);
    const transferId = await transferIn(crew, 'proposed');
    const reviewed = { governanceTaskId: `${transferId}:transfer_proposed`, note: 'In order' };
    const { governanceTask } = await crew.superAdmin.mutate(
      'reviewGovernanceTask',
      reviewed,
      'governanceTask { state }',
    );
    expect(governanceTask).toEqual({ state: 'REVIEWED' });
  });

  test('T-TR-25 deny: neither an agent nor any other role does, and what becomes of the transfer does not', async () => {
    const crew = await newCrew(system, cast);
    const transferId = await transferIn(crew, 'completed');
    const governanceTaskId = `${transferId}:transfer_proposed`;
    const others = await Promise.all(
      ['clo_reviewer', 'executive', 'auditor', 'admin_governor'].map((role) =>
        somebody(system, [crew.superAdmin], [role]),
      ),
    );
    const agents = Object.keys(AGENTS).map((name) => agentOf(name).learn(crew.superAdmin));
    for (const visitor of [...others, ...agents, crew.holder, crew.buyer]) {
      const answer = await visitor.attempt('reviewGovernanceTask', { governanceTaskId });
      expect(DENIED).toContain(codeOf(answer, 'reviewGovernanceTask'));
    }
    const states = (await tasksOf(crew.superAdmin, transferId)).map(({ state }: { state: string }) => state);
    expect(states).toEqual(['PENDING', 'PENDING', 'PENDING']);
  });

  test('T-TR-25 deny: nor does time: no clock runs over tasks, and what it ends leaves them as they are', async () => {
    const services = await Promise.all(servicesHere().map(loadService));
    const timed = services.flatMap(({ clock = [] }) => clock.map(({ command }) => command.transition));
    // Of every clock there is it must be seen that it ran: here of the one.
    expect(timed).toEqual(['transfer.expire']);
    const earlier = await tasksOf(sold.superAdmin, soldBy);
    const crew = await newCrew(system, cast);
    const expired = await transferIn(crew, 'expired');
    expect(await tasksOf(crew.superAdmin, expired)).toMatchObject([{ event: 'transfer_proposed', state: 'PENDING' }]);
    expect(await tasksOf(sold.superAdmin.learn(crew.superAdmin), soldBy)).toEqual(earlier);
    expect(earlier.map(({ state }) => state)).toEqual(['PENDING', 'PENDING', 'PENDING']);
  });
});

describe('sessions', () => {
  /** What was commanded; consequences of what was done before may still arrive. */
  const COMMANDED = "select event_id from journal where authority <> 'consequence'";
  const count = async () =>
    (await asService(system, 'transfer', COMMANDED)).length + (await asService(system, 'governance', COMMANDED)).length;

  test('T-TR-36 allow: with a valid one a step is taken, and its session is evidence', async () => {
    const crew = await newCrew(system, cast);
    const transferId = await transferIn(crew, 'proposed');
    expect(await outcome(crew.buyer, 'acceptTransfer', { transferId })).toBe('accepted');
    const sessions = await asService<{ session_hash: string }>(
      system,
      'transfer',
      "select session_hash from journal where aggregate_type = 'transfer' and aggregate_id = $1 order by aggregate_version",
      [transferId],
    );
    const { evidence } = await transferOf(crew.buyer, transferId, 'evidence { kind sha256 }');
    const proved = evidence.filter(({ kind }: { kind: string }) => kind === 'SESSION');
    expect(proved.map(({ sha256 }: { sha256: string }) => sha256)).toEqual(sessions.map((one) => one.session_hash));
    expect(new Set(sessions.map((one) => one.session_hash)).size).toBe(2);
  });

  test.each(Object.keys(NOBODIES))('T-TR-36 deny: none with %s, at the gateway or at the service', async (name) => {
    const before = await count();
    for (const { field, input, service } of mutationsOn(pending, pendingBy)) {
      for (const endpoint of [system.endpoint, `${system.services.get(service)?.[0]?.url}/graphql`]) {
        const visitor = nobody(system, name, endpoint, { subject: cast.superAdmin.subject, roles: ['super_admin'] });
        const { data, errors } = await visitor.attempt(field, input);
        expect([data, errors.map(({ extensions }) => extensions.code)], field).toEqual([null, ['UNAUTHENTICATED']]);
      }
    }
    expect(await count()).toBe(before);
    expect(await stateOf(pending.superAdmin, pendingBy)).toBe('accepted');
  });

  test('T-TR-36 deny: what is sent again, by the same session or by another’s, takes no second step', async () => {
    const crew = await newCrew(system, cast);
    const transferId = await transferIn(crew, 'accepted');
    const input = { transferId, idempotencyKey: `once ${transferId}` };
    expect(await outcome(crew.superAdmin, 'completeTransfer', input)).toBe('completed');
    const before = await count();
    expect(await outcome(crew.superAdmin, 'completeTransfer', input)).toBe('completed');
    expect(await outcome(crew.secondSuperAdmin.learn(crew.superAdmin), 'completeTransfer', input)).toBe('WRONG_STATE');
    expect(await count()).toBe(before);
    expect(await entryOf(crew.superAdmin, crew.operator)).toMatchObject({ registerVersion: 2 });
  });

  test('T-TR-36 deny: nor does whoever was suspended, be it a super_admin or the holder', async () => {
    const crew = await newCrew(system, cast);
    const transferId = await transferIn(crew, 'accepted');
    const third = await somebody(system, [crew.superAdmin], ['super_admin']);
    crew.secondSuperAdmin.learn(third);
    for (const identityId of [await idOf(third), crew.holderId]) {
      await crew.secondSuperAdmin.mutate('suspendIdentity', { identityId, reason: 'Under inquiry' });
    }
    third.learn(crew.secondSuperAdmin);
    expect(DENIED).toContain(await outcome(third, 'completeTransfer', { transferId }));
    expect(await stateOf(crew.secondSuperAdmin, transferId)).toBe('accepted');
    await crew.superAdmin.learn(crew.secondSuperAdmin).mutate('voidTransfer', { transferId, reason: 'Under inquiry' });
    const proposal = { objectClass: 'operator', objectId: crew.operator, toIdentityId: crew.buyerId };
    expect(await outcome(crew.holder.learn(crew.superAdmin), 'proposeTransfer', proposal)).toBe('FORBIDDEN');
  });
});
