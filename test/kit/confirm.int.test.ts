import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { sessionOf } from '../harness/sessions.ts';
import { type Office, openOffice } from './notary.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office?.stop());
beforeEach(() => {
  office.questions.asked.length = 0;
  office.questions.before = async () => undefined;
});

const NOTARY = { subject: 'notary', roles: ['notary'] } as const;
const notary = () => office.visitor(NOTARY);

let made = 0;
/** A deed of a person of its own. */
async function newDeed(change: object = {}): Promise<{ deedId: string; person: string }> {
  made += 1;
  const [deedId, person] = [`deed ${made}`, `person ${made}`];
  await office.person(person, change);
  await office.openDeed(deedId, person);
  return { deedId, person };
}

/** Whatever a command can leave of a deed. */
const leftOf = async (deedId: string) => [
  await office.deeds.rows('select * from journal where aggregate_id = $1', [deedId]),
  await office.deeds.rows('select * from deed where id = $1', [deedId]),
  await office.deeds.rows('select * from idempotency order by identity_id, transition, key'),
];
const basisOf = async (deedId: string, transition = 'deed.seal') => {
  const [row] = await office.deeds.rows('select basis from journal where aggregate_id = $1 and transition = $2', [
    deedId,
    transition,
  ]);
  return row?.basis;
};

async function sealed(deedId: string, idempotencyKey = deedId, as = notary()) {
  const { data, errors } = await as.attempt('sealDeed', { deedId, idempotencyKey }, 'deed { state }');
  return { state: data?.sealDeed?.deed?.state, refusal: data?.sealDeed?.refusal, error: errors[0]?.extensions };
}

describe('what is confirmed at its owner', () => {
  test('decides although the copy here is older, and stands in the basis in place of the copy', async () => {
    const { deedId, person } = await newDeed({ state: 'SUSPENDED' });
    await office.deeds.follow(office.people, person);
    expect((await sealed(deedId)).refusal).toMatchObject({
      code: 'PERSON_NOT_ACTIVE',
      details: [{ name: 'state', value: 'SUSPENDED' }],
    });
    await office.person(person, { state: 'ACTIVE' });
    expect((await sealed(deedId)).state).toBe('SEALED');
    expect(await basisOf(deedId)).toEqual([`people/person/${person}@1.2`]);
  });

  test('decides against what the copy here says', async () => {
    const { deedId, person } = await newDeed();
    await office.deeds.follow(office.people, person);
    await office.person(person, { state: 'SUSPENDED' });
    expect((await sealed(deedId)).refusal.code).toBe('PERSON_NOT_ACTIVE');
  });

  test('needs no copy, and is not there where the owner has none', async () => {
    const { deedId, person } = await newDeed();
    expect((await sealed(deedId)).state).toBe('SEALED');
    expect(await basisOf(deedId)).toEqual([`people/person/${person}@1.1`]);
    await office.openDeed('of nobody', 'nobody at all');
    expect((await sealed('of nobody')).refusal.code).toBe('PERSON_UNKNOWN');
    expect(office.questions.asked).toEqual([`people/person/${person}`, 'people/person/nobody at all']);
  });

  test('is not there where the caller may not see it at the owner, or not as a whole', async () => {
    const hidden = await newDeed({ state: 'SECRET' });
    expect((await sealed(hidden.deedId)).refusal.code).toBe('PERSON_UNKNOWN');
    const { deedId } = await newDeed({ keeperId: 'somebody else' });
    const stranger = office.visitor({ subject: 'stranger' });
    const { errors } = await stranger.attempt('witnessDeed', { deedId });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'anyOf' });
  });

  test('is asked for although no rule looks at it', async () => {
    const { deedId, person } = await newDeed();
    await notary().mutate('fileDeed', { deedId });
    expect(office.questions.asked).toEqual([`people/person/${person}`]);
    expect(await basisOf(deedId, 'deed.file')).toEqual([`people/person/${person}@1.1`]);
  });

  test('can be what the right itself rests on', async () => {
    const keeper = office.visitor({ subject: 'keeper' });
    const { identityId } = sessionOf('keeper');
    const { deedId } = await newDeed({ keeperId: identityId });
    expect((await keeper.mutate('witnessDeed', { deedId }, 'deed { state }')).deed.state).toBe('WITNESSED');
  });
});

describe('where the owner is away', () => {
  test('nothing is done, the same key serves later, and what was done is answered again', async () => {
    const { deedId, person } = await newDeed();
    const done = await newDeed();
    await sealed(done.deedId);
    await office.deeds.follow(office.people, person);
    const before = await leftOf(deedId);
    await office.people.shut();
    try {
      expect((await sealed(deedId)).refusal).toEqual({
        code: 'AUTHORITY_UNAVAILABLE',
        message: 'the service that must confirm this cannot be reached; repeat later',
        retryable: true,
        currentState: 'OPEN',
        details: [
          { name: 'name', value: 'person' },
          { name: 'service', value: 'people' },
        ],
      });
      expect(await leftOf(deedId)).toEqual(before);
      office.questions.asked.length = 0;
      expect((await sealed(done.deedId)).state).toBe('SEALED');
      expect(office.questions.asked).toEqual([]);
    } finally {
      await office.people.open();
    }
    expect((await sealed(deedId)).state).toBe('SEALED');
  });

  test('whoever is denied, and what is refused anyway, hears that', async () => {
    const { deedId } = await newDeed();
    const done = await newDeed();
    await sealed(done.deedId);
    await office.people.shut();
    try {
      const denied = await sealed(deedId, 'denied', office.visitor({ subject: 'clerk' }));
      expect(denied.error).toMatchObject({ code: 'FORBIDDEN', clause: 'anyOf' });
      expect((await sealed(done.deedId, 'another')).refusal.code).toBe('WRONG_STATE');
    } finally {
      await office.people.open();
    }
  });
});

