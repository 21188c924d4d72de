import type { Session } from '@qtm/service-kit';
import { beforeEach, describe, expect, test } from 'vitest';
import type { OwnedTown } from './owned-town.ts';
import { AGENT, PEOPLE, SERVICE } from './town.ts';

/** A class of objects as the doctrine is tried on it. */
export interface Governed {
  readonly objectClass: string;
  /** What its completed transfer is called. */
  readonly event: string;
  /** Another object of it, which `holder` holds; gives its id. */
  readonly newObject: (town: OwnedTown) => Promise<string>;
  /** Ends one at its owner, so that it can be transferred no more; here nobody is told. */
  readonly endAtOwner: (town: OwnedTown, objectId: string) => Promise<unknown>;
}

const { holder, buyer, superAdmin, secondSuperAdmin, stranger, governor, executor } = PEOPLE;

const REASON_TYPES = [
  'sale',
  'delegation',
  'internal_reassignment',
  'succession',
  'recovery',
  'dispute_resolution',
  null,
];

/** The pairs of states and who makes them (S2:31-43), in a form short enough to be tried on every class. */
const STEPS: Readonly<Record<string, readonly [field: string, by: Session, further: object]>> = {
  accept: ['acceptTransfer', buyer, {}],
  reject: ['rejectTransfer', buyer, {}],
  cancel: ['cancelTransfer', holder, {}],
  complete: ['completeTransfer', superAdmin, {}],
  void: ['voidTransfer', superAdmin, { reason: 'Abandoned' }],
};
const LIVES: readonly (readonly [
  steps: readonly string[],
  state: string,
  onwards: Readonly<Record<string, string>>,
])[] = [
  [[], 'proposed', { accept: 'accepted', reject: 'rejected', cancel: 'canceled' }],
  [['accept'], 'accepted', { complete: 'completed', void: 'voided' }],
  [['reject'], 'rejected', {}],
  [['cancel'], 'canceled', {}],
  [['accept', 'complete'], 'completed', {}],
  [['accept', 'void'], 'voided', {}],
];

