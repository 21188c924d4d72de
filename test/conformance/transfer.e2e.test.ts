import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { buildSchema, isEnumType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asService } from '../harness/databases.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import {
  assembleForTransfers,
  entryOf,
  meetAll,
  newCrew,
  outcome,
  propose,
  setPolicy,
  stateOf,
  TRANSFER_STATES,
  type TransferCast,
  type TransferState,
  toBuyer,
  transferIn,
  transferOf,
} from '../harness/transfers.ts';
import type { Visitor } from '../harness/visitor.ts';

const RACERS = 100;
const ROUNDS = 12;

let system: TestSystem;
let cast: TransferCast;
beforeAll(async () => {
  system = await startTestSystem({ replicas: { transfer: 2 } });
  cast = await assembleForTransfers(system);
});
afterAll(() => system?.stop());

const crewOf = () => newCrew(system, cast);

/** The same person at one of the two processes of transfer. */
const at = (replica: number, visitor: Visitor) =>
  system.again(visitor, { endpoint: `${system.services.get('transfer')?.[replica % 2]?.url}/graphql` }).learn(visitor);

/** All there is of transfers of an operator: their rows, as the database has them. */
const rowsOf = (operator: string) =>
  asService(system, 'transfer', 'select * from transfer where object_id = $1 order by id', [operator]);

type Pairs = Readonly<Partial<Record<TransferState, Readonly<Record<string, TransferState>>>>>;
const DOCTRINE: Pairs = {
  proposed: { acceptTransfer: 'accepted', rejectTransfer: 'rejected', cancelTransfer: 'canceled' },
  accepted: { completeTransfer: 'completed' },
};
const EXTENDED: Pairs = { ...DOCTRINE, accepted: { ...DOCTRINE.accepted, voidTransfer: 'voided' } };
const COMMANDS = ['acceptTransfer', 'rejectTransfer', 'cancelTransfer', 'completeTransfer', 'voidTransfer'];
const WHY = { reason: 'So it was decided' };

describe.each<[string, object, Pairs, readonly TransferState[]]>([
  ['with its extensions', {}, EXTENDED, TRANSFER_STATES],
  [
    'with its extensions switched off',
    { voidable: false },
    DOCTRINE,
    TRANSFER_STATES.filter((state) => state !== 'expired' && state !== 'voided'),
  ],
])('the lifecycle %s', (_, policy, pairs, states) => {
  beforeAll(() => setPolicy(cast.superAdmin, policy));
  afterAll(() => setPolicy(cast.superAdmin));

  test('T-TR-01 allow: each of its pairs, by somebody who may', async () => {
    for (const [state, led] of Object.entries(pairs)) {
      for (const [field, to] of Object.entries(led)) {
        const crew = await crewOf();
        const transferId = await transferIn(crew, state as TransferState);
        expect(
          await outcome(crew.secondSuperAdmin, field, { transferId, ...reasonOf(field) }),
          `${field} in ${state}`,
        ).toBe(to);
      }
    }
  });

  test('T-TR-01 deny: every other command in every state, and nothing is changed by it', async () => {
    for (const state of states) {
      const crew = await crewOf();
      const transferId = await transferIn(crew, state);
      const before = await rowsOf(crew.operator);
      for (const field of COMMANDS.filter((one) => pairs[state]?.[one] === undefined)) {
        const came = await outcome(crew.secondSuperAdmin, field, { transferId, ...reasonOf(field) });
        expect(came, `${field} in ${state}`).toBe('WRONG_STATE');
      }
      expect(await rowsOf(crew.operator), state).toEqual(before);
    }
  });
});

const reasonOf = (field: string) => (field === 'acceptTransfer' || field === 'completeTransfer' ? {} : WHY);

