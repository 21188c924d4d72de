import { randomUUID } from 'node:crypto';
import { canonicalJson, type Session, toWire } from '@qtm/service-kit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FAR, PEOPLE as FOUR, seeded, uuidOf } from '../src/domain/test/histories.ts';
import { FILES } from '../src/domain/test/layouts.ts';
import {
  first,
  fresh,
  type ImportTown,
  layoutOf,
  manifest,
  NYPD,
  openImportTown,
  pathTo,
  SOLD_TWICE,
  second,
} from './import-town.ts';
import { AGENT, onboarded, PEOPLE, SERVICE } from './town.ts';

const { holder, secondSuperAdmin, grantedSuperAdmin, governor, auditor, stranger } = PEOPLE;
let town: ImportTown;
beforeEach(async () => {
  town = await openImportTown();
});
afterEach(() => town?.stop());

describe('who may import', () => {
  const open = async (by: Session) => {
    const { data, errors } = await town.attempt(by, 'openRegisterImport', { manifestSha256: manifest(SOLD_TWICE) });
    return errors[0]?.extensions?.code ?? data.openRegisterImport.refusal?.code ?? 'accepted';
  };

  test('allow: a super_admin who proved who they are a moment ago; a grant will do', async () => {
    expect(await open(fresh(grantedSuperAdmin))).toBe('accepted');
  });

  test('deny: a session that was not proved again, and is told so', async () => {
    expect(await open(PEOPLE.superAdmin)).toBe('INSUFFICIENT_USER_AUTHENTICATION');
    expect(await open({ ...town.superAdmin, authTime: town.superAdmin.authTime - 3_600 })).toBe(
      'INSUFFICIENT_USER_AUTHENTICATION',
    );
  });

  test('deny: everybody else, agents and services of the same role among them', async () => {
    for (const by of [holder, governor, auditor, stranger, AGENT, SERVICE])
      expect(await open(fresh(by))).toBe('FORBIDDEN');
    const importId = await town.opened();
    const [path, content] = [...SOLD_TWICE][0] as [string, string];
    for (const by of [holder, governor, auditor, AGENT, SERVICE]) {
      expect(await town.take(importId, path, content, by)).toBe('FORBIDDEN');
      expect(await town.take(importId, pathTo(FILES.first), SOLD_TWICE.get(pathTo(FILES.first)), by)).toBe('FORBIDDEN');
      const { data, errors } = await town.attempt(by, 'closeRegisterImport', { importId });
      expect(errors[0]?.extensions?.code ?? data.closeRegisterImport.refusal.code).toMatch(/^(?:FORBIDDEN|NOT_FOUND)$/);
    }
    expect(await town.rows(`select 1 from journal where transition like '%.import'`)).toEqual([]);
  });

  test('files go on in a session that has grown old, and by another super_admin', async () => {
    const importId = await town.opened();
    const [path, content] = [...SOLD_TWICE][0] as [string, string];
    expect(await town.take(importId, path, content, secondSuperAdmin)).toBe('accepted');
  });
});

test('an import is shown to super_admins and auditors, and to nobody else, nor to agents in their name', async () => {
  const importId = await town.opened();
  const query = 'query ($id: ID!) { registerImport(id: $id) { state history { totalCount } } }';
  const seenBy = async (session: Session) => (await town.ask(session, query, { id: importId })).data.registerImport;
  for (const by of [town.superAdmin, grantedSuperAdmin, auditor]) {
    expect(await seenBy(by)).toEqual({ state: 'OPEN', history: { totalCount: 1 } });
  }
  const agents = [town.superAdmin, auditor].map((one): Session => ({ ...one, kind: 'AGENT' }));
  for (const by of [holder, governor, PEOPLE.cloReviewer, PEOPLE.executive, stranger, AGENT, ...agents]) {
    expect(await seenBy(by), by.subject).toBeNull();
    expect(await town.entities(by, 'RegisterImport', [importId])).toEqual([]);
  }
});

