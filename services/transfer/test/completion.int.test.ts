import { randomUUID } from 'node:crypto';
import { waitFor } from '@qtm/local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foreignFact } from '../../../test/harness/foreign-facts.ts';
import { asOwner } from './as-owner.ts';
import { type OwnedTown, openOwnedTown } from './owned-town.ts';
import { AGENT, PEOPLE, SERVICE } from './town.ts';

const { holder, buyer, superAdmin, secondSuperAdmin, grantedSuperAdmin, governor } = PEOPLE;
let town: OwnedTown;
beforeAll(async () => {
  town = await openOwnedTown();
});
afterAll(() => town?.stop());

/** The object that a transfer is of. */
async function objectOf(transferId: string): Promise<string> {
  const [row] = await town.rows<{ object_id: string }>('select object_id from transfer where id = $1', [transferId]);
  return row?.object_id ?? '';
}

/** Whatever a completion can leave. */
async function leftBy(transferId: string) {
  const entryId = `operator:${await objectOf(transferId)}`;
  return {
    transfer: await town.rows('select * from transfer where id = $1', [transferId]),
    entry: await town.rows('select * from register_entry where id = $1', [entryId]),
    journal: await town.rows('select * from journal where aggregate_id = any($1) order by event_id', [
      [transferId, entryId],
    ]),
    keys: await town.rows("select * from idempotency where transition = 'transfer.complete' order by identity_id, key"),
  };
}

async function entryOf(transferId: string) {
  const { data } = await town.ask(
    superAdmin,
    `query ($id: ID!) { transfer(id: $id) { state registerEntry { holderIdentityId registerVersion setBy since
      setByTransfer { id } activeTransfer { id } } } }`,
    { id: transferId },
  );
  return data.transfer;
}

/** What the release brings, with this changed. */
const setPolicy = (policy: object = {}, by = superAdmin) =>
  town.mutate(by, 'setTransferPolicy', {
    objectClass: 'operator',
    distinctActors: 'strict',
    proposedExpiresSeconds: 432_000,
    ...policy,
  });

/** An accepted transfer under terms of its own; what comes later has those that the release brings. */
async function acceptedUnder(policy: object): Promise<string> {
  await setPolicy(policy);
  const transferId = await town.accepted();
  await setPolicy();
  return transferId;
}