describe('what ends a proposal', () => {
  test('T-TR-06 allow: whoever proposed it cancels it, and so does a super_admin', async () => {
    const crew = await crewOf();
    const { holder, superAdmin, secondSuperAdmin } = crew;
    for (const [by, ends] of [
      [holder, holder],
      [holder, superAdmin],
      [secondSuperAdmin, secondSuperAdmin],
    ] as const) {
      const transferId = await propose(crew, {}, by);
      meetAll(crew);
      expect(await outcome(ends, 'cancelTransfer', { transferId, ...WHY })).toBe('canceled');
      meetAll(crew);
    }
  });

  test('T-TR-06 deny: whom it goes to does not, nor the holder who did not propose it, nor anybody once it is accepted', async () => {
    const crew = await crewOf();
    const { holder, buyer, superAdmin, secondSuperAdmin } = crew;
    const transferId = await propose(crew, {}, superAdmin);
    meetAll(crew);
    for (const by of [buyer, holder]) expect(await outcome(by, 'cancelTransfer', { transferId })).toBe('FORBIDDEN');
    expect(await outcome(buyer, 'acceptTransfer', { transferId })).toBe('accepted');
    meetAll(crew);
    for (const by of [superAdmin, secondSuperAdmin]) {
      expect(await outcome(by, 'cancelTransfer', { transferId })).toBe('WRONG_STATE');
    }
    expect(await stateOf(superAdmin, transferId)).toBe('accepted');
  });

  test('T-TR-07 allow: whom it goes to rejects it, and so does a super_admin', async () => {
    const crew = await crewOf();
    for (const by of [crew.buyer, crew.superAdmin]) {
      const transferId = await transferIn(crew, 'proposed');
      expect(await outcome(by, 'rejectTransfer', { transferId, ...WHY })).toBe('rejected');
    }
  });

  test('T-TR-07 deny: the holder does not, nor anybody once it is accepted', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'proposed');
    expect(await outcome(crew.holder, 'rejectTransfer', { transferId })).toBe('FORBIDDEN');
    await crew.buyer.mutate('acceptTransfer', { transferId });
    for (const by of [crew.buyer, crew.superAdmin.learn(crew.buyer)]) {
      expect(await outcome(by, 'rejectTransfer', { transferId })).toBe('WRONG_STATE');
    }
    expect(await stateOf(crew.buyer, transferId)).toBe('accepted');
  });
});