describe('a register that is not empty', () => {
  const refusalOf = async () => {
    const { data } = await town.attempt(town.superAdmin, 'openRegisterImport', {
      manifestSha256: manifest(SOLD_TWICE),
    });
    return data.openRegisterImport.refusal;
  };

  test('deny: once a transfer was proposed', async () => {
    await town.propose(holder, PEOPLE.buyer);
    expect(await refusalOf()).toMatchObject({
      code: 'REGISTER_NOT_EMPTY',
      details: [
        { name: 'transfers', value: '1' },
        { name: 'entries', value: '0' },
      ],
    });
  });

  test('deny: beside an import that is open, and after one that brought something', async () => {
    const importId = await town.opened();
    expect(await refusalOf()).toMatchObject({ code: 'IMPORT_OPEN', details: [{ name: 'importId', value: importId }] });
    for (const [path, content] of SOLD_TWICE) await town.take(importId, path, content);
    await town.close(importId);
    expect(await refusalOf()).toMatchObject({ code: 'REGISTER_NOT_EMPTY' });
    expect(await town.take(importId, NYPD, SOLD_TWICE.get(NYPD))).toBe('IMPORT_NOT_OPEN');
    expect(await town.take(randomUUID(), NYPD, SOLD_TWICE.get(NYPD))).toBe('IMPORT_NOT_OPEN');
  });

  test('allow: after one that brought nothing', async () => {
    await town.close(await town.opened());
    await town.close(await town.imported(layoutOf(seeded())));
  });

  test('deny: of two that are opened at once one is', async () => {
    const answers = await Promise.all(
      [town.superAdmin, fresh(secondSuperAdmin)].map((by) =>
        town.attempt(by, 'openRegisterImport', { manifestSha256: manifest(SOLD_TWICE) }),
      ),
    );
    const codes = answers.map(({ data }) => data.openRegisterImport.refusal?.code ?? 'accepted');
    expect(codes.sort()).toEqual(['IMPORT_OPEN', 'accepted']);
  });

  test('nothing is decided in it while an import is open: a transfer is proposed before or after', async () => {
    await town.feed(onboarded('dot', first));
    const importId = await town.opened(layoutOf(seeded()));
    await town.operatorsKnown();
    expect(await town.proposal(first, 'dot', second)).toBe('IMPORT_OPEN');
    expect(await town.proposal(town.superAdmin, 'dot', second)).toBe('IMPORT_OPEN');
    await town.close(importId);
    expect(await town.proposal(first, 'dot', second)).toBe('accepted');
  });
});

