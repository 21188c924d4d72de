import type { Session } from '@qtm/service-kit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { unreadable } from '../../../test/harness/foreign-facts.ts';
import {
  operatorLocked,
  operatorTransferred,
  registerImported,
  registerRestored,
  registerSeeded,
} from '../../../test/harness/people.ts';
import { openTown, PEOPLE, type Town } from './town.ts';

const { holder, executor, operatorGovernor, member, helper, rival, governor, executive } = PEOPLE;
/** To whom `crew` goes, and to whom after that. */
const { stranger: successor, auditor: another } = PEOPLE;

let town: Town;

const endOf = async (session: Session, field: string, input: object) => {
  const { data, errors } = await town.attempt(session, field, input);
  return String(errors[0]?.extensions?.code ?? data[field].refusal?.code ?? 'ACCEPTED');
};
const powerFor = ({ identityId }: Session, power = 'EXECUTE') => ({
  operator: 'crew',
  identityId,
  power,
});
const seat = ({ identityId }: Session) => ({ operator: 'crew', identityId });

/** Everything that a holder may do for its operator. */
async function endsOf(session: Session): Promise<readonly string[]> {
  return [
    await endOf(session, 'delegate', powerFor(rival)),
    await endOf(session, 'revokeDelegation', powerFor(rival)),
    await endOf(session, 'addWorkspaceMember', seat(rival)),
    await endOf(session, 'removeWorkspaceMember', seat(rival)),
    await endOf(session, 'setReadiness', { slug: 'crew', readiness: 'READY' }),
  ];
}
const all = (code: string) => [code, code, code, code, code];

/** What the operator says of itself. */
async function crew() {
  const fields = 'version state holderIdentityId registerVersion';
  const { data } = await town.ask(executive, `{ operator(slug: "crew") { ${fields} } }`);
  return data.operator;
}

/** What somebody is told to be to an operator. */
async function standingTo(slug: string, session: Session): Promise<readonly string[]> {
  const { data } = await town.ask(session, '{ me { operators { operator { slug } relations } } }');
  const own = data.me.operators.find((one: { operator: { slug: string } }) => one.operator.slug === slug);
  return own?.relations ?? [];
}
const standing = (session: Session) => standingTo('crew', session);

/** Takes an operator in; gives what it begins with, or why it does not. */
async function onboarded(slug: string, { identityId: holderIdentityId }: Session) {
  const input = { slug, name: `Called ${slug}`, type: 'AGENCY', surfaces: ['freight'], holderIdentityId };
  const { data } = await town.attempt(governor, 'onboardOperator', input, 'operator { registerVersion }');
  const { refusal, operator } = data.onboardOperator;
  return refusal === null ? operator : { code: refusal.code, details: refusal.details };
}

/** Whom somebody is shown as a person. */
async function peopleSeen(session: Session): Promise<readonly string[]> {
  const { data } = await town.ask(session, '{ identities(first: 100) { edges { node { id } } } }');
  return data.identities.edges.map(({ node }: { node: { id: string } }) => node.id).sort();
}
const idsOf = (...sessions: readonly Session[]) => sessions.map(({ identityId }) => identityId).sort();