describe('an accepted transfer', () => {
  test.each(['superAdmin', 'secondSuperAdmin', 'grantedSuperAdmin'] as const)(
    'T-TR-04 allow: is completed by %s, and authority moves by it',
    async (name) => {
      const transferId = await town.accepted();
      expect((await entryOf(transferId)).registerEntry).toMatchObject({ registerVersion: 1, setBy: 'onboarding' });
      expect(await town.complete(PEOPLE[name], transferId)).toBe('completed');
      const { state, registerEntry } = await entryOf(transferId);
      expect([state, registerEntry]).toEqual([
        'completed',
        {
          holderIdentityId: buyer.identityId,
          registerVersion: 2,
          setBy: 'transfer',
          since: expect.any(String),
          setByTransfer: { id: transferId },
          activeTransfer: null,
        },
      ]);
    },
  );

  test.each([
    ['the identity it goes to', buyer, 'FORBIDDEN'],
    ['the holder', holder, 'FORBIDDEN'],
    ['a CLO reviewer', PEOPLE.cloReviewer, 'FORBIDDEN'],
    ['an auditor', PEOPLE.auditor, 'FORBIDDEN'],
    ['an executive', PEOPLE.executive, 'FORBIDDEN'],
    ['a governor', governor, 'NOT_FOUND'],
    ['whoever executes for it', PEOPLE.executor, 'NOT_FOUND'],
    ['a stranger', PEOPLE.stranger, 'NOT_FOUND'],
    ['an agent that says it has every role', AGENT, 'FORBIDDEN'],
    ['an agent of a super_admin', { ...superAdmin, kind: 'AGENT' as const }, 'FORBIDDEN'],
    ['a service that says it has every role', SERVICE, 'FORBIDDEN'],
  ])('T-TR-04 deny: is not completed by %s, and that it was tried is recorded', async (_, session, code) => {
    const transferId = await town.accepted();
    const before = await leftBy(transferId);
    const tried = () =>
      town.rows(
        `select 1 from journal where aggregate_type = 'attempt' and actor_id = $1 and actor_kind = $2
          and payload::jsonb -> 'state' ->> 'transition' = 'transfer.complete'`,
        [session.identityId, session.kind],
      );
    const attempts = await tried();
    expect(await town.complete(session, transferId)).toBe(code);
    expect(await leftBy(transferId)).toEqual(before);
    expect(await tried()).toHaveLength(attempts.length + 1);
  });

  test('T-TR-04 deny: is completed once', async () => {
    const transferId = await town.accepted();
    expect(await town.complete(superAdmin, transferId)).toBe('completed');
    expect(await town.complete(secondSuperAdmin, transferId)).toBe('WRONG_STATE');
  });

  test('T-TR-36 deny, T-TR-36 allow: without a valid session nothing is completed, with one it is', async () => {
    const transferId = await town.accepted();
    const before = await leftBy(transferId);
    for (const change of [{ anonymous: true }, { ttlSeconds: -60 }, { extra: { aud: 'another' } }]) {
      const impostor = town.visitor(superAdmin, 0, change);
      const { errors } = await impostor.attempt('completeTransfer', { transferId });
      expect(errors[0]?.extensions.code, JSON.stringify(change)).toBe('UNAUTHENTICATED');
    }
    expect(await leftBy(transferId)).toEqual(before);
    await town.visitor(superAdmin).mutate('completeTransfer', { transferId });
  });
});

describe('the session', () => {
  test('T-TR-08 deny, T-TR-08 allow: proved too long ago it is challenged and nothing is written; proved again it completes', async () => {
    const transferId = await town.accepted();
    const before = await leftBy(transferId);
    const input = { transferId, idempotencyKey: randomUUID() };
    const { errors } = await town.visitor(superAdmin, 330).attempt('completeTransfer', input);
    expect(errors[0]?.extensions).toMatchObject({
      code: 'INSUFFICIENT_USER_AUTHENTICATION',
      acrValues: [],
      maxAge: 300,
    });
    expect(await leftBy(transferId)).toEqual(before);
    const { transfer } = await town.visitor(superAdmin).mutate('completeTransfer', input, 'transfer { state }');
    expect(transfer.state).toBe('completed');
  });
});

