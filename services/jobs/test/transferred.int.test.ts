import type { Session } from '@qtm/service-kit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { foreignFact, unreadable } from '../../../test/harness/foreign-facts.ts';
import { delegated, memberOf, operatorTransferred, registered, registerSeeded } from '../../../test/harness/people.ts';
import { sessionOf } from '../../../test/harness/sessions.ts';
import { openTown, PEOPLE, type Town } from './town.ts';

/** To whom `crew` went, and whom that one trusts. Everybody of `PEOPLE` is from the time before. */
const successor = sessionOf('successor');
const deputy = sessionOf('deputy');
const { holder, executor, operatorGovernor, member } = PEOPLE;
const FORMER = { holder, executor, operatorGovernor, member } as const;

const codeOf = ({ data, errors }: Awaited<ReturnType<Town['attempt']>>, field: string): string =>
  String(errors[0]?.extensions?.code ?? data[field].refusal?.code ?? 'ACCEPTED');

/** What somebody sees of `crew`: the jobs of the list, and one by its id. */
async function seen(town: Town, session: Session, id: string | null) {
  const query = 'query ($id: ID!) { jobs(first: 100) { totalCount } job(id: $id) { id } }';
  const { data } = await town.ask(session, query, { id });
  return { listed: data.jobs.totalCount, byId: data.job?.id ?? null };
}
const NOTHING = { listed: 0, byId: null };

/** Jobs of `crew` at every point at which somebody goes on with one. */
async function jobsAtWork(town: Town, by: Session) {
  const queued = await town.begin({ operator: 'crew' });
  const claimed = await town.begin({ operator: 'crew' });
  const started = await town.begin({ operator: 'crew' });
  for (const { jobId } of [claimed, started]) await town.mutate(by, 'claimJob', { jobId, asOperator: 'crew' });
  const { jobId, intakeId } = started;
  const { serviceEvent } = await town.mutate(by, 'startJob', { jobId }, 'serviceEvent { id }');
  const executed = { id: serviceEvent.id, job_id: jobId, intake_id: intakeId, operator: 'crew' };
  await town.feed(foreignFact('workflow', 'service_event_completed', executed));
  return { queued, claimed, started };
}
type JobsAtWork = Awaited<ReturnType<typeof jobsAtWork>>;

/** What claiming, starting and completing come to. */
async function endsOf(town: Town, session: Session, { queued, claimed, started }: JobsAtWork) {
  const ends: string[] = [];
  for (const [field, input] of [
    ['claimJob', { jobId: queued.jobId, asOperator: 'crew' }],
    ['startJob', { jobId: claimed.jobId }],
    ['completeJob', { jobId: started.jobId }],
  ] as const) {
    ends.push(codeOf(await town.attempt(session, field, input), field));
  }
  return ends;
}
const all = (code: string) => [code, code, code];

describe('once a transfer of its operator is completed (T-TR-31)', () => {
  let town: Town;
  let jobs: JobsAtWork;
  beforeAll(async () => {
    town = await openTown();
    await town.feed(registered(successor), registered(deputy), registerSeeded('crew', holder));
    jobs = await jobsAtWork(town, holder);
  });
  afterAll(() => town?.stop());

  test('its entry of the first version changes nothing for anybody', async () => {
    for (const session of Object.values(FORMER)) {
      expect(await seen(town, session, jobs.queued.jobId)).toEqual({ listed: 3, byId: jobs.queued.jobId });
    }
    expect(await seen(town, successor, jobs.queued.jobId)).toEqual(NOTHING);
    expect(await endsOf(town, successor, jobs)).toEqual(all('NOT_FOUND'));
  });

  test.each(Object.keys(FORMER) as (keyof typeof FORMER)[])('its former %s neither acts nor sees', async (name) => {
    if (name === 'holder') await town.feed(operatorTransferred('crew', successor));
    expect(await seen(town, FORMER[name], jobs.queued.jobId)).toEqual(NOTHING);
    expect(await endsOf(town, FORMER[name], jobs)).toEqual(all('NOT_FOUND'));
  });

  test('what an earlier version gave does not come back, however late it arrives', async () => {
    const late = sessionOf('late');
    await town.feed(registered(late), delegated('crew', late, 'EXECUTE'), memberOf('crew', deputy));
    for (const session of [late, deputy]) {
      expect(await seen(town, session, jobs.queued.jobId)).toEqual(NOTHING);
      expect(await endsOf(town, session, jobs)).toEqual(all('NOT_FOUND'));
    }
  });

  test('what the new holder gives counts: to see, and to act', async () => {
    await town.feed(memberOf('crew', member, 2));
    expect(await seen(town, member, jobs.queued.jobId)).toEqual({ listed: 3, byId: jobs.queued.jobId });
    expect(await endsOf(town, member, jobs)).toEqual(all('FORBIDDEN'));
    const other = await town.begin({ operator: 'crew' });
    await town.feed(delegated('crew', executor, 'EXECUTE', 2));
    await town.mutate(executor, 'claimJob', { jobId: other.jobId, asOperator: 'crew' });
  });

  test('the new holder goes on with what the operator holds, and sees it', async () => {
    expect(await seen(town, successor, jobs.queued.jobId)).toEqual({ listed: 4, byId: jobs.queued.jobId });
    expect(await endsOf(town, successor, jobs)).toEqual(all('ACCEPTED'));
    const { data } = await town.ask(successor, 'query ($id: ID!) { job(id: $id) { state heldBy { slug } } }', {
      id: jobs.claimed.jobId,
    });
    expect(data.job).toEqual({ state: 'STARTED', heldBy: { slug: 'crew' } });
  });

  test('a decision names the register entry that it rests on', async () => {
    const [row] = await town.rows<{ basis: string[] }>(
      "select (payload::jsonb -> 'basis') as basis from journal where aggregate_id = $1 and transition = 'job.claim'",
      [jobs.queued.jobId],
    );
    expect(row?.basis).toContain('transfer/register_entry/operator:crew@1.2');
  });
});