describe('once a transfer of an operator is completed (T-TR-31)', () => {
  beforeAll(async () => {
    town = await openTown();
    await town.feed(registerSeeded('crew', holder));
  });
  afterAll(() => town?.stop());

  test('its entry of the first version changes nothing for anybody', async () => {
    expect(await standing(holder)).toEqual(['HOLDER']);
    expect(await standing(executor)).toEqual(['EXECUTE']);
    expect(await standing(member)).toEqual(['MEMBER']);
    expect(await endsOf(holder)).toEqual(all('ACCEPTED'));
    expect(await endsOf(successor)).toEqual(all('FORBIDDEN'));
  });

  test('the register decides before the operator has heard of it: whoever was something to it is nothing', async () => {
    await town.feed(operatorLocked('crew', successor, 2));
    expect(await crew()).toMatchObject({ holderIdentityId: holder.identityId, registerVersion: 1 });
    for (const former of [holder, executor, operatorGovernor, member, helper]) {
      expect(await standing(former)).toEqual([]);
      expect(await endsOf(former)).toEqual(all('FORBIDDEN'));
    }
    expect(await peopleSeen(holder)).toEqual(idsOf(holder));
  });

  test('the new holder is all that the old one was, and gives anew, under the new version', async () => {
    expect(await standing(successor)).toEqual(['HOLDER']);
    expect(await endsOf(successor)).toEqual(all('ACCEPTED'));
    expect(await peopleSeen(successor)).toEqual(idsOf(successor));
    // One that is ACTIVE, and void: it is given again as if it had been taken back.
    const given = await town.mutate(
      successor,
      'delegate',
      powerFor(executor),
      'delegation { state version registerVersion }',
    );
    expect(given.delegation).toEqual({ state: 'ACTIVE', version: 2, registerVersion: 2 });
    const seated = await town.mutate(
      successor,
      'addWorkspaceMember',
      seat(member),
      'workspaceMembership { state version registerVersion }',
    );
    expect(seated.workspaceMembership).toEqual({ state: 'ACTIVE', version: 2, registerVersion: 2 });
    expect(await endOf(successor, 'delegate', powerFor(executor))).toBe('WRONG_STATE');
    expect(await standing(executor)).toEqual(['EXECUTE']);
    expect(await standing(member)).toEqual(['MEMBER']);
    expect(await peopleSeen(successor)).toEqual(idsOf(successor, executor, member));
  });

  test('what a governor gives for it counts under the new version, too', async () => {
    await town.mutate(governor, 'addWorkspaceMember', seat(helper));
    expect(await standing(helper)).toEqual(['MEMBER']);
  });

  test('why something was done is told to the new holder and no longer to the old one', async () => {
    await town.mutate(governor, 'suspendOperator', { slug: 'crew', reason: 'A complaint' });
    const told = async (session: Session) => {
      const { data } = await town.ask(session, '{ operator(slug: "crew") { history { edges { node { reason } } } } }');
      return JSON.stringify(data).includes('A complaint');
    };
    expect(await told(successor)).toBe(true);
    expect(await told(holder)).toBe(false);
  });

  test('the operator follows, in the state it is in, as a consequence of that very event', async () => {
    const before = await crew();
    const fact = operatorTransferred('crew', successor, 2);
    await town.feed(fact);
    expect(await crew()).toEqual({
      version: before.version + 1,
      state: 'SUSPENDED',
      holderIdentityId: successor.identityId,
      registerVersion: 2,
    });
    const [row] = await town.rows<{ payload: string }>(
      "select payload from journal where aggregate_type = 'operator' and aggregate_id = 'crew' order by aggregate_version desc limit 1",
    );
    expect(JSON.parse(row?.payload ?? '')).toMatchObject({
      event_type: 'x1.operator.operator_holder_changed.v1',
      transition: 'operator.change_holder',
      prior_state: 'SUSPENDED',
      new_state: 'SUSPENDED',
      authority: 'consequence',
      causation_id: (fact.event as { event_id?: string }).event_id,
      basis: ['transfer/register_entry/operator:crew@1.2'],
    });
  });

  test('told again, or late, it changes nothing: the newest version stays', async () => {
    const before = await crew();
    await town.feed(operatorTransferred('crew', successor, 2));
    expect(await crew()).toEqual(before);
    await town.feed(operatorTransferred('crew', another, 5), operatorTransferred('crew', rival, 4));
    const after = { ...before, version: before.version + 1, holderIdentityId: another.identityId, registerVersion: 5 };
    expect(await crew()).toEqual(after);
    await town.feed(operatorTransferred('crew', successor, 2));
    expect(await crew()).toEqual(after);
    expect(await standing(another)).toEqual(['HOLDER']);
  });

  test('an operator that was retired meanwhile follows all the same', async () => {
    await town.mutate(governor, 'retireOperator', { slug: 'crew', reason: 'Closed' });
    await town.feed(operatorTransferred('crew', successor, 6));
    const expected = { state: 'RETIRED', holderIdentityId: successor.identityId, registerVersion: 6 };
    expect(await crew()).toMatchObject(expected);
  });

  test('of an operator that nobody knows it waits for a human, and holds nothing up', async () => {
    await town.feed(operatorTransferred('nowhere', successor), operatorTransferred('rivals', successor));
    expect(await town.rows('select key from parked_event')).toEqual([{ key: 'operator:nowhere' }]);
    await town.mutate(successor, 'setReadiness', { slug: 'rivals', readiness: 'READY' });
  });
});

describe('a register that is imported', () => {
  beforeAll(async () => {
    town = await openTown();
  });
  afterAll(() => town?.stop());

  test('gives an operator that is there the version of its entry', async () => {
    await town.feed(registerImported('crew', holder, 3));
    expect(await crew()).toMatchObject({ holderIdentityId: holder.identityId, registerVersion: 3 });
    expect(await standing(holder)).toEqual(['HOLDER']);
    expect(await standing(executor)).toEqual([]);
  });

  test('is what an onboarding after it begins with: with its holder alone, under its version', async () => {
    await town.feed(registerImported('late', rival, 4));
    expect(await onboarded('late', holder)).toEqual({
      code: 'HOLDER_DIFFERS',
      details: [
        { name: 'slug', value: 'late' },
        { name: 'holder', value: rival.identityId },
      ],
    });
    expect(await onboarded('late', rival)).toEqual({ registerVersion: 4 });
    expect(await town.rows('select key from parked_event')).toEqual([]);
  });

  test('is no hindrance to an onboarding where what it says of the slug cannot be known', async () => {
    await town.feed(unreadable(registerImported('parked', rival, 4)));
    expect(await onboarded('parked', holder)).toEqual({ registerVersion: 1 });
  });
});

