import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Chain, type ChainOptions, openTown, PEOPLE, REQUEST, type Town } from './town.ts';

type Name = keyof typeof PEOPLE;
const NAMES = Object.keys(PEOPLE) as Name[];
const { requester, neighbour, everything } = PEOPLE;

/** Work of three operators and a pool, under both kinds of governance; of two requests there is no job yet. */
const WORK = {
  network: { operator: 'crew' },
  own: { operator: 'crew', addressedTo: 'crew' },
  rivalNetwork: { operator: 'rivals', by: neighbour, surface: 'freight' },
  rivalForCrew: { operator: 'rivals', addressedTo: 'crew' },
  pooled: { pooled: true, by: neighbour },
  taken: { pooled: true, by: neighbour },
  everythings: { operator: 'crew', by: everything },
  waiting: {},
  waitingOwn: { addressedTo: 'crew', by: neighbour },
} as const satisfies Record<string, ChainOptions>;
type Work = keyof typeof WORK;
const ALL = Object.keys(WORK) as Work[];

/** Typed from the table of who sees what, not read from the code. */
const WITH_JOB: readonly Work[] = ['network', 'own', 'rivalNetwork', 'rivalForCrew', 'pooled', 'taken', 'everythings'];
const CREWS: readonly Work[] = ['network', 'own', 'everythings', 'pooled'];
const NETWORKS: readonly Work[] = ['network', 'rivalNetwork', 'pooled', 'taken', 'everythings'];
const JOBS: Readonly<Record<Name, readonly Work[]>> = {
  holder: [...CREWS, 'rivalForCrew'],
  operatorGovernor: [...CREWS, 'rivalForCrew'],
  executor: CREWS,
  member: CREWS,
  mate: ['pooled', 'taken'],
  rival: ['rivalNetwork', 'rivalForCrew'],
  networkGovernor: NETWORKS,
  grantedGovernor: NETWORKS,
  auditor: WITH_JOB,
  executive: WITH_JOB,
  superAdmin: WITH_JOB,
  everything: WITH_JOB,
  requester: ['network', 'own', 'rivalForCrew'],
  neighbour: ['rivalNetwork', 'pooled', 'taken'],
  stranger: [],
};
/** Requests, intakes and actors: who may claim a job is not yet the operator of it. */
const CREWS_INTAKES: readonly Work[] = ['network', 'own', 'everythings'];
const INTAKES: Readonly<Record<Name, readonly Work[]>> = {
  holder: [...CREWS_INTAKES, 'rivalForCrew', 'waitingOwn'],
  operatorGovernor: [...CREWS_INTAKES, 'rivalForCrew', 'waitingOwn'],
  executor: CREWS_INTAKES,
  member: CREWS_INTAKES,
  mate: ['taken'],
  rival: ['rivalNetwork', 'rivalForCrew'],
  networkGovernor: [...NETWORKS, 'waiting'],
  grantedGovernor: [...NETWORKS, 'waiting'],
  auditor: [],
  executive: [],
  superAdmin: [],
  everything: ALL,
  requester: ['network', 'own', 'rivalForCrew', 'waiting'],
  neighbour: ['rivalNetwork', 'pooled', 'taken', 'waitingOwn'],
  stranger: [],
};
/** Who sees jobs without the values that people gave. */
const OVERSEERS: readonly Name[] = ['auditor', 'executive', 'superAdmin'];

let town: Town;
const chains = new Map<Work, Chain>();
beforeAll(async () => {
  town = await openTown();
  for (const work of ALL) chains.set(work, await town.begin(WORK[work]));
  await town.mutate(PEOPLE.mate, 'claimJob', { jobId: of('taken').jobId, asOperator: 'mates' });
});
afterAll(() => town?.stop());

const of = (work: Work) => chains.get(work) as Chain;
const workOf = (id: string) => ALL.find((work) => Object.values(of(work)).includes(id));

const LISTS = { jobs: 'jobId', intakes: 'intakeId', requests: 'requestId' } as const;
type List = keyof typeof LISTS;
const seenIn = (list: List, name: Name) => [...(list === 'jobs' ? JOBS : INTAKES)[name]].sort();