describe('one at a time', () => {
  test('T-TR-11 allow: of a hundred proposals at once, at two processes, one holds the object', async () => {
    const crew = await crewOf();
    const racers = Array.from({ length: RACERS }, (_, index) =>
      at(index, index % 4 < 2 ? crew.holder : crew.superAdmin),
    );
    const answers = await Promise.all(
      racers.map((one) => one.attempt('proposeTransfer', toBuyer(crew), 'transfer { id }')),
    );
    const won = answers.flatMap(({ data }) => data.proposeTransfer.transfer?.id ?? []);
    expect(won).toHaveLength(1);
    for (const { data, errors } of answers) {
      expect(errors).toEqual([]);
      const { transfer, refusal } = data.proposeTransfer;
      if (transfer === null) expect(refusal.code).toBe('TRANSFER_ACTIVE');
    }
    expect((await rowsOf(crew.operator)).map(({ id }) => id)).toEqual(won);
  });

  test('T-TR-11 deny: a second one that is put in by hand is refused by the database', async () => {
    const crew = await crewOf();
    const transferId = await propose(crew);
    const second = `insert into transfer (id, version, state, published, occurred_at, last_event_id)
      select $1::uuid, 1, state, published || jsonb_build_object('id', $1), occurred_at, last_event_id from transfer where id = $2`;
    const planted = asService(system, 'transfer', second, [randomUUID(), transferId]);
    await expect(planted).rejects.toThrow(/one_active_transfer_per_object/);
  });

  test('T-TR-12 allow: what has ended, however it ended, leaves the object free', async () => {
    for (const state of TRANSFER_STATES.filter((one) => one !== 'proposed' && one !== 'accepted')) {
      const crew = await crewOf();
      await transferIn(crew, state);
      const toIdentityId = state === 'completed' ? crew.holderId : crew.buyerId;
      expect(await outcome(crew.superAdmin, 'proposeTransfer', toBuyer(crew, { toIdentityId })), state).toBe(
        'proposed',
      );
    }
  });

  test('T-TR-12 deny: what is proposed or accepted holds it, and a second proposal is told which it is', async () => {
    for (const state of ['proposed', 'accepted'] as const) {
      const crew = await crewOf();
      const transferId = await transferIn(crew, state);
      for (const by of [crew.holder, crew.superAdmin]) {
        const { data } = await by.attempt('proposeTransfer', toBuyer(crew));
        expect(data.proposeTransfer.refusal).toMatchObject({
          code: 'TRANSFER_ACTIVE',
          details: [{ name: 'transferId', value: transferId }],
        });
      }
    }
  });

  test('T-TR-37 allow: of accepting, rejecting and canceling at once one is done, whichever is first', async () => {
    const won = new Map<string, number>();
    const crew = await crewOf();
    for (let round = 0; round < ROUNDS; round++) {
      const transferId = await transferIn(crew, 'proposed');
      const { holder, buyer, superAdmin, secondSuperAdmin } = crew;
      const racing: readonly (readonly [Visitor, string])[] = [
        [buyer, 'acceptTransfer'],
        [secondSuperAdmin, 'rejectTransfer'],
        [holder, 'cancelTransfer'],
        [buyer, 'rejectTransfer'],
      ];
      const came = await Promise.all(
        racing.map(([by, field], index) => outcome(at(round + index, by), field, { transferId })),
      );
      const led = came.filter((one) => one !== 'WRONG_STATE');
      expect(led, String(came)).toHaveLength(1);
      const [state = ''] = led;
      won.set(state, (won.get(state) ?? 0) + 1);
      const moved = await transferOf(at(0, superAdmin), transferId, 'state version transitions { newState }');
      expect(moved).toEqual({ state, version: 2, transitions: [{ newState: 'proposed' }, { newState: state }] });
      if (state === 'accepted') await superAdmin.mutate('voidTransfer', { transferId, ...WHY });
    }
    process.stdout.write(`who won: ${JSON.stringify(Object.fromEntries(won))}\n`);
  });

  test('T-TR-37 deny: of completing and voiding at once only one has an effect, and authority moves once or not at all', async () => {
    for (let round = 0; round < ROUNDS / 2; round++) {
      const crew = await crewOf();
      const { superAdmin, secondSuperAdmin } = crew;
      const transferId = await transferIn(crew, 'accepted');
      const came = await Promise.all([
        outcome(at(round, superAdmin), 'completeTransfer', { transferId }),
        outcome(at(round + 1, secondSuperAdmin), 'completeTransfer', { transferId }),
        outcome(at(round, secondSuperAdmin), 'voidTransfer', { transferId, ...WHY }),
      ]);
      expect(
        came.filter((one) => one !== 'WRONG_STATE'),
        String(came),
      ).toHaveLength(1);
      const state = await stateOf(at(0, superAdmin), transferId);
      const { holderIdentityId, registerVersion } = await entryOf(at(0, superAdmin), crew.operator);
      expect([holderIdentityId, registerVersion]).toEqual(
        state === 'completed' ? [crew.buyerId, 2] : [crew.holderId, 1],
      );
    }
  });
});

const REASON_TYPES = ['sale', 'delegation', 'internal_reassignment', 'succession', 'recovery', 'dispute_resolution'];

