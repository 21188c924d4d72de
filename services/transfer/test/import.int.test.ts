import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registered } from '../../../test/harness/people.ts';
import { written } from '../src/domain/layout.ts';
import { OBJECTS, uuidOf } from '../src/domain/test/histories.ts';
import { ENTRY, FILES } from '../src/domain/test/layouts.ts';
import {
  check,
  type Files,
  first,
  fresh,
  type ImportTown,
  NYPD,
  openImportTown,
  pathTo,
  SOLD_TWICE,
  second,
  sha256,
  third,
  WIRE,
  withoutIndexes,
} from './import-town.ts';
import { onboarded, PEOPLE } from './town.ts';

let town: ImportTown;
beforeEach(async () => {
  town = await openImportTown();
});
afterEach(() => town?.stop());

describe('a register that is empty', () => {
  test('takes over every file with its hash, and says that all of them came', async () => {
    const importId = await town.imported();
    const closed = await town.close(importId);
    expect(closed).toMatchObject({
      id: importId,
      state: 'CLOSED',
      complete: true,
      closedAt: expect.any(String),
    });
    const journal = await town.rows(
      `select payload::jsonb -> 'data' ->> 'path' as path, actor_id, authority,
          coalesce(payload::jsonb -> 'state' ->> 'imported_from', payload::jsonb -> 'state' ->> 'set_by_id') as sha256
        from journal where transition in ('register_entry.import', 'transfer.import')`,
    );
    expect(new Map(journal.map((row) => [row.path, row.sha256]))).toEqual(
      new Map([...SOLD_TWICE].map(([path, content]) => [path, sha256(content)])),
    );
    for (const row of journal) {
      expect(row).toMatchObject({ actor_id: town.superAdmin.identityId, authority: 'role:super_admin' });
    }
    const [fact] = await town.rows(
      `select payload::jsonb -> 'data' as data from journal where transition = 'register_import.close'`,
    );
    expect(fact?.data).toEqual({ entries: OBJECTS.length, transfers: 5 });
  });

  test('C-31: is exported byte by byte as it was imported, and imported again from there', async () => {
    await town.close(await town.imported());
    const again = await town.exported();
    expect(withoutIndexes(again)).toEqual(SOLD_TWICE);
    expect(check(again)).toMatchObject({ faults: [], indexes: 1, stale: [], recovered: [], broken: [] });
    const other = town;
    town = await openImportTown();
    await other.stop();
    await town.close(await town.imported(withoutIndexes(again)));
    expect(await town.exported()).toEqual(again);
  });

  test('shows what came as its own: who held what, by which transfer, with every transition and no words', async () => {
    await town.close(await town.imported());
    const { data } = await town.ask(
      town.superAdmin,
      `{ registerEntry(objectClass: "operator", objectId: "nypd") {
          holderIdentityId registerVersion setBy setById importedFrom importedSetBy activeTransfer { id } }
        transfer(id: "${FILES.second.transferId}") { state reasonType reason reasonReference { ref hash } importedFrom
          transitions { transition priorState newState actorId priorHolderIdentityId evidenceSha256 reason } } }`,
    );
    const hash = sha256(SOLD_TWICE.get(NYPD) as string);
    expect(data.registerEntry).toEqual({
      holderIdentityId: ENTRY.identityId,
      registerVersion: 3,
      setBy: 'import',
      setById: hash,
      importedFrom: hash,
      importedSetBy: `transfer:${FILES.second.transferId}`,
      activeTransfer: { id: FILES.accepted.transferId },
    });
    const { transitions, ...transfer } = data.transfer;
    expect(transfer).toEqual({
      state: 'completed',
      reasonType: 'sale',
      reason: null,
      reasonReference: FILES.second.reason,
      importedFrom: sha256(SOLD_TWICE.get(pathTo(FILES.second)) as string),
    });
    const told = FILES.second.transitions.map(({ clause: _, at: __, eventId: ___, ...one }) => ({
      ...one,
      reason: null,
    }));
    expect(transitions.slice(0, -1)).toEqual(told);
    expect(transitions.at(-1)).toMatchObject({
      transition: 'transfer.import',
      newState: 'completed',
      actorId: town.superAdmin.identityId,
    });
  });

  test('T-TR-31 allow: knows who held an object at any time, and folds to what it says', async () => {
    await town.close(await town.imported());
    const authorityAt = async (instant: string) => {
      const query = `{ authorityAt(objectClass: "operator", objectId: "nypd", instant: "${instant}") {
        holderIdentityId registerVersion setBy transfer { id } since until } }`;
      return (await town.ask(town.superAdmin, query)).data.authorityAt;
    };
    const { first: sold, second: again } = FILES;
    expect(await authorityAt(sold.proposedAt)).toBeNull();
    expect(await authorityAt(again.proposedAt)).toEqual({
      holderIdentityId: sold.toIdentityId,
      registerVersion: 2,
      setBy: 'transfer',
      transfer: { id: sold.transferId },
      since: sold.endedAt,
      until: again.endedAt,
    });
    expect(await authorityAt('2026-03-01T00:00:00Z')).toMatchObject({
      holderIdentityId: ENTRY.identityId,
      registerVersion: 3,
      transfer: { id: again.transferId },
      until: null,
    });
    expect((await town.ask(town.superAdmin, '{ verifyRegister { objects holds } }')).data.verifyRegister).toEqual({
      objects: OBJECTS.length + 2,
      holds: true,
    });
  });

  test('T-TR-31 deny: says where the transfers that came do not lead to what came', async () => {
    const files = new Map([...SOLD_TWICE].filter(([path]) => path !== pathTo(FILES.first)));
    const { complete } = await town.close(await town.imported(files));
    expect(complete).toBe(false);
    expect(
      (await town.ask(town.superAdmin, '{ verifyRegister { holds divergences { id what } } }')).data.verifyRegister,
    ).toEqual({
      holds: false,
      divergences: [{ id: 'operator:nypd', what: expect.stringContaining('as imported: ') }],
    });
  });

  test('is recorded as incomplete where a file of the manifest did not come, or another did', async () => {
    const importId = await town.opened();
    for (const [path, content] of SOLD_TWICE)
      if (path !== pathTo(FILES.rejected)) await town.take(importId, path, content);
    expect((await town.close(importId)).complete).toBe(false);
  });
});