describe('nobody is asked', () => {
  test.each<[string, object]>([
    ['for somebody without the right', { subject: 'clerk' }],
    ['for an agent', { ...NOTARY, kind: 'AGENT' }],
    ['for a session that was proved long ago', { ...NOTARY, extra: { auth_time: 1 } }],
  ])('%s', async (_, claims) => {
    const { deedId } = await newDeed();
    expect((await sealed(deedId, deedId, office.visitor(claims))).error).toBeDefined();
    expect(office.questions.asked).toEqual([]);
  });

  test('where the row is not there, or has changed since, or its state forbids it', async () => {
    const { deedId } = await newDeed();
    expect((await sealed('no such deed')).refusal.code).toBe('NOT_FOUND');
    const { data } = await notary().attempt('sealDeed', { deedId, expectedVersion: 9 });
    expect(data.sealDeed.refusal.code).toBe('VERSION_CONFLICT');
    expect(office.questions.asked).toEqual([]);
  });

  test('by an explanation: it says what the copies here say, and nothing where there is none', async () => {
    const { deedId, person } = await newDeed();
    const offered = async () => {
      const query = `query ($id: ID!) { deed(id: $id) { actions {
        transition allowed clauses { clause holds } refusal { code } } } }`;
      const { data, errors } = await notary().send(query, { id: deedId });
      expect(errors).toEqual([]);
      return data.deed.actions;
    };
    const [seal, witness] = await offered();
    expect(seal).toMatchObject({ transition: 'deed.seal', allowed: null, refusal: null });
    expect(witness).toMatchObject({ transition: 'deed.witness', allowed: null, refusal: null });
    expect(witness.clauses).toContainEqual({ clause: 'keeper', holds: null });
    await office.deeds.follow(office.people, person);
    expect(await offered()).toMatchObject([
      { allowed: true, refusal: null },
      { allowed: false, refusal: null },
    ]);
    await office.person(person, { state: 'SUSPENDED' });
    await office.deeds.follow(office.people, person);
    expect(await offered()).toMatchObject([{ allowed: false, refusal: { code: 'PERSON_NOT_ACTIVE' } }, {}]);
    await office.deeds.rows('update foreign_aggregate set unknown = true where id = $1', [person]);
    expect(await offered()).toMatchObject([{ allowed: null, refusal: null }, { allowed: null }]);
    expect(office.questions.asked).toEqual([]);
  });
});

describe('between the answer and the transaction', () => {
  test('neither a lock nor a connection is held', async () => {
    const { deedId, person } = await newDeed();
    office.questions.before = async () => {
      const { totalCount, idleCount } = office.deeds.pool;
      expect(idleCount).toBe(totalCount);
      await office.deeds.rows('select 1 from deed where id = $1 for update nowait', [deedId]);
    };
    expect((await sealed(deedId)).state).toBe('SEALED');
    expect(office.questions.asked).toEqual([`people/person/${person}`]);
  });

  test('the row may come to name somebody else: then that one is asked for', async () => {
    const { deedId, person } = await newDeed();
    const other = await newDeed({ state: 'SUSPENDED' });
    office.questions.before = async () => {
      if (office.questions.asked.length === 1) await office.handDeed(deedId, other.person);
    };
    expect((await sealed(deedId)).refusal.code).toBe('PERSON_NOT_ACTIVE');
    expect(office.questions.asked).toEqual([`people/person/${person}`, `people/person/${other.person}`]);
  });

  test('what never comes to rest is given up, and can be repeated', async () => {
    const { deedId } = await newDeed();
    office.questions.before = () => office.handDeed(deedId, `another ${office.questions.asked.length}`);
    expect((await sealed(deedId)).error).toEqual({ code: 'SERVICE_BUSY' });
    expect(office.questions.asked).toHaveLength(3);
    const { person } = await newDeed();
    office.questions.before = async () => undefined;
    await office.handDeed(deedId, person);
    expect((await sealed(deedId)).state).toBe('SEALED');
  });

  test('answers may grow old, as where the row was locked for long: then they are asked for again', async () => {
    const hasty = await openOffice({ authorityMaxAgeMs: 60_000 });
    const now = performance.now.bind(performance);
    try {
      await hasty.person('ada');
      await hasty.openDeed('one', 'ada');
      hasty.questions.before = async () => {
        if (hasty.questions.asked.length > 1) await hasty.person('ada', { state: 'SUSPENDED' });
        else vi.spyOn(performance, 'now').mockImplementation(() => now() + 3_600_000);
      };
      const { data } = await hasty.visitor(NOTARY).attempt('sealDeed', { deedId: 'one' });
      expect(data.sealDeed.refusal.code).toBe('PERSON_NOT_ACTIVE');
      expect(hasty.questions.asked).toHaveLength(2);
    } finally {
      vi.restoreAllMocks();
      await hasty.stop();
    }
  });

  test('somebody else may do it first: then nothing is done twice', async () => {
    const { deedId } = await newDeed();
    office.questions.before = async () => {
      if (office.questions.asked.length === 1) await sealed(deedId, 'the other');
    };
    expect((await sealed(deedId)).refusal.code).toBe('WRONG_STATE');
    const { deedId: again } = await newDeed();
    office.questions.asked.length = 0;
    office.questions.before = async () => {
      if (office.questions.asked.length === 1) await sealed(again, 'the same');
    };
    expect((await sealed(again, 'the same')).state).toBe('SEALED');
    const [row] = await office.deeds.rows('select version from deed where id = $1', [again]);
    expect(row?.version).toBe(2);
  });
});