describe('where what the register says', () => {
  let town: Town;
  let jobs: JobsAtWork;
  afterEach(() => town?.stop());

  test('cannot be known, since its event is set aside, nobody acts for the operator nor sees its work', async () => {
    town = await openTown();
    jobs = await jobsAtWork(town, holder);
    await town.feed(unreadable(registerSeeded('crew', holder)));
    for (const session of [holder, executor])
      expect(await endsOf(town, session, jobs)).toEqual(all('AUTHORITY_UNKNOWN'));
    for (const session of Object.values(FORMER)) expect(await seen(town, session, jobs.queued.jobId)).toEqual(NOTHING);
    expect(await town.rows('select 1 from attempt')).toEqual([]);
    const other = await town.begin({ operator: 'rivals' });
    await town.mutate(PEOPLE.rival, 'claimJob', { jobId: other.jobId, asOperator: 'rivals' });
  });

  test('cannot be known any more, neither whom it named last nor who held before acts', async () => {
    town = await openTown();
    await town.feed(registered(successor), operatorTransferred('crew', successor));
    jobs = await jobsAtWork(town, successor);
    await town.feed(unreadable(operatorTransferred('crew', holder, 3)));
    expect(await endsOf(town, successor, jobs)).toEqual(all('AUTHORITY_UNKNOWN'));
    expect(await endsOf(town, holder, jobs)).toEqual(all('NOT_FOUND'));
    expect(await seen(town, successor, jobs.queued.jobId)).toEqual(NOTHING);
  });

  test('has yet to arrive while the operator tells the same already, that counts: nothing of the former holder does', async () => {
    town = await openTown();
    jobs = await jobsAtWork(town, holder);
    const told = { id: 'crew', holder_identity_id: successor.identityId, register_version: 2 };
    await town.feed(registered(successor));
    await town.feed(foreignFact('operator', 'operator_holder_changed', told, { aggregate_version: 9 }));
    for (const session of Object.values(FORMER)) expect(await endsOf(town, session, jobs)).toEqual(all('NOT_FOUND'));
    expect(await endsOf(town, successor, jobs)).toEqual(all('ACCEPTED'));
  });

  test('is known only as of too long ago, it is no ground, whoever asks', async () => {
    town = await openTown(60_000);
    jobs = await jobsAtWork(town, holder);
    await town.rows("update source_freshness set as_of = '2026-01-05T10:00:00.000000Z' where source = 'transfer'");
    for (const session of [holder, executor, member]) {
      expect(await endsOf(town, session, jobs)).toEqual(all('AUTHORITY_STALE'));
      expect(await seen(town, session, jobs.queued.jobId)).toEqual({ listed: 3, byId: jobs.queued.jobId });
    }
    expect(await town.rows('select 1 from attempt')).toEqual([]);
    await town.hear('transfer');
    expect(await endsOf(town, holder, jobs)).toEqual(all('ACCEPTED'));
  });
});