describe('an index file of an import', () => {
  const INDEX = 'governance/transfer-index/nypd.json';
  const ended = new Map([...SOLD_TWICE].filter(([path]) => path !== pathTo(FILES.accepted)));
  const indexed = (files: Files, transferId: string) =>
    check(new Map([...files, [INDEX, written({ transferId }, WIRE)]]));

  test.each([FILES.second, FILES.rejected, FILES.voided])(
    'T-TR-13 allow: that points to a transfer that is $state is found stale, and a proposal goes on',
    async ({ transferId, state }) => {
      const { stale, faults } = indexed(ended, transferId);
      expect([stale, faults]).toEqual([[{ path: INDEX, what: `transfer ${transferId} is ${state}` }], []]);
      await town.close(await town.imported(ended));
      await town.operatorsKnown();
      expect(await town.proposal(second, 'nypd', first)).toBe('accepted');
    },
  );

  test('T-TR-13 deny: that points to an active transfer is sound, and a proposal is refused until that one ends', async () => {
    const { transferId } = FILES.accepted;
    expect(indexed(SOLD_TWICE, transferId)).toMatchObject({ indexes: 1, stale: [], recovered: [], faults: [] });
    await town.close(await town.imported());
    await town.operatorsKnown();
    expect(await town.proposal(second, 'nypd', first)).toBe('TRANSFER_ACTIVE');
    expect(await town.proposal(town.superAdmin, 'nypd', first)).toBe('TRANSFER_ACTIVE');
    expect(await town.proposal(first, 'dot', second)).toBe('accepted');
    await town.mutate(town.superAdmin, 'voidTransfer', { transferId, reason: 'Nobody completes it' });
    expect(await town.proposal(second, 'nypd', first)).toBe('accepted');
  });

  test('T-TR-38 allow: protects no transfer that is missing: a proposal goes on', async () => {
    const missing = uuidOf(4, 99);
    expect(indexed(ended, missing).stale).toEqual([{ path: INDEX, what: `transfer ${missing} is missing` }]);
    await town.close(await town.imported(ended));
    await town.operatorsKnown();
    expect(await town.proposal(second, 'nypd', first)).toBe('accepted');
  });

  test('T-TR-38 deny: need not be there for an active transfer to hold its object', async () => {
    const { recovered, stale } = indexed(SOLD_TWICE, FILES.second.transferId);
    expect([recovered.map(({ path }) => path), stale.map(({ path }) => path)]).toEqual([[INDEX], [INDEX]]);
    expect(check(SOLD_TWICE).recovered).toEqual(recovered);
    await town.close(await town.imported());
    await town.operatorsKnown();
    expect(await town.proposal(second, 'nypd', first)).toBe('TRANSFER_ACTIVE');
  });
});

