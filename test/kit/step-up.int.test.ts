import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sessionOf } from '../harness/sessions.ts';
import { type Office, openOffice } from './notary.ts';

const MAX_AGE_S = 60;

let office: Office;
beforeAll(async () => {
  office = await openOffice({ stepUp: { maxAgeS: MAX_AGE_S, acrValues: ['development', 'phr'] } });
  await office.person('ada');
});
afterAll(() => office?.stop());

const NOTARY = { subject: 'notary', roles: ['notary'] } as const;
const ACTIONS = `query ($id: ID!) { deed(id: $id) {
  actions { transition allowed clauses { clause holds remedy } refusal { code } } } }`;

let deeds = 0;
async function newDeed(): Promise<string> {
  deeds += 1;
  await office.openDeed(`deed ${deeds}`, 'ada');
  return `deed ${deeds}`;
}

/** Every row that a command can leave. */
async function rows(): Promise<unknown> {
  const tables = ['journal', 'idempotency', 'attempt', 'attempt_count', 'personal_value', 'deed'];
  return Promise.all(tables.map((table) => office.deeds.rows(`select * from ${table} order by 1, 2, 3`)));
}

const attempts = async () =>
  (await office.deeds.rows('select published from attempt')).map(({ published }) => published);

describe('a session that was proved too long ago', () => {
  test('is challenged: nothing is kept, nobody is asked, and the same key serves once it was proved again', async () => {
    const deedId = await newDeed();
    const [before, asked] = [await rows(), office.questions.asked.length];
    const input = { deedId, idempotencyKey: 'challenged' };
    const { status, errors, data } = await office.visitor(NOTARY, MAX_AGE_S + 30).attempt('sealDeed', input);
    expect(status).toBe(200);
    expect(data.sealDeed).toBeNull();
    expect(errors).toEqual([
      {
        message: 'prove again who you are, then repeat with the same idempotency key',
        locations: expect.anything(),
        path: ['sealDeed'],
        extensions: {
          code: 'INSUFFICIENT_USER_AUTHENTICATION',
          transition: 'deed.seal',
          clause: 'session_fresh',
          reason: 'deed.seal takes a session that was proved again a moment ago',
          acrValues: ['development', 'phr'],
          maxAge: MAX_AGE_S,
        },
      },
    ]);
    expect(await rows()).toEqual(before);
    expect(office.questions.asked).toHaveLength(asked);
    const { deed } = await office.visitor(NOTARY).mutate('sealDeed', input, 'deed { state version }');
    expect(deed).toEqual({ state: 'SEALED', version: 2 });
  });

  test.each<[string, object, number]>([
    ['that does not say when it was proved', { extra: {} }, 0],
    ['that says so in another form', { extra: { auth_time: 'just now' } }, 0],
    ['that was proved in a future which no clock explains', {}, -600],
    ['that was proved in too weak a way', { extra: { auth_time: Math.floor(Date.now() / 1_000), acr: 'password' } }, 0],
  ])('is no better than one %s', async (_, claims, agoS) => {
    const extra = { auth_time: undefined, ...(claims as { extra?: object }).extra };
    const visitor = office.visitor({ ...NOTARY, ...('extra' in claims ? { extra } : {}) }, agoS);
    const { errors } = await visitor.attempt('sealDeed', { deedId: await newDeed() });
    expect(errors[0]?.extensions.code).toBe('INSUFFICIENT_USER_AUTHENTICATION');
  });

  test('and has not the right either is forbidden, and that is an attempt', async () => {
    const before = await attempts();
    const visitor = office.visitor({ subject: 'clerk' }, MAX_AGE_S + 30);
    const { errors } = await visitor.attempt('sealDeed', { deedId: await newDeed() });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'anyOf' });
    expect(await attempts()).toHaveLength(before.length + 1);
  });

  test('of whom an owner must say whether they have the right is challenged once the owner has said so', async () => {
    const [keeper, stranger] = ['keeper', 'stranger'].map((subject) => office.visitor({ subject }, MAX_AGE_S + 30));
    await office.person('kept', { keeperId: sessionOf('keeper').identityId });
    await office.openDeed('of one who is kept', 'kept');
    const deedId = 'of one who is kept';
    const before = await attempts();
    const challenged = await keeper?.attempt('witnessDeed', { deedId });
    expect(challenged?.errors[0]?.extensions.code).toBe('INSUFFICIENT_USER_AUTHENTICATION');
    expect(await attempts()).toHaveLength(before.length);
    const denied = await stranger?.attempt('witnessDeed', { deedId });
    expect(denied?.errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'anyOf' });
    expect(await attempts()).toHaveLength(before.length + 1);
  });

  test('is not challenged for what would be refused anyway, nor told what it does not see', async () => {
    const deedId = await newDeed();
    const stale = office.visitor(NOTARY, MAX_AGE_S + 30);
    const refusalOf = async (visitor: typeof stale, input: object) => {
      const { data, errors } = await visitor.attempt('sealDeed', input);
      expect(errors).toEqual([]);
      return data.sealDeed.refusal.code;
    };
    expect(await refusalOf(stale, { deedId, expectedVersion: 9 })).toBe('VERSION_CONFLICT');
    await office.visitor(NOTARY).mutate('sealDeed', { deedId });
    expect(await refusalOf(stale, { deedId })).toBe('WRONG_STATE');
    const blind = office.visitor({ ...NOTARY, roles: ['notary', 'blind'] }, MAX_AGE_S + 30);
    expect(await refusalOf(blind, { deedId: await newDeed() })).toBe('NOT_FOUND');
  });

  test('is answered again what it did while it was fresh', async () => {
    const input = { deedId: await newDeed(), idempotencyKey: 'done before' };
    await office.visitor(NOTARY).mutate('sealDeed', input);
    const { deed } = await office.visitor(NOTARY, MAX_AGE_S + 30).mutate('sealDeed', input, 'deed { state }');
    expect(deed.state).toBe('SEALED');
  });
});

describe('what one could do', () => {
  const offered = async (provedAgoS: number, id: string) => {
    const { data } = await office.visitor(NOTARY, provedAgoS).send(ACTIONS, { id });
    return data.deed.actions[0];
  };

  test('says in plain words that it takes a session proved again', async () => {
    const id = await newDeed();
    await office.deeds.follow(office.people, 'ada');
    const remedy = 'you must prove again who you are: sign in anew, then repeat it';
    expect(await offered(MAX_AGE_S + 30, id)).toMatchObject({ allowed: false, refusal: null });
    expect((await offered(MAX_AGE_S + 30, id)).clauses).toContainEqual({
      clause: 'session_fresh',
      holds: false,
      remedy,
    });
    expect(await offered(0, id)).toMatchObject({ allowed: true, refusal: null });
    expect((await offered(0, id)).clauses).toContainEqual({ clause: 'session_fresh', holds: true, remedy: null });
  });

  test('says what else is in the way of it', async () => {
    const deedId = await newDeed();
    await office.visitor(NOTARY).mutate('sealDeed', { deedId });
    expect(await offered(MAX_AGE_S + 30, deedId)).toMatchObject({ allowed: false, refusal: { code: 'WRONG_STATE' } });
  });
});
