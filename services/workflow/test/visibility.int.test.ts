import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AGENT, openTown, PEOPLE, type Town } from './town.ts';

type Name = keyof typeof PEOPLE;

/** Work of two operators under both kinds of governance; `crew` governs what it was addressed. */
const WORK = {
  network: {},
  own: { addressedTo: 'crew' },
  rivalNetwork: { heldBy: 'rivals', submittedBy: PEOPLE.stranger },
  rivalForCrew: { heldBy: 'rivals', addressedTo: 'crew' },
  rivalOwn: { heldBy: 'rivals', addressedTo: 'rivals', submittedBy: PEOPLE.stranger },
} as const;
type Work = keyof typeof WORK;

const CREW: readonly Work[] = ['network', 'own'];
const NETWORK: readonly Work[] = ['network', 'rivalNetwork'];
const ALL = Object.keys(WORK) as readonly Work[];
/** Typed from the table of who sees what, not read from the code. */
const SEEN: Readonly<Record<Name, readonly Work[]>> = {
  holder: [...CREW, 'rivalForCrew'],
  operatorGovernor: [...CREW, 'rivalForCrew'],
  executor: CREW,
  member: CREW,
  rival: ['rivalNetwork', 'rivalForCrew', 'rivalOwn'],
  networkGovernor: NETWORK,
  grantedGovernor: NETWORK,
  auditor: ALL,
  requester: ['network', 'own', 'rivalForCrew'],
  stranger: ['rivalNetwork', 'rivalOwn'],
};
const ONLY_STATE: readonly Name[] = ['requester', 'stranger'];
const NO_VALUES: readonly Name[] = [...ONLY_STATE, 'auditor'];

let town: Town;
const serviceEvents = new Map<string, Work>();
const records = new Map<string, Work>();
beforeAll(async () => {
  town = await openTown();
  for (const work of ALL) {
    const { serviceEventId, recordId } = await town.seal(WORK[work]);
    serviceEvents.set(serviceEventId, work);
    records.set(recordId, work);
  }
});
afterAll(() => town?.stop());

const idOf = (ids: ReadonlyMap<string, Work>, work: Work) => [...ids].find(([, one]) => one === work)?.[0];

async function listed(session: Session, field: 'serviceEvents' | 'records', args = ''): Promise<string[]> {
  const { data, errors } = await town.ask(session, `{ ${field}${args} { totalCount edges { node { id } } } }`);
  expect(errors).toEqual([]);
  const ids = data[field].edges.map(({ node }: { node: { id: string } }) => node.id);
  expect(data[field].totalCount).toBe(ids.length);
  return ids;
}

describe.each(Object.keys(SEEN) as Name[])('%s', (name) => {
  const session = PEOPLE[name];
  const seen = [...SEEN[name]].sort();

  test('sees what the table says: by id, as an entity, in lists and in their counts', async () => {
    for (const [field, type, ids] of [
      ['serviceEvents', 'ServiceEvent', serviceEvents],
      ['records', 'Record', records],
    ] as const) {
      expect((await listed(session, field)).map((id) => ids.get(id)).sort()).toEqual(seen);
      const found = await town.entities(session, type, [...ids.keys()]);
      expect(found.map(({ id }) => ids.get(id)).sort()).toEqual(seen);
    }
  });

  test('sees what people wrote only where it takes part in the work', async () => {
    const { data } = await town.ask(
      session,
      '{ serviceEvents { edges { node { stage outcome operator { slug } requirements { kind } evidence { note } history { totalCount } } } } }',
    );
    for (const { node } of data.serviceEvents.edges) {
      if (ONLY_STATE.includes(name)) {
        expect(new Set(Object.values(node))).toEqual(new Set([null]));
      } else {
        const note = NO_VALUES.includes(name) ? null : 'Nobody opened the door';
        expect(node).toMatchObject({
          stage: 'resolution',
          outcome: 'RESOLVED',
          evidence: [{ note }],
          history: { totalCount: 3 },
        });
      }
    }
  });
});

test('an agent is shown nothing, in whose name it may come', async () => {
  for (const [type, table] of [
    ['ServiceEvent', 'service_event'],
    ['Evidence', 'evidence'],
    ['Record', 'record'],
    ['Pack', 'pack'],
  ] as const) {
    const ids = (await town.rows<{ id: string }>(`select id::text as id from ${table}`)).map(({ id }) => id);
    expect(await town.entities(PEOPLE.holder, type, ids), type).not.toEqual([]);
    expect(await town.entities(AGENT, type, ids), type).toEqual([]);
  }
  const lists = '{ serviceEvents { totalCount } records { totalCount } packs { totalCount } }';
  const none = { totalCount: 0 };
  expect((await town.ask(AGENT, lists)).data).toEqual({ serviceEvents: none, records: none, packs: none });
});

test('a submitter sees that it was done and sealed, and nothing of how', async () => {
  const { data } = await town.ask(
    PEOPLE.requester,
    `query ($id: ID!, $record: ID!) { serviceEvent(id: $id) { state version startedAt completedAt record { id } job { id } }
      record(id: $record) { state sha256 sealedAt content sizeBytes operator { slug } evidence { id } sealedBy { id } history { totalCount } } }`,
    { id: idOf(serviceEvents, 'network'), record: idOf(records, 'network') },
  );
  expect(data.serviceEvent).toMatchObject({ state: 'COMPLETED', version: 3, record: { id: idOf(records, 'network') } });
  const { state, sha256, sealedAt, ...rest } = data.record;
  expect([state, sha256.length, typeof sealedAt]).toEqual(['SEALED', 64, 'string']);
  expect(new Set(Object.values(rest))).toEqual(new Set([null]));
});