describe('a file', () => {
  const TRANSFER = pathTo(FILES.second);
  const content = (path: string) => SOLD_TWICE.get(path) as string;
  const changed = (path: string, change: object) => `${canonicalJson({ ...JSON.parse(content(path)), ...change })}\n`;

  test('again is answered as before, by its key; by another it is said to be in', async () => {
    const importId = await town.opened();
    const input = { idempotencyKey: 'the-key', importId, path: NYPD, content: content(NYPD) };
    for (let times = 0; times < 2; times++) {
      const answer = await town.mutate(town.superAdmin, 'importRegisterEntry', input, 'registerEntry { id version }');
      expect(answer.registerEntry).toEqual({ id: 'operator:nypd', version: 1 });
    }
    expect(await town.take(importId, NYPD, content(NYPD))).toBe('ALREADY_IMPORTED');
    expect(await town.take(importId, TRANSFER, content(TRANSFER))).toBe('accepted');
    expect(await town.take(importId, TRANSFER, content(TRANSFER))).toBe('ALREADY_IMPORTED');
    const other = await town.attempt(town.superAdmin, 'importRegisterEntry', {
      ...input,
      content: changed(NYPD, { set_by: 'transfer:1' }),
    });
    expect(other.data.importRegisterEntry.refusal.code).toBe('IDEMPOTENCY_CONFLICT');
  });

  test('handed over by two at once enters once', async () => {
    const importId = await town.opened();
    for (const path of [NYPD, TRANSFER]) {
      const outcomes = await Promise.all(
        [town.superAdmin, secondSuperAdmin, grantedSuperAdmin].map((by) =>
          town.take(importId, path, content(path), by),
        ),
      );
      expect(outcomes.sort()).toEqual(['ALREADY_IMPORTED', 'ALREADY_IMPORTED', 'accepted']);
    }
  });

  test.each<[string, string, string]>([
    ['access/operators/NYPD.json', content(NYPD), 'FILE_MALFORMED: is no path of an entry'],
    [`access/memberships/${FOUR[0]}.json`, '{}', 'FILE_MALFORMED: is no path of an entry'],
    ['governance/transfer-index/nypd.json', '{}', 'FILE_MALFORMED: is no path of a transfer'],
    [NYPD, '{"identity_id":', 'FILE_MALFORMED: is no JSON'],
    [NYPD, content(NYPD).trim(), 'FILE_MALFORMED: is not written as RFC 8785'],
    [NYPD, changed(NYPD, { balance: 1 }), 'FILE_MALFORMED: balance is no key of this file'],
    [NYPD, changed(NYPD, { set_by: 'a\0b' }), 'FILE_MALFORMED: set_by holds NUL'],
    [NYPD, ' '.repeat(512 * 1_024 + 1), 'FILE_MALFORMED: has 524289 bytes, more than 524288'],
    [NYPD, changed(NYPD, { set_by: 'onboarding:1' }), 'FILE_CONTRADICTS: set_by names no transfer'],
    [NYPD, changed(NYPD, { updated_at: FAR }), 'FILE_CONTRADICTS: updated_at is later than now'],
    ['access/objects/castle/windsor.json', content(NYPD), 'OBJECT_CLASS_UNKNOWN'],
    [TRANSFER, content(TRANSFER), 'ENTRY_NOT_IMPORTED'],
    [TRANSFER, changed(TRANSFER, { object_class: 'castle' }), 'OBJECT_CLASS_UNKNOWN'],
    [TRANSFER, changed(TRANSFER, { object_id: 'crew' }), 'ENTRY_NOT_IMPORTED'],
    [TRANSFER, changed(TRANSFER, { state: 'done' }), 'FILE_MALFORMED: state is none of'],
    [TRANSFER, changed(TRANSFER, { reason_type: 'gift' }), 'FILE_MALFORMED: reason_type is none of'],
    [TRANSFER, changed(TRANSFER, { transfer_id: uuidOf(4, 77) }), 'FILE_MALFORMED: is named after another transfer'],
    [TRANSFER, changed(TRANSFER, { state: 'proposed' }), 'FILE_CONTRADICTS: accepted_by does not fit'],
  ])('that cannot be is refused by its name, and leaves nothing: %s (%#)', async (path, text, refusal) => {
    const importId = await town.opened();
    expect(await town.take(importId, path, text)).toContain(refusal);
    expect(
      await town.rows(`select 1 from journal where transition in ('register_entry.import', 'transfer.import')`),
    ).toEqual([]);
  });

  test('that contradicts what came before is refused: its entry, another transfer, another active one', async () => {
    const importId = await town.opened();
    expect(await town.take(importId, NYPD, content(NYPD))).toBe('accepted');
    expect(await town.take(importId, NYPD, changed(NYPD, { set_by: `transfer:${uuidOf(4, 1)}` }))).toContain(
      'came from another file',
    );
    expect(await town.take(importId, TRANSFER, changed(TRANSFER, { to_identity_id: uuidOf(1, 9) }))).toContain(
      'to_identity_id does not hold the object',
    );
    const accepted = pathTo(FILES.accepted);
    expect(await town.take(importId, accepted, content(accepted))).toBe('accepted');
    const twin = { transfer_id: uuidOf(4, 77) };
    expect(await town.take(importId, pathTo({ transferId: twin.transfer_id }), changed(accepted, twin))).toBe(
      'TRANSFER_ACTIVE',
    );
    expect(await town.take(importId, accepted, changed(accepted, { reason_type: null }))).toContain(
      'there is a transfer',
    );
    const old = pathTo(FILES.first);
    const other = FILES.rejected;
    expect(await town.take(importId, old, content(old))).toBe('accepted');
    const moved = other.transitions.map((one) => toWire({ ...one, priorHolderIdentityId: uuidOf(1, 9) }));
    const change = { from_identity_id: uuidOf(1, 9), transitions: moved };
    expect(await town.take(importId, pathTo(other), changed(pathTo(other), change))).toContain(
      'made another identity the holder at version 2',
    );
  });

  test('reads nobody’s words: a reference that leads to some here is refused', async () => {
    const importId = await town.opened();
    await town.take(importId, NYPD, content(NYPD));
    const { transferId } = FILES.accepted;
    await town.take(importId, pathTo(FILES.accepted), content(pathTo(FILES.accepted)));
    await town.mutate(town.superAdmin, 'voidTransfer', { transferId, reason: 'Between the two of us' });
    const [kept] = await town.rows('select ref::text as ref from personal_value');
    const reason = { ref: kept?.ref, hash: 'f'.repeat(64) };
    expect(await town.take(importId, TRANSFER, changed(TRANSFER, { reason }))).toContain(
      `${kept?.ref} refers to a reason`,
    );
    expect(await town.take(importId, TRANSFER, content(TRANSFER))).toBe('accepted');
  });
});
