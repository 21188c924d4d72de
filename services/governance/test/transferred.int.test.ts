import { randomUUID } from 'node:crypto';
import type { Session } from '@qtm/service-kit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { unreadable } from '../../../test/harness/foreign-facts.ts';
import { delegated, operatorTransferred, registered, registerSeeded } from '../../../test/harness/people.ts';
import { sessionOf } from '../../../test/harness/sessions.ts';
import { openTown, PEOPLE, type Town, transferEvent } from './town.ts';

/** To whom `crew` went, and whom that one trusts. Everybody of `PEOPLE` is from the time before. */
const successor = sessionOf('successor');
const deputy = sessionOf('deputy');
const { holder, operatorGovernor, member, networkGovernor, superAdmin } = PEOPLE;
const FORMER = { holder, operatorGovernor, member } as const;

/** What reviewing a task comes to; a task may be reviewed again and again. */
async function review(town: Town, session: Session, taskId: string): Promise<string> {
  const { data, errors } = await town.attempt(session, 'reviewTask', { taskId, risk: 'LOW' });
  return String(errors[0]?.extensions?.code ?? data.reviewTask.refusal?.code ?? 'ACCEPTED');
}

/** What somebody sees of the tasks: how many, and this one by its id. */
async function seen(town: Town, session: Session, id: string) {
  const { data } = await town.ask(session, 'query ($id: ID!) { tasks { totalCount } task(id: $id) { id } }', { id });
  return { listed: data.tasks.totalCount, byId: data.task?.id ?? null };
}
const NOTHING = { listed: 0, byId: null };

describe('once a transfer of its operator is completed (T-TR-31)', () => {
  let town: Town;
  let taskId: string;
  beforeAll(async () => {
    town = await openTown();
    await town.feed(registered(successor), registered(deputy), registerSeeded('crew', holder));
    taskId = await town.open('crew');
  });
  afterAll(() => town?.stop());

  test('its entry of the first version changes nothing for anybody', async () => {
    for (const session of Object.values(FORMER)) {
      expect(await seen(town, session, taskId)).toEqual({ listed: 1, byId: taskId });
    }
    expect(await review(town, holder, taskId)).toBe('ACCEPTED');
    expect(await review(town, successor, taskId)).toBe('NOT_FOUND');
  });

  test.each(Object.keys(FORMER) as (keyof typeof FORMER)[])('its former %s neither governs nor sees', async (name) => {
    if (name === 'holder') await town.feed(operatorTransferred('crew', successor));
    expect(await seen(town, FORMER[name], taskId)).toEqual(NOTHING);
    expect(await review(town, FORMER[name], taskId)).toBe('NOT_FOUND');
  });

  test('the new holder, and whom that one trusts, go on with it', async () => {
    await town.feed(delegated('crew', deputy, 'GOVERN', 2));
    for (const session of [successor, deputy]) {
      expect(await seen(town, session, taskId)).toEqual({ listed: 1, byId: taskId });
      expect(await review(town, session, taskId)).toBe('ACCEPTED');
    }
  });
});

describe('where what the register says', () => {
  let town: Town;
  let taskId: string;
  afterEach(() => town?.stop());

  test('cannot be known, nobody governs for the operator; the network does for itself', async () => {
    town = await openTown();
    taskId = await town.open('crew');
    await town.feed(unreadable(registerSeeded('crew', holder)));
    expect(await review(town, holder, taskId)).toBe('AUTHORITY_UNKNOWN');
    expect(await seen(town, holder, taskId)).toEqual(NOTHING);
    expect(await review(town, networkGovernor, await town.open())).toBe('ACCEPTED');
  });

  test('is known only as of too long ago, it is no ground; what rests on roles alone goes on', async () => {
    town = await openTown(60_000);
    taskId = await town.open('crew');
    const transferId = randomUUID();
    await town.feed(transferEvent('transfer_proposed', transferId));
    await town.rows("update source_freshness set as_of = '2026-01-05T10:00:00.000000Z' where source = 'transfer'");
    expect(await review(town, holder, taskId)).toBe('AUTHORITY_STALE');
    expect(await review(town, networkGovernor, await town.open())).toBe('ACCEPTED');
    await town.mutate(superAdmin, 'reviewGovernanceTask', { governanceTaskId: `${transferId}:transfer_proposed` });
    await town.hear('transfer');
    expect(await review(town, holder, taskId)).toBe('ACCEPTED');
  });
});
