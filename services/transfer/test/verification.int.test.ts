import { randomUUID } from 'node:crypto';
import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { service } from '../src/service.ts';
import { asOwner } from './as-owner.ts';
import { type OwnedTown, openOwnedTown } from './owned-town.ts';
import { PEOPLE } from './town.ts';

const { holder, buyer, superAdmin, rival, governor, stranger } = PEOPLE;
let town: OwnedTown;
beforeAll(async () => {
  town = await openOwnedTown();
});
afterAll(() => town?.stop());

const entryOf = async (objectId: string) =>
  (await town.rows('select version, state, published from register_entry where object_id = $1', [objectId]))[0];

/** Hands the operator on, and gives the transfer. */
async function transferred(objectId: string, from = holder, to = buyer): Promise<string> {
  const transferId = await town.propose(from, to, { objectId });
  await town.mutate(to, 'acceptTransfer', { transferId });
  await town.mutate(superAdmin, 'completeTransfer', { transferId });
  return transferId;
}

const VERIFY = `query ($class: String, $id: String) { verifyRegister(objectClass: $class, objectId: $id) {
  objects holds divergences { id what } } }`;
const asked = (by: Session, of: { readonly class?: string; readonly id?: string }) => town.ask(by, VERIFY, of);
const verified = async (objectId?: string) =>
  (await asked(superAdmin, objectId === undefined ? {} : { class: 'operator', id: objectId })).data.verifyRegister;

describe('T-TR-31: the register is what its history makes it', () => {
  /** What `/metrics` tells whoever watches. */
  const measured = async () => {
    const of = service.measures?.find(({ name }) => name === 'qtm_transfer_register_divergences');
    return of?.read(town.pool);
  };

  test('T-TR-31 allow: for every object, after whatever happened to it', async () => {
    const objectId = await town.newCrew();
    await transferred(objectId);
    await transferred(objectId, buyer, rival);
    await transferred(objectId, rival, holder);
    const [count] = await town.rows('select count(*)::integer as entries from register_entry');
    expect(await verified()).toEqual({ objects: count?.entries, holds: true, divergences: [] });
    expect(await verified(objectId)).toEqual({ objects: 1, holds: true, divergences: [] });
    expect(await verified('nobodys')).toEqual({ objects: 0, holds: true, divergences: [] });
  });

  test('T-TR-31 allow: also while transfers are being completed', async () => {
    const transferIds = await Promise.all(Array.from({ length: 4 }, () => town.accepted()));
    let completing = true;
    const completions = (async () => {
      for (const transferId of transferIds) await town.mutate(superAdmin, 'completeTransfer', { transferId });
      completing = false;
    })();
    while (completing) expect((await verified()).divergences).toEqual([]);
    await completions;
  });

  test.each([
    ['another holder', { holder_identity_id: rival.identityId }, 'holderIdentityId'],
    ['another version', { register_version: 3 }, 'registerVersion'],
    ['another transfer', { set_by_id: randomUUID() }, 'setById'],
    ['another instant', { since: '2020-01-01T00:00:00.000000Z' }, 'since'],
  ])('T-TR-31 deny: %s, put in past the service, is found', async (_, damage, what) => {
    const objectId = await town.newCrew();
    await transferred(objectId);
    const before = await entryOf(objectId);
    const write = (published: unknown) =>
      asOwner(town, 'update register_entry set published = $1 where object_id = $2', [published, objectId]);
    await write({ ...before?.published, ...damage });
    const divergence = { id: `operator:${objectId}`, what: `the entry differs in ${what}` };
    expect(await verified(objectId)).toEqual({ objects: 1, holds: false, divergences: [divergence] });
    expect(await verified()).toMatchObject({ holds: false, divergences: [divergence] });
    expect(await measured()).toBe(1);
    await write(before?.published);
    expect(await verified()).toMatchObject({ holds: true });
    expect(await measured()).toBe(0);
  });

  test('T-TR-31 deny: an entry that no fact ever brought is found, and so is one that is gone', async () => {
    const objectId = await town.newCrew();
    const of = `'operator:${objectId}'`;
    const kept = `create table kept as select id, version, state, published, occurred_at, last_event_id from register_entry where id = ${of}`;
    await asOwner(town, `${kept}; delete from register_entry where id = ${of}`);
    const gone = { id: `operator:${objectId}`, what: 'the register does not name it any more' };
    expect(await verified()).toMatchObject({ holds: false, divergences: [gone] });
    expect(await verified(objectId)).toEqual({ objects: 1, holds: false, divergences: [gone] });
    const restore = `insert into register_entry (id, version, state, published, occurred_at, last_event_id) select * from kept`;
    await asOwner(town, `${restore}; drop table kept`);
    expect(await verified()).toMatchObject({ holds: true });
    const made = { object_class: 'operator', object_id: 'made-up', set_by: 'onboarding', register_version: 1 };
    const state = {
      id: 'operator:made-up',
      state: 'HELD',
      holder_identity_id: rival.identityId,
      set_by_id: 'x',
      since: '',
    };
    await asOwner(
      town,
      `insert into register_entry (id, version, state, published, occurred_at, last_event_id)
        values ('operator:made-up', 1, 'HELD', $1, '', $2)`,
      [{ ...made, ...state }, randomUUID()],
    );
    expect((await verified()).divergences).toEqual([{ id: 'operator:made-up', what: 'an entry without a beginning' }]);
    await asOwner(town, `delete from register_entry where id = 'operator:made-up'`);
  });
});

