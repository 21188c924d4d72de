import { createHash } from 'node:crypto';
import { canonicalJson } from '@qtm/service-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTown, PEOPLE, type Town } from './town.ts';

const { holder, buyer, superAdmin, secondSuperAdmin, grantedSuperAdmin, stranger, governor } = PEOPLE;
let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town?.stop());

/** Of each test its own operator, and what proposes that it go to `buyer`. */
let objectId: string;
let toBuyer: { readonly objectClass: string; readonly objectId: string; readonly toIdentityId: string };
beforeEach(async () => {
  objectId = await town.newCrew();
  toBuyer = { objectClass: 'operator', objectId, toIdentityId: buyer.identityId };
});
const propose = (by = holder) => town.propose(by, buyer, { objectId });

const SHA256 = 'a'.repeat(64);

/** What a mutation was answered: its refusal's code, the error's, or the state it led to. */
async function outcome(...[by, field, input]: Parameters<Town['attempt']>): Promise<string> {
  const { data, errors } = await town.attempt(
    by,
    field,
    input,
    field === 'proposeTransfer' ? '' : 'transfer { state }',
  );
  return errors[0]?.extensions?.code ?? data[field].refusal?.code ?? data[field].transfer?.state ?? 'accepted';
}

/** What the journal has of transfers of this test's operator. */
const told = () =>
  town.rows("select 1 from journal where aggregate_type = 'transfer' and payload like $1", [`%"${objectId}"%`]);

async function holderNow(): Promise<string> {
  const [row] = await town.rows<{ holder: string }>(
    `select holder_identity_id as holder from register_entry where object_id = $1`,
    [objectId],
  );
  return row?.holder ?? '';
}

describe('a proposal', () => {
  test('T-TR-05 allow: is from whom the register names', async () => {
    const { transfer } = await town.mutate(
      holder,
      'proposeTransfer',
      { ...toBuyer, reasonType: 'sale', reason: 'Retires', evidence: [{ kind: 'DOCUMENT', sha256: SHA256 }] },
      `transfer { id state version fromIdentityId toIdentityId reasonType reason
        evidence { source kind sha256 } terms { distinctActors policyVersion proposedUntil acceptedUntil }
        sevenAnswers { complete who { answered } approvedByWhom { answered } }
        transitions { transition priorState newState priorHolderIdentityId reason evidenceSha256 clause }
        registerEntry { id holderIdentityId registerVersion activeTransfer { id } } }`,
    );
    const [entered] = await town.rows<{ state: object }>(
      `select payload::jsonb -> 'state' as state from journal where aggregate_type = 'register_entry' and aggregate_id = $1`,
      [transfer.registerEntry.id],
    );
    const entrySha256 = createHash('sha256')
      .update(canonicalJson(entered?.state ?? {}), 'utf8')
      .digest('hex');
    const hashes = transfer.evidence.map(({ sha256 }: { sha256: string }) => sha256);
    expect(transfer).toMatchObject({
      state: 'proposed',
      version: 1,
      fromIdentityId: holder.identityId,
      toIdentityId: buyer.identityId,
      reasonType: 'sale',
      reason: 'Retires',
      evidence: [
        { source: 'SYSTEM', kind: 'REGISTER_ENTRY', sha256: entrySha256 },
        { source: 'SYSTEM', kind: 'SESSION', sha256: holder.sessionHash },
        { source: 'PARTY', kind: 'DOCUMENT', sha256: SHA256 },
      ],
      terms: { distinctActors: 'strict', policyVersion: 1, acceptedUntil: null },
      sevenAnswers: { complete: false, who: { answered: true }, approvedByWhom: { answered: false } },
      transitions: [
        {
          transition: 'transfer.propose',
          priorState: null,
          newState: 'proposed',
          priorHolderIdentityId: holder.identityId,
          reason: 'Retires',
          evidenceSha256: hashes,
          clause: 'holds_object',
        },
      ],
      registerEntry: {
        id: `operator:${objectId}`,
        holderIdentityId: holder.identityId,
        registerVersion: 1,
        activeTransfer: { id: transfer.id },
      },
    });
  });

  test('T-TR-05 deny: no input names the from-party, and a session’s claims do not either', async () => {
    const forged = await town.attempt(stranger, 'proposeTransfer', {
      ...toBuyer,
      fromIdentityId: stranger.identityId,
    });
    expect(forged.errors[0]?.message).toContain('fromIdentityId');
    expect(await outcome(stranger, 'proposeTransfer', toBuyer)).toBe('FORBIDDEN');
    expect(await told()).toEqual([]);
  });

  test('T-TR-02 allow: by the holder, or by a super_admin of the issuer or by grant', async () => {
    for (const by of [holder, superAdmin, grantedSuperAdmin]) {
      const transferId = await propose(by);
      expect(await outcome(by, 'cancelTransfer', { transferId })).toBe('canceled');
    }
  });

  test.each([
    'buyer',
    'executor',
    'member',
    'rival',
    'stranger',
    'governor',
    'cloReviewer',
    'auditor',
    'executive',
  ] as const)('T-TR-02 deny: by %s', async (name) => {
    expect(await outcome(PEOPLE[name], 'proposeTransfer', toBuyer)).toBe('FORBIDDEN');
  });

  test('T-TR-14 allow: without a reason type it is unclassified', async () => {
    const transferId = await propose();
    const ofObject = `filter: { classified: false, objectClass: "operator", objectId: "${objectId}" }`;
    const { data } = await town.ask(
      holder,
      `{ transfer(id: "${transferId}") { reasonType } transfers(${ofObject}) { totalCount } }`,
    );
    expect(data).toEqual({ transfer: { reasonType: null }, transfers: { totalCount: 1 } });
  });

  test('T-TR-15 deny: a reason type that is none of the six is no input, and nothing is written', async () => {
    const { errors } = await town.attempt(holder, 'proposeTransfer', { ...toBuyer, reasonType: 'gift' });
    expect(errors[0]?.message).toContain('TransferReasonType');
    expect(await told()).toEqual([]);
  });

  test('to oneself, to nobody known, of no object or of no class is refused with what is wrong', async () => {
    for (const [change, code] of [
      [{ toIdentityId: holder.identityId }, 'ALREADY_HOLDER'],
      [{ toIdentityId: '019b8d2e-7a00-7000-8000-00000000ffff' }, 'IDENTITY_UNKNOWN'],
      [{ objectId: 'nobodys' }, 'OBJECT_UNKNOWN'],
      [{ objectClass: 'castle' }, 'OBJECT_CLASS_UNKNOWN'],
    ] as const) {
      expect(await outcome(superAdmin, 'proposeTransfer', { ...toBuyer, ...change }), code).toBe(code);
    }
  });

  test('T-TR-12 allow: the object is free again once it was canceled or rejected', async () => {
    const first = await propose();
    expect(await outcome(superAdmin, 'proposeTransfer', toBuyer)).toBe('TRANSFER_ACTIVE');
    expect(await outcome(buyer, 'rejectTransfer', { transferId: first, reason: 'Too dear' })).toBe('rejected');
    const second = await propose();
    expect(await outcome(holder, 'cancelTransfer', { transferId: second })).toBe('canceled');
    await propose();
  });

  test('T-TR-11 allow: of a hundred at once one holds the object, and each other one is told which', async () => {
    const racers = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? holder : superAdmin));
    const answers = await Promise.all(
      racers.map((by) => town.attempt(by, 'proposeTransfer', toBuyer, 'transfer { id }')),
    );
    const won = answers.flatMap(({ data }) => data.proposeTransfer?.transfer?.id ?? []);
    expect(won).toHaveLength(1);
    for (const { data, errors } of answers) {
      expect(errors).toEqual([]);
      const { refusal } = data.proposeTransfer;
      if (refusal !== null) expect(refusal.code).toBe('TRANSFER_ACTIVE');
    }
    expect(await town.rows('select id from transfer where object_id = $1', [objectId])).toEqual([{ id: won[0] }]);
  });
});