describe('an active transfer of an import', () => {
  test('T-TR-09 deny: is completed neither by whoever brought it, nor by whom its file names', async () => {
    await town.close(await town.imported());
    await town.operatorsKnown();
    const { transferId, proposedBy, acceptedBy } = FILES.accepted;
    const named = [proposedBy, acceptedBy].map((identityId) => ({ ...town.superAdmin, identityId: identityId ?? '' }));
    for (const by of [town.superAdmin, ...named]) {
      await town.feed(registered(by));
      const { errors } = await town.attempt(by, 'completeTransfer', { transferId });
      expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'distinct_actor' });
    }
    // Of whoever had no part in it, what comes next is asked: its terms want a credential that nobody can show yet.
    const { errors } = await town.attempt(fresh(PEOPLE.secondSuperAdmin), 'completeTransfer', { transferId });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'credentials_valid' });
  });

  test('goes on as one that was proposed here, and all of it is exported', async () => {
    await town.close(await town.imported());
    await town.operatorsKnown();
    const { accepted } = FILES;
    const { transfer } = await town.mutate(
      town.superAdmin,
      'voidTransfer',
      { transferId: accepted.transferId, reason: 'Nobody completes it' },
      'transfer { state version transitions { transition } }',
    );
    expect(transfer).toEqual({
      state: 'voided',
      version: 2,
      transitions: ['propose', 'accept', 'import', 'void'].map((command) => ({ transition: `transfer.${command}` })),
    });
    expect(await town.proposal(second, 'nypd', first)).toBe('accepted');
    const files = await town.exported();
    expect(check(files)).toMatchObject({ faults: [], indexes: 1 });
    const now = JSON.parse(files.get(pathTo(accepted)) as string);
    expect(now.transitions.map(({ transition }: { transition: string }) => transition)).toEqual([
      'transfer.propose',
      'transfer.accept',
      'transfer.void',
    ]);
    expect(files.get(NYPD)).toBe(SOLD_TWICE.get(NYPD));
  });
});

describe('objects that were onboarded', () => {
  test('before: of the same holder take over their history; what was given under their first version is void', async () => {
    await town.feed(onboarded('nypd', second, { onboarded_at: ENTRY.updatedAt }));
    await town.close(await town.imported());
    const [entry] = await town.rows(`select version, register_version from register_entry where id = 'operator:nypd'`);
    expect(entry).toEqual({ version: 2, register_version: 3 });
    expect(withoutIndexes(await town.exported())).toEqual(SOLD_TWICE);
    expect((await town.ask(town.superAdmin, '{ verifyRegister { holds } }')).data.verifyRegister.holds).toBe(true);
  });

  test('before: of a time before the files are refused, since what was witnessed here stands', async () => {
    await town.feed(onboarded('nypd', second, { onboarded_at: '2020-01-01T00:00:00.000000Z' }));
    const importId = await town.opened();
    expect(await town.take(importId, NYPD, SOLD_TWICE.get(NYPD))).toContain('later than the onboarding here');
  });

  test('before: of another holder are refused, and nothing moves', async () => {
    await town.feed(onboarded('nypd', third));
    const importId = await town.opened();
    expect(await town.take(importId, NYPD, SOLD_TWICE.get(NYPD))).toBe('HOLDER_DIFFERS');
    const [entry] = await town.rows(
      `select version, holder_identity_id as holder from register_entry where id = 'operator:nypd'`,
    );
    expect(entry).toEqual({ version: 1, holder: third.identityId });
  });

  test('later keep what was imported, whoever their onboarding names', async () => {
    await town.close(await town.imported());
    await town.feed(onboarded('nypd', third));
    expect(withoutIndexes(await town.exported())).toEqual(SOLD_TWICE);
  });

  test('of which a file tells nothing stay as they are', async () => {
    await town.close(await town.imported());
    const { data } = await town.ask(
      town.superAdmin,
      '{ registerEntry(objectClass: "operator", objectId: "crew") { setBy importedFrom } }',
    );
    expect(data.registerEntry).toEqual({ setBy: 'onboarding', importedFrom: null });
  });
});