describe('reason types', () => {
  /** How many transfers of an operator a filter finds. */
  async function found(as: Visitor, operator: string, filter: string): Promise<number> {
    const query = `query ($id: String!) { transfers(filter: { objectClass: "operator", objectId: $id, ${filter} }) { totalCount } }`;
    return (await as.send(query, { id: operator })).data.transfers.totalCount;
  }

  test('T-TR-14 allow: a proposal that gives none goes on, and is reported as unclassified', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'completed');
    expect(await transferOf(crew.buyer, transferId, 'state reasonType')).toEqual({
      state: 'completed',
      reasonType: null,
    });
    expect(await found(crew.buyer, crew.operator, 'classified: false')).toBe(1);
  });

  test('T-TR-14 deny: it counts for none of the six', async () => {
    const crew = await crewOf();
    await propose(crew, { reasonType: null });
    expect(await found(crew.holder, crew.operator, 'classified: true')).toBe(0);
    expect(await found(crew.holder, crew.operator, `reasonTypes: [${REASON_TYPES.join()}]`)).toBe(0);
  });

  test('T-TR-15 allow: one that is recognised is kept as it was given', async () => {
    const crew = await crewOf();
    const transferId = await propose(crew, { reasonType: 'succession' });
    expect(await transferOf(crew.holder, transferId, 'reasonType')).toEqual({ reasonType: 'succession' });
    expect(await found(crew.holder, crew.operator, 'reasonTypes: [succession]')).toBe(1);
  });

  test.each(['gift', 'SALE', 'Sale', 'sale ', 'inheritance', '', 7, ['sale', 'recovery']])(
    'T-TR-15 deny: one that is not is no input, and nothing is written: %j',
    async (reasonType) => {
      const crew = await crewOf();
      const { data, errors } = await crew.holder.attempt('proposeTransfer', toBuyer(crew, { reasonType }));
      expect(data).toBeNull();
      expect(errors.map(({ extensions: { code } }) => code)).toEqual(['BAD_USER_INPUT']);
      expect(await rowsOf(crew.operator)).toEqual([]);
    },
  );

  test('T-TR-16 allow: each of the six classifies a proposal', async () => {
    const crew = await crewOf();
    for (const reasonType of REASON_TYPES) {
      const transferId = await propose(crew, { reasonType });
      expect(await transferOf(crew.holder, transferId, 'reasonType')).toEqual({ reasonType });
      await crew.holder.mutate('cancelTransfer', { transferId });
    }
  });

  test('T-TR-16 deny: there is no seventh, neither for clients nor on the topic', () => {
    const sdl = readFileSync(join(ROOT, 'schema/generated/supergraph.graphql'), 'utf8');
    const known = buildSchema(sdl, { assumeValidSDL: true }).getType('TransferReasonType');
    expect(isEnumType(known) && known.getValues().map(({ name }) => name)).toEqual(REASON_TYPES);
    const published = JSON.parse(readFileSync(join(ROOT, 'schema/transfer/aggregates/transfer.v1.json'), 'utf8'));
    expect(published.properties.reason_type.enum).toEqual([...REASON_TYPES, null]);
  });

  /** What everybody's try at every step comes to, and what becomes of authority. */
  async function decisionsOf(reasonType: string | null): Promise<readonly string[]> {
    const crew = await crewOf();
    const { holder, buyer, superAdmin, governor } = crew;
    const input = toBuyer(crew, reasonType === null ? {} : { reasonType });
    const came: string[] = [];
    for (const by of [buyer, governor, holder, superAdmin]) came.push(await outcome(by, 'proposeTransfer', input));
    meetAll(crew);
    const [transferId] = (await rowsOf(crew.operator)).map(({ id }) => id);
    for (const field of ['acceptTransfer', 'completeTransfer', 'cancelTransfer', 'rejectTransfer']) {
      for (const by of [governor, holder, buyer, superAdmin]) {
        // The ends of a proposal are tried only once it is accepted.
        came.push(await outcome(by, field, { transferId }));
        meetAll(crew);
      }
    }
    const { holderIdentityId, registerVersion } = await entryOf(superAdmin, crew.operator);
    return [...came, holderIdentityId === crew.buyerId ? 'moved' : 'stayed', String(registerVersion)];
  }

  test('T-TR-17 allow: whichever is given, or none, every decision of a transfer is the same', async () => {
    const unclassified = await decisionsOf(null);
    expect(unclassified).toContain('completed');
    expect(unclassified).toContain('moved');
    for (const reasonType of REASON_TYPES) expect(await decisionsOf(reasonType), reasonType).toEqual(unclassified);
  });

  test('T-TR-17 deny: none of them lets anybody propose, accept or complete who could not without it', async () => {
    for (const reasonType of REASON_TYPES) {
      const crew = await crewOf();
      for (const by of [crew.buyer, crew.governor]) {
        expect(await outcome(by, 'proposeTransfer', toBuyer(crew, { reasonType })), reasonType).toBe('FORBIDDEN');
      }
      const transferId = await propose(crew, { reasonType });
      meetAll(crew);
      expect(await outcome(crew.holder, 'acceptTransfer', { transferId }), reasonType).toBe('FORBIDDEN');
      await crew.buyer.mutate('acceptTransfer', { transferId });
      for (const by of [crew.holder, crew.buyer]) {
        expect(await outcome(by.learn(crew.buyer), 'completeTransfer', { transferId }), reasonType).toBe('FORBIDDEN');
      }
    }
  });
});