async function listed(session: Session, list: List, args = ''): Promise<string[]> {
  const { data, errors } = await town.ask(session, `{ ${list}${args} { totalCount edges { node { id } } } }`);
  expect(errors).toEqual([]);
  const ids = data[list].edges.map(({ node }: { node: { id: string } }) => node.id);
  expect(data[list].totalCount).toBe(ids.length);
  return ids;
}

/** Whoever submitted, and with which intake. */
const actors = () =>
  town.rows<{ id: string; intake_id: string }>('select actor_id::text as id, id::text as intake_id from intake');

/** Each once, in an order. */
const idsOf = (all: readonly { readonly id: string }[]) => [...new Set(all.map(({ id }) => id))].sort();

const worksOf = (ids: readonly string[]) => ids.map(workOf).sort();

describe.each(NAMES)('%s', (name) => {
  const session = PEOPLE[name];

  test.each([
    ['jobs', 'Job'],
    ['intakes', 'Intake'],
    ['requests', 'Request'],
  ] as const)('sees what the table says of %s: by id, as an entity, in the list and its count', async (list, type) => {
    const seen = seenIn(list, name);
    expect(worksOf(await listed(session, list, '(first: 100)'))).toEqual(seen);
    const ids = ALL.flatMap((work) => of(work)[LISTS[list]] ?? []);
    const found = await town.entities(session, type, ids);
    expect(worksOf(found.map(({ id }) => id))).toEqual(seen);
    for (const id of ids) {
      const answer = await town.ask(session, `query ($id: ID!) { it: ${list.slice(0, -1)}(id: $id) { id } }`, { id });
      expect(answer.data.it !== null).toBe(seen.includes(workOf(id) as Work));
    }
  });

  test('sees, as entities, the people of the intakes it sees', async () => {
    const all = await actors();
    const theirs = all.filter(({ intake_id }) => INTAKES[name].includes(workOf(intake_id) as Work));
    const found = await town.entities(session, 'Actor', idsOf(all), 'reference name contact');
    expect(idsOf(found)).toEqual(idsOf(theirs));
    for (const { id, ...values } of found) expect(values).toEqual(REQUEST.actor);
  });

  test('has on its desks, and counts there, the jobs that it sees', async () => {
    const desks = '{ municipal: desk(surface: "municipal") { ...d } freight: desk(surface: "freight") { ...d } }';
    const fragment = 'fragment d on Desk { queue(first: 100) { edges { node { id } } } counts { jobs } }';
    const { data } = await town.ask(session, `${desks} ${fragment}`);
    const shown = [data.municipal, data.freight].flatMap(({ queue }) => queue.edges);
    expect(worksOf(shown.map(({ node }) => node.id))).toEqual(seenIn('jobs', name));
    const counted = [data.municipal, data.freight].flatMap(({ counts }) => counts);
    expect(counted.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(JOBS[name].length);
  });

  test('traces what it has a part in, by any id of it', async () => {
    for (const work of ALL) {
      const mayTrace = INTAKES[name].includes(work) || JOBS[name].includes(work);
      for (const id of Object.values(of(work))) {
        if (id === null) continue;
        const { data } = await town.ask(session, 'query ($id: ID!) { trace(id: $id) { intake { id } jobs { id } } }', {
          id,
        });
        expect(data.trace !== null, `${work} by ${id}`).toBe(mayTrace);
        if (!mayTrace) continue;
        expect(data.trace.intake !== null).toBe(INTAKES[name].includes(work));
        expect(data.trace.jobs.length).toBe(JOBS[name].includes(work) ? 1 : 0);
      }
    }
  });

  test('reads what people gave where it submitted, governs or executes, and nowhere else', async () => {
    const parts = 'what contact location { address } attributes { value }';
    const whole = {
      what: REQUEST.what,
      contact: REQUEST.actor.contact,
      location: REQUEST.location,
      attributes: [{ value: 'the third' }],
    };
    const nothing = { what: null, contact: null, location: null, attributes: [{ value: null }] };
    const { data } = await town.ask(
      session,
      `{ jobs(first: 100) { edges { node { id intakeSnapshot { ${parts} } } } }
        intakes(first: 100) { edges { node { ${parts} actor { reference name contact } request { what } } } } }`,
    );
    for (const { node } of data.jobs.edges) {
      const work = workOf(node.id) as Work;
      const onlySubmitted =
        (WORK[work] as ChainOptions).by === session || (session === requester && !('by' in WORK[work]));
      const readable = INTAKES[name].includes(work);
      const expected = onlySubmitted && session !== everything ? null : readable ? whole : nothing;
      expect(node.intakeSnapshot, work).toEqual(expected);
    }
    for (const { node } of data.intakes.edges) {
      expect(node).toEqual({ ...whole, actor: REQUEST.actor, request: { what: REQUEST.what } });
    }
    if (OVERSEERS.includes(name)) expect(data.intakes.edges).toEqual([]);
  });

  test('shows an agent in its name nothing', async () => {
    const agent: Session = { ...session, kind: 'AGENT' };
    for (const list of ['jobs', 'intakes', 'requests'] as const) expect(await listed(agent, list)).toEqual([]);
    const { data } = await town.ask(
      agent,
      `query ($job: ID!, $intake: ID!) { job(id: $job) { id } intake(id: $intake) { id } trace(id: $job) { id }
        desk(surface: "municipal") { queue { edges { node { id } } } counts { jobs } } }`,
      { job: of('network').jobId, intake: of('network').intakeId },
    );
    const { desk, ...single } = data;
    expect(single).toEqual({ job: null, intake: null, trace: null });
    expect(desk.queue.edges).toEqual([]);
    expect(new Set(desk.counts.map(({ jobs }: { jobs: number }) => jobs))).toEqual(new Set([0]));
    const requests = ALL.map((work) => of(work).requestId);
    expect(await town.entities(agent, 'Request', requests)).toEqual([]);
    expect(await town.entities(agent, 'Actor', idsOf(await actors()))).toEqual([]);
  });
});

describe('a submitter', () => {
  const HIDDEN = `assignment { id } mode operator { slug } pool { id } heldBy { slug } claimedBy { id } reworkOf { id } selfGoverned
    audience intakeSnapshot { what } history { totalCount }`;

  test('sees that there is a job and how it stands, and nothing of who does it nor how it was given out', async () => {
    const { data } = await town.ask(neighbour, `query ($id: ID!) { job(id: $id) { ${HIDDEN} } }`, {
      id: of('taken').jobId,
    });
    expect(new Set(Object.values(data.job))).toEqual(new Set([null]));
    const shown = 'state version surface createdAt claimedAt task { id } intake { id }';
    const known = await town.ask(neighbour, `query ($id: ID!) { job(id: $id) { ${shown} } }`, {
      id: of('taken').jobId,
    });
    expect(known.data.job).toMatchObject({ state: 'CLAIMED', version: 2, claimedAt: expect.any(String) });
  });

  test('cannot find out by filtering for it', async () => {
    for (const [filter, work] of [
      ['operator: "rivals"', 'rivalForCrew'],
      ['mode: ASSIGNED', 'network'],
    ] as const) {
      expect(await listed(requester, 'jobs', `(filter: { ${filter} })`)).toEqual([]);
      expect(worksOf(await listed(PEOPLE.holder, 'jobs', `(filter: { ${filter} })`))).toContain(work);
    }
    const pool = '(filter: { mode: POOL })';
    expect(await listed(neighbour, 'jobs', pool)).toEqual([]);
    expect(worksOf(await listed(PEOPLE.holder, 'jobs', pool))).toEqual(['pooled']);
  });

  test('who also governs or works sees the rest of what it submitted', async () => {
    const { data } = await town.ask(
      everything,
      `query ($id: ID!) { job(id: $id) { operator { slug } history { totalCount } } }`,
      {
        id: of('everythings').jobId,
      },
    );
    expect(data.job).toEqual({ operator: { slug: 'crew' }, history: { totalCount: 1 } });
  });
});