interface Row {
  readonly version: number;
  readonly state: string;
  readonly published: object;
}

describe('rows that were put back past the service', () => {
  /** What has ended is changed by nobody, unless its owner takes the rule away first. */
  async function putBack(table: 'register_entry' | 'transfer', id: string, { version, state, published }: Row) {
    const write = `update ${table} set version = $1, state = $2, published = $3 where id = $4`;
    await asOwner(town, 'alter table transfer disable trigger ended_transfer_is_final');
    await asOwner(town, write, [version, state, published, id]);
    await asOwner(town, 'alter table transfer enable trigger ended_transfer_is_final');
  }
  /** An aggregate as its fact of this version has it; its newest where none is named. */
  async function told(id: string, version?: number): Promise<Row> {
    const [row] = await town.rows<Record<string, unknown> & Row>(
      `select aggregate_version as version, new_state as state, payload::jsonb -> 'state' as published from journal
        where aggregate_id = $1 and aggregate_version = coalesce($2, aggregate_version) order by aggregate_version desc limit 1`,
      [id, version ?? null],
    );
    if (row === undefined) throw new Error(`no fact of ${id}`);
    return row;
  }

  test('T-TR-31 deny: both the entry and its transfer, to before the completion: the journal alone is believed', async () => {
    const objectId = await town.newCrew();
    const id = `operator:${objectId}`;
    const transferId = await transferred(objectId);
    await putBack('register_entry', id, await told(id, 1));
    await putBack('transfer', transferId, await told(transferId, 2));
    const what = 'the entry differs in holderIdentityId, registerVersion, setBy, setById, since';
    expect(await verified(objectId)).toEqual({ objects: 1, holds: false, divergences: [{ id, what }] });
    expect(await verified()).toMatchObject({ holds: false, divergences: [{ id, what }] });
    await putBack('register_entry', id, await told(id));
    const alone = `the row of transfer ${transferId} is of version 2, its newest fact of 3`;
    expect((await verified(objectId)).divergences).toEqual([{ id, what: alone }]);
    await putBack('transfer', transferId, await told(transferId));
    expect(await verified()).toMatchObject({ holds: true });
  });

  test('T-TR-31 deny: an entry as it was before, though it says the same of who holds it', async () => {
    const objectId = await town.newCrew();
    const id = `operator:${objectId}`;
    const row = await told(id);
    await putBack('register_entry', id, { ...row, version: 2 });
    const what = 'the row of the entry is of version 2, its newest fact of 1';
    expect((await verified(objectId)).divergences).toEqual([{ id, what }]);
    await putBack('register_entry', id, row);
  });

  test('T-TR-31 deny: a transfer that is gone, and one that no fact tells of', async () => {
    const objectId = await town.newCrew();
    const id = `operator:${objectId}`;
    const transferId = await town.propose(holder, buyer, { objectId });
    const { version, state, published } = await told(transferId);
    const madeUp = randomUUID();
    const insert = `insert into transfer (id, version, state, published, occurred_at, last_event_id) values ($1, $2, $3, $4, '', $5)`;
    const row = (of: string) => [of, version, state, published, randomUUID()];
    await asOwner(town, 'delete from transfer where id = $1', [transferId]);
    const gone = `transfer ${transferId} has no row, though facts tell of it`;
    expect((await verified(objectId)).divergences).toEqual([{ id, what: gone }]);
    // Of one object one transfer is active at a time, so it takes its place.
    await asOwner(town, insert, row(madeUp));
    expect((await verified(objectId)).divergences).toEqual([
      { id, what: expect.stringMatching(/^transfer .* though/) },
    ]);
    await asOwner(town, 'delete from transfer where id = $1', [madeUp]);
    await asOwner(town, insert, row(transferId));
    expect(await verified(objectId)).toMatchObject({ holds: true });
  });
});

describe('who has what folded', () => {
  test('the whole register, or a class of it: overseers and governors, and nobody else', async () => {
    for (const by of [superAdmin, PEOPLE.auditor, PEOPLE.executive, PEOPLE.cloReviewer, governor]) {
      const { data, errors } = await asked(by, {});
      expect([errors, data.verifyRegister.holds], by.subject).toEqual([[], true]);
    }
    expect((await asked(superAdmin, { class: 'castle' })).data.verifyRegister.objects).toBe(0);
    for (const by of [holder, buyer, stranger]) {
      for (const of of [{}, { class: 'operator' }]) {
        const { data, errors } = await asked(by, of);
        expect(data.verifyRegister).toBeNull();
        expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'objectId' });
      }
    }
  });

  test('many times in one request, and at once with others, the same is told to all', async () => {
    const objectId = await town.newCrew();
    const whole = Array.from({ length: 10 }, (_, index) => `all${index}: verifyRegister { objects holds }`);
    const single = `one: verifyRegister(objectClass: "operator", objectId: "${objectId}") { objects holds }`;
    const answers = await Promise.all(
      [superAdmin, PEOPLE.auditor].map((by) => town.ask(by, `{ ${whole.join(' ')} ${single} }`)),
    );
    const objects = (await verified()).objects;
    for (const { data } of answers) {
      const { one, ...all } = data;
      expect(one).toEqual({ objects: 1, holds: true });
      expect(Object.values(all)).toEqual(whole.map(() => ({ objects, holds: true })));
    }
  });
});