/** The doctrine, statement by statement, for one class: the same suite for each (S2:72). */
export function doctrineOf(townOf: () => OwnedTown, { objectClass, event, newObject, endAtOwner }: Governed): void {
  describe(`T-TR-35 allow: of the class ${objectClass}`, () => {
    let town: OwnedTown;
    let objectId: string;
    beforeEach(async () => {
      town = townOf();
      objectId = await newObject(town);
    });

    const propose = (by: Session = holder, further: object = {}) =>
      town.propose(by, buyer, { objectClass, objectId, ...further });
    const accepted = () => town.accepted({ objectClass, objectId });

    async function outcome(by: Session, field: string, input: object): Promise<string> {
      const selection = field === 'proposeTransfer' ? '' : 'transfer { state }';
      const { data, errors } = await town.attempt(by, field, input, selection);
      const payload = data?.[field];
      return String(errors[0]?.extensions?.code ?? payload.refusal?.code ?? payload.transfer?.state ?? 'accepted');
    }
    const stepped = (transferId: string, step: string) => {
      const [field, by, further] = STEPS[step] ?? ['', holder, {}];
      return outcome(by, field, { transferId, ...further });
    };

    async function entry() {
      const { data } = await town.ask(
        superAdmin,
        `query ($class: String!, $id: String!) { registerEntry(objectClass: $class, objectId: $id) {
          id holderIdentityId registerVersion setBy operator { slug } activeTransfer { id } } }`,
        { class: objectClass, id: objectId },
      );
      return data.registerEntry;
    }

    test('enters the register with whoever its owner named', async () => {
      expect(await entry()).toEqual({
        id: `${objectClass}:${objectId}`,
        holderIdentityId: holder.identityId,
        registerVersion: 1,
        setBy: 'onboarding',
        operator: objectClass === 'operator' ? { slug: objectId } : null,
        activeTransfer: null,
      });
    });

    test.each(LIVES)(
      'T-TR-01 allow, T-TR-01 deny: after %j a transfer is %s, and goes on from there as the doctrine says',
      async (steps, state, onwards) => {
        let transferId: string | undefined;
        for (const step of Object.keys(STEPS)) {
          if (transferId === undefined) {
            transferId = await propose();
            for (const before of steps) await stepped(transferId, before);
          }
          const onwardsTo = onwards[step];
          expect(await stepped(transferId, step), `${state} ${step}`).toBe(onwardsTo ?? 'WRONG_STATE');
          if (onwardsTo === undefined) continue;
          // It has gone on: the next step is tried on another one.
          transferId = undefined;
          objectId = await newObject(town);
        }
      },
    );

    test('T-TR-02 deny, T-TR-03 deny, T-TR-04 deny, T-TR-06 deny, T-TR-07 deny: each transition is made by whom it is given to', async () => {
      const toBuyer = { objectClass, objectId, toIdentityId: buyer.identityId };
      for (const by of [buyer, stranger, governor, executor, AGENT, SERVICE]) {
        expect(await outcome(by, 'proposeTransfer', toBuyer), by.subject).toBe('FORBIDDEN');
      }
      const transferId = await propose(secondSuperAdmin);
      expect(await outcome(holder, 'acceptTransfer', { transferId })).toBe('FORBIDDEN');
      expect(await outcome(holder, 'rejectTransfer', { transferId })).toBe('FORBIDDEN');
      expect(await outcome(buyer, 'cancelTransfer', { transferId })).toBe('FORBIDDEN');
      expect(await outcome(holder, 'cancelTransfer', { transferId })).toBe('FORBIDDEN');
      expect(await outcome(stranger, 'acceptTransfer', { transferId })).toBe('NOT_FOUND');
      await town.mutate(buyer, 'acceptTransfer', { transferId });
      for (const by of [holder, buyer, secondSuperAdmin, AGENT, SERVICE]) {
        expect(await town.complete(by, transferId), by.subject).toBe('FORBIDDEN');
      }
      expect(await town.complete(superAdmin, transferId)).toBe('completed');
    });

    test('T-TR-05 allow, T-TR-05 deny: is from whom the register names, and that one is no input', async () => {
      const transferId = await propose(superAdmin);
      const { data } = await town.ask(holder, 'query ($id: ID!) { transfer(id: $id) { fromIdentityId } }', {
        id: transferId,
      });
      expect(data.transfer.fromIdentityId).toBe(holder.identityId);
      const forged = { objectClass, objectId, toIdentityId: buyer.identityId, fromIdentityId: stranger.identityId };
      const { errors } = await town.attempt(stranger, 'proposeTransfer', forged);
      expect(errors[0]?.message).toContain('fromIdentityId');
    });

    test('T-TR-08 deny, T-TR-08 allow: completing takes a session proved again', async () => {
      const transferId = await accepted();
      const { errors } = await town.visitor(superAdmin, 330).attempt('completeTransfer', { transferId });
      expect(errors[0]?.extensions.code).toBe('INSUFFICIENT_USER_AUTHENTICATION');
      expect(await town.complete(superAdmin, transferId)).toBe('completed');
    });

    test('T-TR-08 deny: completing takes an object that its owner says is there still', async () => {
      const transferId = await accepted();
      await endAtOwner(town, objectId);
      expect(await town.complete(superAdmin, transferId)).toBe('OBJECT_NOT_TRANSFERABLE');
      expect((await entry()).holderIdentityId).toBe(holder.identityId);
    });

    test('T-TR-09 deny, T-TR-09 allow: takes three identities', async () => {
      const transferId = await propose();
      await town.mutate(secondSuperAdmin, 'acceptTransfer', { transferId });
      expect(await town.complete(secondSuperAdmin, transferId)).toBe('FORBIDDEN');
      expect(await town.complete(superAdmin, transferId)).toBe('completed');
    });

    test('T-TR-10 allow, T-TR-19 allow, T-TR-20 allow: is told row by row, and the register moves with its last', async () => {
      const transferId = await accepted();
      expect(await entry()).toMatchObject({ holderIdentityId: holder.identityId, activeTransfer: { id: transferId } });
      await town.mutate(superAdmin, 'completeTransfer', { transferId });
      expect(await entry()).toMatchObject({
        holderIdentityId: buyer.identityId,
        registerVersion: 2,
        setBy: 'transfer',
      });
      const rows = await town.rows(
        `select event_type, payload::jsonb -> 'data' ->> 'prior_holder_identity_id' as prior from journal
          where aggregate_id in ($1, $2) order by occurred_at, transaction_index`,
        [transferId, `${objectClass}:${objectId}`],
      );
      const told = (name: string, prior: string | null) => ({ event_type: `x1.acquisition.${name}.v1`, prior });
      expect(rows).toEqual([
        told('register_entry_seeded', null),
        ...['transfer_proposed', 'transfer_accepted', 'transfer_completed'].map((name) =>
          told(name, holder.identityId),
        ),
        told(event, null),
      ]);
    });

    test('T-TR-11 allow, T-TR-12 allow: of many proposals at once one holds the object, until it has ended', async () => {
      const toBuyer = { objectClass, objectId, toIdentityId: buyer.identityId };
      const racers = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? holder : superAdmin));
      const ends = await Promise.all(racers.map((by) => outcome(by, 'proposeTransfer', toBuyer)));
      expect(ends.sort()).toEqual([...Array.from({ length: 19 }, () => 'TRANSFER_ACTIVE'), 'accepted']);
      const { activeTransfer } = await entry();
      await town.mutate(buyer, 'rejectTransfer', { transferId: activeTransfer.id });
      await propose();
    });

    test('T-TR-14 allow, T-TR-15 deny, T-TR-17 allow: its reason type is one of six or none, and changes nothing else', async () => {
      const toBuyer = { objectClass, objectId, toIdentityId: buyer.identityId };
      const { errors } = await town.attempt(holder, 'proposeTransfer', { ...toBuyer, reasonType: 'gift' });
      expect(errors[0]?.message).toContain('TransferReasonType');
      for (const [index, reasonType] of REASON_TYPES.entries()) {
        const [from, to] = index % 2 === 0 ? [holder, buyer] : [buyer, holder];
        const transferId = await town.propose(from, to, { objectClass, objectId, reasonType });
        await town.mutate(to, 'acceptTransfer', { transferId });
        expect(await town.complete(superAdmin, transferId), String(reasonType)).toBe('completed');
        expect((await entry()).holderIdentityId).toBe(to.identityId);
      }
    });

    test('T-TR-18 allow: is corrected by another one, and itself never changes', async () => {
      const transferId = await accepted();
      await town.mutate(superAdmin, 'completeTransfer', { transferId });
      const bytes = () => town.rows('select transfer::text as bytes from transfer where id = $1', [transferId]);
      const before = await bytes();
      const back = await town.propose(buyer, holder, { objectClass, objectId });
      await town.mutate(holder, 'acceptTransfer', { transferId: back });
      await town.mutate(superAdmin, 'completeTransfer', { transferId: back });
      expect(await bytes()).toEqual(before);
      expect(await entry()).toMatchObject({ holderIdentityId: holder.identityId, registerVersion: 3 });
    });

    test('T-TR-21 allow: answers the seven questions, each of its own object', async () => {
      const query = `query ($id: ID!) { transfer(id: $id) { sevenAnswers { complete what { facts { name value } }
        recordedWhere { facts { value } } } } }`;
      const { sevenAnswers } = (await town.ask(holder, query, { id: await accepted() })).data.transfer;
      expect(sevenAnswers.complete).toBe(true);
      expect(sevenAnswers.what.facts[0]).toEqual({ name: 'authorityOver', value: `${objectClass} ${objectId}` });
      expect(sevenAnswers.recordedWhere.facts[0].value).toBe(`register_entry ${objectClass}:${objectId}`);
    });

    test('T-TR-30 allow, T-TR-30 deny: may be locked where its policy says so, and no other class with it', async () => {
      const policy = { objectClass, distinctActors: 'strict', proposedExpiresSeconds: 432_000 };
      await town.mutate(superAdmin, 'setTransferPolicy', { ...policy, lockable: true });
      try {
        const { data } = await town.ask(holder, '{ transferPolicies { id lockable } }');
        const lockable = data.transferPolicies.filter((one: { lockable: boolean }) => one.lockable);
        expect(lockable).toEqual([{ id: objectClass, lockable: true }]);
        await town.mutate(holder, 'lockObject', { objectClass, objectId });
        expect(
          await outcome(holder, 'proposeTransfer', { objectClass, objectId, toIdentityId: buyer.identityId }),
        ).toBe('OBJECT_LOCKED');
        await town.mutate(holder, 'unlockObject', { objectClass, objectId });
      } finally {
        await town.mutate(superAdmin, 'setTransferPolicy', policy);
      }
    });

    test('T-TR-31 allow: the register is what its history makes it', async () => {
      const { data } = await town.ask(
        superAdmin,
        'query ($class: String) { verifyRegister(objectClass: $class) { holds divergences { id what } } }',
        { class: objectClass },
      );
      expect(data.verifyRegister).toEqual({ holds: true, divergences: [] });
    });
  });
}