describe('what the owner says', () => {
  test('T-TR-08 deny, T-TR-08 allow: the target was suspended there while the copy here says it is active, then reinstated', async () => {
    const transferId = await town.accepted();
    const before = await leftBy(transferId);
    const { identityId } = buyer;
    await town.owner.mutate(superAdmin, 'suspendIdentity', { identityId });
    const copy = await town.rows("select state from foreign_aggregate where type = 'identity' and id = $1", [
      identityId,
    ]);
    expect(copy).toEqual([{ state: 'ACTIVE' }]);
    try {
      expect(await town.complete(superAdmin, transferId)).toBe('IDENTITY_NOT_ACTIVE');
      expect(await leftBy(transferId)).toEqual(before);
    } finally {
      await town.owner.mutate(superAdmin, 'reinstateIdentity', { identityId });
    }
    expect(await town.complete(superAdmin, transferId)).toBe('completed');
  });

  test('T-TR-08 deny: the operator was retired there', async () => {
    const transferId = await town.accepted();
    await town.owner.mutate(governor, 'retireOperator', { slug: await objectOf(transferId) });
    expect(await town.complete(superAdmin, transferId)).toBe('OBJECT_NOT_TRANSFERABLE');
    expect((await entryOf(transferId)).registerEntry.holderIdentityId).toBe(holder.identityId);
  });

  test('T-TR-08 allow: a suspended operator goes to another holder', async () => {
    const transferId = await town.accepted();
    await town.owner.mutate(governor, 'suspendOperator', { slug: await objectOf(transferId) });
    expect(await town.complete(superAdmin, transferId)).toBe('completed');
  });

  test('cannot be had while it is away: nothing is written, and the same key serves later', async () => {
    const transferId = await town.accepted();
    const before = await leftBy(transferId);
    const idempotencyKey = randomUUID();
    await town.ownersDoor.shut();
    try {
      expect(await town.complete(superAdmin, transferId, { idempotencyKey })).toBe('AUTHORITY_UNAVAILABLE');
      expect(await leftBy(transferId)).toEqual(before);
    } finally {
      await town.ownersDoor.open();
    }
    expect(await town.complete(superAdmin, transferId, { idempotencyKey })).toBe('completed');
  });

  test('is not asked for by what is refused or forbidden anyway, so that this is heard while it is away', async () => {
    const proposed = await town.propose(holder, buyer, { objectId: await town.newCrew() });
    const completed = await town.accepted();
    await town.mutate(superAdmin, 'completeTransfer', { transferId: completed });
    const cooling = await acceptedUnder({ coolOffSeconds: 3_600 });
    const unreviewed = await acceptedUnder({ reviewRequired: true });
    await town.ownersDoor.shut();
    try {
      for (const [transferId, by, end] of [
        [proposed, superAdmin, 'WRONG_STATE'],
        [completed, superAdmin, 'WRONG_STATE'],
        [cooling, superAdmin, 'COOLING_OFF'],
        [cooling, buyer, 'FORBIDDEN'],
        [unreviewed, superAdmin, 'REVIEW_MISSING'],
      ] as const) {
        expect(await town.complete(by, transferId), end).toBe(end);
      }
    } finally {
      await town.ownersDoor.open();
    }
  });
});

describe('conditions of its completion', () => {
  /** The clause by which a super_admin is denied it. */
  async function clauseAgainst(transferId: string): Promise<unknown> {
    const { errors } = await town.attempt(superAdmin, 'completeTransfer', { transferId });
    const { code, clause } = errors[0]?.extensions ?? {};
    expect(code).toBe('FORBIDDEN');
    return clause;
  }

  test('T-TR-08 deny: the from-party no longer holds it as it was when the transfer was proposed', async () => {
    const transferId = await town.accepted();
    const moved = { register_version: 2, set_by: 'transfer', holder_identity_id: PEOPLE.rival.identityId };
    const change = 'update register_entry set published = published || $1 where object_id = $2';
    await asOwner(town, change, [moved, await objectOf(transferId)]);
    expect(await clauseAgainst(transferId)).toBe('from_party_still_holds');
  });

  test('T-TR-21 deny: one of the seven questions is not answered', async () => {
    const transferId = await town.accepted();
    await asOwner(town, `update transfer set published = published || '{"evidence": []}' where id = $1`, [transferId]);
    const { data } = await town.ask(
      superAdmin,
      'query ($id: ID!) { transfer(id: $id) { sevenAnswers { complete withWhatEvidence { answered } } } }',
      { id: transferId },
    );
    expect(data.transfer.sevenAnswers).toEqual({ complete: false, withWhatEvidence: { answered: false } });
    expect(await clauseAgainst(transferId)).toBe('seven_answers_complete');
  });

  test('T-TR-21 allow: answered by transitions alone, without a word of the parties', async () => {
    const transferId = await town.accepted();
    const complete = 'query ($id: ID!) { transfer(id: $id) { sevenAnswers { complete } } }';
    expect((await town.ask(holder, complete, { id: transferId })).data.transfer.sevenAnswers.complete).toBe(true);
    expect(await town.complete(superAdmin, transferId)).toBe('completed');
  });

  test('T-TR-08 deny: credentials that its terms ask for cannot be shown', async () => {
    const transferId = await acceptedUnder({ requiredCredentials: ['licence'] });
    expect(await clauseAgainst(transferId)).toBe('credentials_valid');
    // Where its state is in the way, that is said.
    await town.mutate(superAdmin, 'voidTransfer', { transferId, reason: 'Nobody can show it' });
    expect(await town.complete(secondSuperAdmin, transferId)).toBe('WRONG_STATE');
  });

  test('a review that its terms ask for: of the acceptance, and made', async () => {
    const transferId = await acceptedUnder({ reviewRequired: true });
    const task = (event: string, name: string, version: number) =>
      foreignFact(
        'governance',
        name,
        { id: `${transferId}:${event}`, transfer_id: transferId, event },
        { aggregate_version: version },
      );
    expect(await town.complete(superAdmin, transferId)).toBe('REVIEW_MISSING');
    await town.feed(
      task('transfer_proposed', 'governance_task_reviewed', 2),
      task('transfer_accepted', 'governance_task_created', 1),
    );
    expect(await town.complete(superAdmin, transferId)).toBe('REVIEW_MISSING');
    await town.feed(task('transfer_accepted', 'governance_task_reviewed', 2));
    expect(await town.complete(superAdmin, transferId)).toBe('completed');
  });

  test('a time to cool off that its terms ask for', async () => {
    const long = await acceptedUnder({ coolOffSeconds: 3_600 });
    const { data } = await town.attempt(superAdmin, 'completeTransfer', { transferId: long });
    const [row] = await town.rows("select published ->> 'accepted_at' as at from transfer where id = $1", [long]);
    const { code, details } = data.completeTransfer.refusal;
    expect([code, details[0].name]).toEqual(['COOLING_OFF', 'completableFrom']);
    expect(Date.parse(details[0].value) - Date.parse(String(row?.at))).toBe(3_600_000);
    const short = await acceptedUnder({ coolOffSeconds: 1 });
    const ended = async () => ((await town.complete(superAdmin, short)) === 'completed' ? true : undefined);
    await waitFor(ended, { timeoutMs: 20_000, what: 'it is completed once the time is over' });
  });
});