test('what a submitter does not see cannot be found out by filtering for it', async () => {
  const { requester, holder } = PEOPLE;
  for (const filter of ['operator: "crew"', 'outcome: "RESOLVED"']) {
    for (const field of ['serviceEvents', 'records'] as const) {
      expect(await listed(requester, field, `(filter: { ${filter} })`)).toEqual([]);
      expect(await listed(holder, field, `(filter: { ${filter} })`)).not.toEqual([]);
    }
  }
  expect(await listed(requester, 'serviceEvents', '(filter: { stage: "resolution" })')).toEqual([]);
});

describe('a page', () => {
  const page = (session: Session, args: string) =>
    town.ask(
      session,
      `{ serviceEvents(${args}) { edges { cursor node { id startedAt } } pageInfo { hasNextPage endCursor } } }`,
    );

  test.each(['serviceEvents', 'records'] as const)('of %s follows on the one before, each row once', async (field) => {
    for (const name of ['holder', 'auditor'] as const) {
      const ids: string[] = [];
      for (let after: string | null = null; ; ) {
        const args = `(first: 2, after: ${JSON.stringify(after)})`;
        const { data } = await town.ask(
          PEOPLE[name],
          `{ ${field}${args} { edges { node { id } } pageInfo { hasNextPage endCursor } } }`,
        );
        ids.push(...data[field].edges.map(({ node }: { node: { id: string } }) => node.id));
        if (!data[field].pageInfo.hasNextPage) break;
        after = data[field].pageInfo.endCursor;
      }
      expect(ids).toEqual(await listed(PEOPLE[name], field));
      expect(ids).toHaveLength(SEEN[name].length);
    }
  });

  test('of another list, or of somebody else, is no place to go on from', async () => {
    const { data } = await page(PEOPLE.holder, 'first: 1');
    const after = `after: ${JSON.stringify(data.serviceEvents.pageInfo.endCursor)}`;
    for (const [session, args] of [
      [PEOPLE.holder, `filter: { surface: "freight" }, ${after}`],
      [PEOPLE.holder, `sort: { field: COMPLETED_AT, direction: DESC }, ${after}`],
      [PEOPLE.executor, after],
    ] as const) {
      expect((await page(session, args)).errors[0]?.extensions?.code).toBe('BAD_USER_INPUT');
    }
  });

  test('is narrowed by each filter, and a malformed id is said to be one', async () => {
    const id = idOf(serviceEvents, 'own');
    const [row] = await town.rows('select job_id, intake_id, task_id from service_event where id = $1', [id]);
    const only = [`jobId: "${row?.job_id}"`, `intakeId: "${row?.intake_id}"`, `taskId: "${row?.task_id}"`];
    for (const filter of only)
      expect(await listed(PEOPLE.auditor, 'serviceEvents', `(filter: { ${filter} })`)).toEqual([id]);
    const none = ['states: [ABORTED]', 'states: []', 'surface: "freight"', 'completedBefore: "2020-01-01T00:00:00Z"'];
    for (const filter of none)
      expect(await listed(PEOPLE.auditor, 'serviceEvents', `(filter: { ${filter} })`)).toEqual([]);
    const every = [
      'states: [COMPLETED]',
      'startedFrom: "2020-01-01T00:00:00Z"',
      'completedFrom: "2020-01-01T00:00:00Z"',
    ];
    for (const filter of every) {
      expect(await listed(PEOPLE.auditor, 'serviceEvents', `(filter: { ${filter} })`)).toHaveLength(ALL.length);
    }
    expect((await page(PEOPLE.auditor, 'filter: { jobId: "seven" }')).errors[0]?.extensions?.code).toBe(
      'BAD_USER_INPUT',
    );
  });
});

test('why work was given up, and why a record was corrected, is read by whoever takes part in it', async () => {
  const { holder, networkGovernor, auditor } = PEOPLE;
  const { jobId, serviceEventId } = await town.begin();
  await town.mutate(holder, 'abortServiceEvent', { jobId, reason: 'Nobody opened' });
  const { recordId } = await town.seal();
  const correction = { recordId, reason: 'The wrong house', evidence: [{ kind: 'NOTE', note: 'Number 7' }] };
  const { record } = await town.mutate(holder, 'correctRecord', correction, 'record { id }');
  for (const [session, aborted, corrected] of [
    [holder, 'Nobody opened', 'The wrong house'],
    [networkGovernor, 'Nobody opened', 'The wrong house'],
    [auditor, null, null],
  ] as const) {
    const { data } = await town.ask(
      session,
      `query ($event: ID!, $record: ID!) {
        serviceEvent(id: $event) { state abortReason history { edges { node { transition reason } } } }
        record(id: $record) { state correctionReason }
      }`,
      { event: serviceEventId, record: record.id },
    );
    expect(data.serviceEvent).toMatchObject({ state: 'ABORTED', abortReason: aborted });
    const last = data.serviceEvent.history.edges.at(-1).node;
    expect(last).toEqual({ transition: 'service_event.abort', reason: aborted });
    expect(data.record).toEqual({ state: 'SEALED', correctionReason: corrected });
  }
});
