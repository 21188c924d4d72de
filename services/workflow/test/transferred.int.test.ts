import type { Session } from '@qtm/service-kit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { unreadable } from '../../../test/harness/foreign-facts.ts';
import { delegated, memberOf, operatorTransferred, registerSeeded } from '../../../test/harness/people.ts';
import { openTown, PEOPLE, person, registered, type Town } from './town.ts';

/** To whom `crew` went. Everybody of `PEOPLE` is from the time before. */
const successor = person('successor');
const { holder, executor, operatorGovernor, member } = PEOPLE;
const FORMER = { holder, executor, operatorGovernor, member } as const;

const NOTE = { kind: 'NOTE', note: 'Seen' };
/** Every command of this service, each after the one before it, on one execution or on a sealed record. */
const COMMANDS = [
  ['advanceStage', { toStage: 'resolution' }],
  ['attachEvidence', NOTE],
  ['completeServiceEvent', { outcome: 'RESOLVED' }],
] as const;

/** What was under way when the operator went: an execution, one to be given up, and a sealed record. */
async function workOf(town: Town) {
  const running = await town.begin();
  const hopeless = await town.begin();
  const { recordId } = await town.seal();
  return { running, hopeless, recordId };
}
type Work = Awaited<ReturnType<typeof workOf>>;

async function endsOf(town: Town, session: Session, { running, hopeless, recordId }: Work): Promise<readonly string[]> {
  const ends: string[] = [];
  const { serviceEventId } = running;
  for (const [field, input] of [
    ...COMMANDS.map(([name, given]) => [name, { serviceEventId, ...given }] as const),
    ['abortServiceEvent', { serviceEventId: hopeless.serviceEventId, reason: 'Nobody there' }],
    ['correctRecord', { recordId, reason: 'A slip', evidence: [NOTE] }],
  ] as const) {
    const { data, errors } = await town.attempt(session, field, input);
    ends.push(String(errors[0]?.extensions?.code ?? data[field].refusal?.code ?? 'ACCEPTED'));
  }
  return ends;
}
const all = (code: string) => Array.from({ length: COMMANDS.length + 2 }, () => code);

async function seen(town: Town, session: Session, { running, recordId }: Work) {
  const { data } = await town.ask(
    session,
    `query ($event: ID!, $record: ID!) { serviceEvents { totalCount } serviceEvent(id: $event) { id }
      records { totalCount } record(id: $record) { id } }`,
    { event: running.serviceEventId, record: recordId },
  );
  const { serviceEvents, serviceEvent, records, record } = data;
  return [serviceEvents.totalCount, serviceEvent?.id ?? null, records.totalCount, record?.id ?? null];
}
const NOTHING = [0, null, 0, null];
const everythingOf = ({ running, recordId }: Work) => [3, running.serviceEventId, 1, recordId];

describe('once a transfer of its operator is completed (T-TR-31)', () => {
  let town: Town;
  let work: Work;
  beforeAll(async () => {
    town = await openTown();
    await town.feed(registered(successor), registerSeeded('crew', holder));
    work = await workOf(town);
  });
  afterAll(() => town?.stop());

  test('its entry of the first version changes nothing for anybody', async () => {
    for (const session of Object.values(FORMER)) expect(await seen(town, session, work)).toEqual(everythingOf(work));
    expect(await seen(town, successor, work)).toEqual(NOTHING);
    expect(await endsOf(town, successor, work)).toEqual(all('NOT_FOUND'));
  });

  test.each(Object.keys(FORMER) as (keyof typeof FORMER)[])('its former %s neither acts nor sees', async (name) => {
    if (name === 'holder') await town.feed(operatorTransferred('crew', successor));
    expect(await seen(town, FORMER[name], work)).toEqual(NOTHING);
    expect(await endsOf(town, FORMER[name], work)).toEqual(all('NOT_FOUND'));
  });

  test('what the new holder gives counts: to see, and to act', async () => {
    await town.feed(memberOf('crew', member, 2), delegated('crew', executor, 'EXECUTE', 2));
    expect(await seen(town, member, work)).toEqual(everythingOf(work));
    expect(await endsOf(town, member, work)).toEqual(all('FORBIDDEN'));
    const { serviceEventId } = work.running;
    await town.mutate(executor, 'attachEvidence', { serviceEventId, ...NOTE });
  });

  test('the new holder goes on with what the operator executes, and corrects what it sealed before', async () => {
    expect(await seen(town, successor, work)).toEqual(everythingOf(work));
    expect(await endsOf(town, successor, work)).toEqual(all('ACCEPTED'));
  });

  test('other operators are none of it', async () => {
    const { serviceEventId } = await town.begin({ heldBy: 'rivals' });
    await town.mutate(PEOPLE.rival, 'attachEvidence', { serviceEventId, ...NOTE });
  });
});

describe('where what the register says', () => {
  let town: Town;
  let work: Work;
  afterEach(() => town?.stop());

  test('cannot be known, since its event is set aside, nobody acts for the operator nor sees its work', async () => {
    town = await openTown();
    work = await workOf(town);
    await town.feed(unreadable(registerSeeded('crew', holder)));
    for (const session of [holder, executor]) {
      expect(await endsOf(town, session, work)).toEqual(all('AUTHORITY_UNKNOWN'));
    }
    for (const session of Object.values(FORMER)) expect(await seen(town, session, work)).toEqual(NOTHING);
    expect(await town.rows('select 1 from attempt')).toEqual([]);
  });

  test('is known only as of too long ago, it is no ground, whoever asks', async () => {
    town = await openTown(60_000);
    work = await workOf(town);
    await town.rows("update source_freshness set as_of = '2026-01-05T10:00:00.000000Z' where source = 'transfer'");
    for (const session of [holder, executor, member]) {
      expect(await endsOf(town, session, work)).toEqual(all('AUTHORITY_STALE'));
      expect(await seen(town, session, work)).toEqual(everythingOf(work));
    }
    await town.hear('transfer');
    expect(await endsOf(town, holder, work)).toEqual(all('ACCEPTED'));
  });
});