describe('distinct identities', () => {
  test('T-TR-09 deny, T-TR-09 allow: whoever proposed or accepted it does not complete it, a third one does', async () => {
    const proposed = await town.propose(superAdmin, buyer, { objectId: await town.newCrew() });
    await town.mutate(buyer, 'acceptTransfer', { transferId: proposed });
    expect(await town.complete(superAdmin, proposed)).toBe('FORBIDDEN');
    expect(await town.complete(secondSuperAdmin, proposed)).toBe('completed');
    const accepted = await town.propose(holder, buyer, { objectId: await town.newCrew() });
    await town.mutate(secondSuperAdmin, 'acceptTransfer', { transferId: accepted });
    expect(await town.complete(secondSuperAdmin, accepted)).toBe('FORBIDDEN');
    expect(await town.complete(grantedSuperAdmin, accepted)).toBe('completed');
  });

  test('T-TR-09 allow: under literal terms that another one set, one super_admin does all of it', async () => {
    await setPolicy({ distinctActors: 'literal' }, { ...secondSuperAdmin, authTime: superAdmin.authTime });
    const transferId = await town.propose(superAdmin, buyer, { objectId: await town.newCrew() });
    await setPolicy();
    await town.mutate(superAdmin, 'acceptTransfer', { transferId });
    expect(await town.complete(superAdmin, transferId)).toBe('completed');
    const [row] = await town.rows("select published ->> 'waived_by' as waived from transfer where id = $1", [
      transferId,
    ]);
    expect(row).toEqual({ waived: null });
  });

  test('T-TR-09 deny: whoever set literal terms does not complete under them', async () => {
    const transferId = await acceptedUnder({ distinctActors: 'literal' });
    expect(await town.complete(superAdmin, transferId)).toBe('FORBIDDEN');
    expect(await town.complete(grantedSuperAdmin, transferId)).toBe('completed');
  });
});