describe('a register that is restored from a backup', () => {
  beforeAll(async () => {
    town = await openTown();
    await town.feed(registerSeeded('crew', holder), operatorTransferred('crew', successor));
    await town.mutate(successor, 'delegate', powerFor(rival));
    await town.mutate(successor, 'delegate', powerFor(executor));
    await town.mutate(governor, 'addWorkspaceMember', seat(rival));
    await town.feed(registerRestored('crew', holder, 1));
  });
  afterAll(() => town?.stop());

  test('is what the operator goes back to, and whom its holder trusted before counts again', async () => {
    expect(await crew()).toMatchObject({ holderIdentityId: holder.identityId, registerVersion: 1 });
    expect(await standing(holder)).toEqual(['HOLDER']);
    expect(await standing(operatorGovernor)).toEqual(['GOVERN']);
    expect(await standing(successor)).toEqual([]);
    expect(await standing(rival)).toEqual([]);
  });

  test('takes back for good what was given under a version that is lost: whoever comes to that version trusts nobody yet', async () => {
    await town.feed(operatorTransferred('crew', another, 2, 2));
    expect(await crew()).toMatchObject({ holderIdentityId: another.identityId, registerVersion: 2 });
    for (const somebody of [holder, executor, member, rival, successor]) expect(await standing(somebody)).toEqual([]);
    const revoked = await town.rows(
      "select transition, payload::jsonb ->> 'authority' as authority from journal where transition in ('delegation.revoke', 'workspace_membership.remove') order by transition",
    );
    expect(revoked).toEqual([
      { transition: 'delegation.revoke', authority: 'consequence' },
      { transition: 'delegation.revoke', authority: 'consequence' },
      { transition: 'workspace_membership.remove', authority: 'consequence' },
    ]);
  });

  test('takes it back also where the next transfer is heard of together with the restored entry', async () => {
    const [slug, by] = ['together', rival] as const;
    await onboarded(slug, by);
    await town.feed(registerSeeded(slug, by), operatorTransferred(slug, successor));
    const power = { operator: slug, identityId: executor.identityId, power: 'EXECUTE' };
    await town.mutate(successor, 'delegate', power);
    await town.feedAtOnce('transfer', registerRestored(slug, by, 1), operatorTransferred(slug, another, 2, 2));
    expect(await standingTo(slug, another)).toEqual(['HOLDER']);
    expect(await standingTo(slug, executor)).toEqual([]);
    // What is given under the version that was given again counts, and goes on to count when the facts are told again.
    await town.mutate(another, 'delegate', power);
    await town.feed(registerRestored(slug, by, 1));
    expect(await standingTo(slug, executor)).toEqual(['EXECUTE']);
  });

  test('takes it back also where the backup does not know the entry, and it is seeded anew', async () => {
    const [slug, by] = ['anew', rival] as const;
    await onboarded(slug, by);
    await town.feed(registerSeeded(slug, by), operatorTransferred(slug, successor));
    await town.mutate(successor, 'delegate', { operator: slug, identityId: executor.identityId, power: 'EXECUTE' });
    await town.feed(registerSeeded(slug, by, 2), operatorTransferred(slug, another, 2, 2));
    expect(await standingTo(slug, another)).toEqual(['HOLDER']);
    expect(await standingTo(slug, executor)).toEqual([]);
  });

  test('is not undone by what was told before it', async () => {
    await town.feed(operatorTransferred('crew', successor, 2), operatorTransferred('crew', rival, 3));
    expect(await crew()).toMatchObject({ holderIdentityId: another.identityId, registerVersion: 2 });
    expect(await standing(another)).toEqual(['HOLDER']);
  });
});

describe('where what the register says', () => {
  afterEach(() => town?.stop());

  test('cannot be known, a holder decides nothing, and nobody is anything to the operator', async () => {
    town = await openTown();
    await town.feed(unreadable(registerSeeded('crew', holder)));
    expect(await endsOf(holder)).toEqual(all('AUTHORITY_UNKNOWN'));
    for (const one of [holder, executor, operatorGovernor, member, helper]) expect(await standing(one)).toEqual([]);
    expect(await town.rows('select 1 from attempt')).toEqual([]);
    await town.mutate(rival, 'setReadiness', { slug: 'rivals', readiness: 'READY' });
  });

  test('is known only as of too long ago, it is no ground, whoever asks, and nothing is given by anybody', async () => {
    town = await openTown(60_000);
    await town.rows("update source_freshness set as_of = '2026-01-05T10:00:00.000000Z' where source = 'transfer'");
    expect(await endsOf(holder)).toEqual(all('AUTHORITY_STALE'));
    expect(await endOf(governor, 'addWorkspaceMember', seat(rival))).toBe('AUTHORITY_STALE');
    // What no holder is asked for goes on.
    await town.mutate(governor, 'suspendOperator', { slug: 'crew', reason: 'A complaint' });
    await town.hear('transfer');
    expect(await endsOf(holder)).toEqual(all('ACCEPTED'));
  });
});
