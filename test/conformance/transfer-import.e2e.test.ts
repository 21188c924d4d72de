import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NODE, ROOT } from '@qtm/local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFolder } from '../../infra/scripts/register/folder.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import {
  assembleForTransfers,
  type Crew,
  entryOf,
  newCrew,
  outcome,
  type TransferCast,
  toBuyer,
  transferIn,
} from '../harness/transfers.ts';
import type { Visitor } from '../harness/visitor.ts';
import { indexFile, type RegisterFile } from './register-files.ts';

const MAX_FILE_BYTES = 1_000_000;

let system: TestSystem;
let cast: TransferCast;
/** Operators of another register, by what its last transfer is and what its index says. */
let crews: Readonly<Record<'sold' | 'fallen' | 'lost' | 'selling' | 'hidden', Crew>>;
const transfers: Record<string, string> = {};
let folder: string;
/** What the command wrote of the other register, what it said of importing it, and what it wrote of this one then. */
let exported: ReadonlyMap<string, unknown>;
let said: string;
let again: ReadonlyMap<string, unknown>;
let superAdmin: Visitor;

/** Runs `npm run register` as a super_admin. */
async function register(...args: readonly string[]): Promise<string> {
  const session = { subject: cast.superAdmin.subject, roles: ['super_admin', 'admin_governor'] };
  const tokenFile = join(system.stack.dataDir, 'register-token');
  writeFileSync(tokenFile, await system.stack.issuer.sign(session));
  const given = [...args, '--endpoint', system.endpoint, '--token-file', tokenFile];
  return (await promisify(execFile)(NODE, [join(ROOT, 'infra/scripts/register.ts'), ...given])).stdout;
}

beforeAll(async () => {
  system = await startTestSystem();
  folder = join(system.stack.dataDir, `register-${randomUUID()}`);
  try {
    cast = await assembleForTransfers(system);
    const crew = () => newCrew(system, cast);
    crews = {
      sold: await crew(),
      fallen: await crew(),
      lost: await crew(),
      selling: await crew(),
      hidden: await crew(),
    };
    transfers.sold = await transferIn(crews.sold, 'completed', { reasonType: 'sale', reason: 'With the yard' });
    transfers.fallen = await transferIn(crews.fallen, 'canceled');
    transfers.selling = await transferIn(crews.selling, 'accepted');
    transfers.hidden = await transferIn(crews.hidden, 'proposed');
    await register('export', folder);
    exported = await readFolder(folder, MAX_FILE_BYTES);
  } finally {
    await system.stop();
  }
  spoilIndexes();
  system = await startTestSystem();
  superAdmin = system.again(cast.superAdmin);
  await superAdmin.register();
  said = await register('import', folder);
  const written = `${folder}-again`;
  await register('export', written);
  again = await readFolder(written, MAX_FILE_BYTES);
  await enter();
});
afterAll(() => system?.stop());

/** What was left behind of transfers that had ended, or were never there; and one that is missing. */
function spoilIndexes(): void {
  const { sold, fallen, lost, hidden } = crews;
  write(indexFile(sold.operator, transfers.sold ?? ''));
  write(indexFile(fallen.operator, transfers.fallen ?? ''));
  write(indexFile(lost.operator, randomUUID()));
  write({ path: 'governance/transfer-index/Broken.json', content: '{' });
  rmSync(join(folder, indexFile(hidden.operator, '').path));
}

function write({ path, content }: RegisterFile): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** The operators are onboarded here, too, held as the register says, with everybody who has to do with them. */
async function enter(): Promise<void> {
  const [governor, secondGovernor] = [system.again(cast.governor), system.again(cast.secondGovernor)];
  for (const one of [governor, secondGovernor]) await one.register();
  for (const { operator, holder, holderId, buyer, buyerId } of Object.values(crews)) {
    const people = [system.again(holder), system.again(buyer)];
    for (const one of people) await one.register();
    const input = {
      slug: operator,
      name: operator,
      type: 'ORGANIZATION',
      surfaces: ['municipal'],
      holderIdentityId: operator === crews.sold.operator ? buyerId : holderId,
    };
    await governor.learn(...people).mutate('onboardOperator', input);
    await secondGovernor.learn(governor).mutate('activateOperator', { slug: operator });
  }
  superAdmin.learn(secondGovernor);
}

const proposed = (by: Visitor, crew: Crew, toIdentityId = crew.buyerId) =>
  outcome(system.again(by).learn(superAdmin), 'proposeTransfer', toBuyer(crew, { toIdentityId }));

const line = (kind: string, operator: string, what: string) =>
  `${kind.padEnd(10)} governance/transfer-index/${operator}.json: ${what}`;

describe('an index that was imported', () => {
  test('T-TR-13 allow: is found stale where its transfer has ended, and the object is proposed', async () => {
    const { sold, fallen } = crews;
    expect(said).toContain(line('stale', sold.operator, `transfer ${transfers.sold} is completed`));
    expect(said).toContain(line('stale', fallen.operator, `transfer ${transfers.fallen} is canceled`));
    // Who holds it is whom the transfer made its holder, and not whom the onboarding names.
    expect(await proposed(sold.holder, sold)).toBe('FORBIDDEN');
    expect(await proposed(sold.buyer, sold, sold.holderId)).toBe('proposed');
    expect(await proposed(fallen.holder, fallen)).toBe('proposed');
  });

  test('T-TR-13 deny: holds the object where its transfer is active, until that one ends', async () => {
    const { selling } = crews;
    expect(said).not.toContain(`transfer-index/${selling.operator}.json`);
    for (const by of [selling.holder, superAdmin]) expect(await proposed(by, selling)).toBe('TRANSFER_ACTIVE');
    await superAdmin.mutate('voidTransfer', { transferId: transfers.selling, reason: 'Nobody completes it' });
    expect(await proposed(selling.holder, selling)).toBe('proposed');
  });

  test('T-TR-38 allow: protects nothing where its transfer is missing: the object is proposed', async () => {
    expect(said).toMatch(new RegExp(line('stale', crews.lost.operator, 'transfer [0-9a-f-]{36} is missing')));
    expect(await proposed(crews.lost.holder, crews.lost)).toBe('proposed');
  });

  test('T-TR-38 deny: nor does an active transfer need one: where it is gone it is recovered, and holds the object', async () => {
    const { hidden } = crews;
    expect(said).toContain(`recovered  governance/transfer-index/${hidden.operator}.json`);
    expect(said).toContain('broken     governance/transfer-index/Broken.json');
    for (const by of [hidden.holder, superAdmin]) expect(await proposed(by, hidden)).toBe('TRANSFER_ACTIVE');
  });
});

describe('a register that was imported', () => {
  test('T-TR-31 allow: is exported as it was, byte by byte, and folds to what it says', async () => {
    expect([...again.keys()].sort()).toEqual([...exported.keys()].sort());
    expect(again).toEqual(exported);
    const { data } = await superAdmin.send('{ verifyRegister { holds } }');
    expect(data.verifyRegister).toEqual({ holds: true });
    const { sold } = crews;
    expect(await entryOf(superAdmin, sold.operator)).toMatchObject({
      holderIdentityId: sold.buyerId,
      registerVersion: 2,
    });
  });
});