describe('a proposed transfer', () => {
  test('T-TR-03 allow: is accepted by whom it goes to, or a super_admin; authority has not moved by it', async () => {
    for (const by of [buyer, superAdmin]) {
      const transferId = await propose();
      expect(await outcome(by, 'acceptTransfer', { transferId })).toBe('accepted');
      expect(await holderNow()).toBe(holder.identityId);
      await town.mutate(superAdmin, 'voidTransfer', { transferId, reason: 'Another round' });
    }
  });

  test('T-TR-03 deny: by the holder; for whoever does not see it there is none', async () => {
    const transferId = await propose();
    expect(await outcome(holder, 'acceptTransfer', { transferId })).toBe('FORBIDDEN');
    for (const by of [stranger, PEOPLE.rival, governor, PEOPLE.executor]) {
      expect(await outcome(by, 'acceptTransfer', { transferId })).toBe('NOT_FOUND');
    }
    expect(await outcome(buyer, 'acceptTransfer', { transferId: '019b8d2e-7a00-7000-8000-00000000ffff' })).toBe(
      'NOT_FOUND',
    );
  });

  test('T-TR-09 deny: one identity does not both propose and accept, be it a super_admin', async () => {
    const transferId = await propose(superAdmin);
    expect(await outcome(superAdmin, 'acceptTransfer', { transferId })).toBe('FORBIDDEN');
    expect(await outcome(secondSuperAdmin, 'acceptTransfer', { transferId })).toBe('accepted');
  });

  test('T-TR-06 allow: is canceled by who proposed it or a super_admin; deny: by whom it goes to', async () => {
    const transferId = await propose();
    expect(await outcome(buyer, 'cancelTransfer', { transferId })).toBe('FORBIDDEN');
    expect(await outcome(superAdmin, 'cancelTransfer', { transferId })).toBe('canceled');
  });

  test('T-TR-07 allow: is rejected by whom it goes to or a super_admin; deny: by the holder', async () => {
    const transferId = await propose();
    expect(await outcome(holder, 'rejectTransfer', { transferId })).toBe('FORBIDDEN');
    expect(await outcome(superAdmin, 'rejectTransfer', { transferId })).toBe('rejected');
  });

  test('T-TR-06 deny, T-TR-07 deny: once accepted it is neither canceled nor rejected', async () => {
    const transferId = await propose();
    await town.mutate(buyer, 'acceptTransfer', { transferId });
    expect(await outcome(holder, 'cancelTransfer', { transferId })).toBe('WRONG_STATE');
    expect(await outcome(buyer, 'rejectTransfer', { transferId })).toBe('WRONG_STATE');
    expect(await outcome(superAdmin, 'voidTransfer', { transferId, reason: 'Abandoned' })).toBe('voided');
  });
});
