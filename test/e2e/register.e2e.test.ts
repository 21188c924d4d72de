import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE, ROOT } from '@qtm/local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedStack } from '../harness/stack.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import type { Visitor } from '../harness/visitor.ts';

/** `npm run register`, from a system that has lived to one that begins: the same people, other databases and topics. */

const SUPER_ADMIN = { subject: 'dev-super_admin', roles: ['super_admin', 'admin_governor'] };
const SUBJECTS = ['register-holder', 'register-buyer', 'register-member'];
const CREW = ['register-north', 'register-east', 'register-south'];
const [NORTH, EAST, SOUTH] = CREW as [string, string, string];

/** Everybody of one system, registered. */
interface People {
  readonly superAdmin: Visitor;
  readonly governor: Visitor;
  readonly secondGovernor: Visitor;
  readonly holder: Visitor;
  readonly buyer: Visitor;
  readonly member: Visitor;
  readonly ids: Readonly<Record<'holder' | 'buyer' | 'member', string>>;
}

let system: TestSystem;
let people: People;
let folder: string;
/** What was exported from the system that has lived. */
let lived: string;
let accepted: string;

async function populate(): Promise<void> {
  const governor = system.visitor({ subject: 'register-governor', roles: ['admin_governor'] });
  const secondGovernor = system.visitor({ subject: 'register-second', roles: ['admin_governor'] });
  const superAdmin = system.visitor(SUPER_ADMIN);
  const [holder, buyer, member] = SUBJECTS.map((subject) => system.visitor({ subject })) as [Visitor, Visitor, Visitor];
  const all = [superAdmin, governor, secondGovernor, holder, buyer, member];
  const ids = [];
  for (const one of all) ids.push(await one.register());
  for (const one of all) one.learn(...all);
  const [, , , holderId = '', buyerId = '', memberId = ''] = ids;
  people = {
    superAdmin,
    governor,
    secondGovernor,
    holder,
    buyer,
    member,
    ids: { holder: holderId, buyer: buyerId, member: memberId },
  };
}

async function onboard(slug: string, holderIdentityId: string): Promise<void> {
  const { governor, secondGovernor } = people;
  const named = { slug, name: `The crew ${slug}`, type: 'ORGANIZATION', surfaces: ['municipal'] };
  await governor.mutate('onboardOperator', { ...named, holderIdentityId });
  await secondGovernor.learn(governor).mutate('activateOperator', { slug });
  for (const one of Object.values(people)) if ('learn' in one) one.learn(secondGovernor);
}

const object = (objectId: string) => ({ objectClass: 'operator', objectId });

async function proposed(slug: string): Promise<string> {
  const input = { ...object(slug), toIdentityId: people.ids.buyer, reasonType: 'sale', reason: `Sells ${slug}` };
  const { transfer } = await people.holder.mutate('proposeTransfer', input, 'transfer { id }');
  people.buyer.learn(people.holder);
  return transfer.id;
}

/** Adds a member, once the operator service has heard who holds it. */
async function addMember(by: Visitor, operator: string): Promise<void> {
  await by.mutate('addWorkspaceMember', { operator, identityId: people.ids.member });
}

/** Runs the command as a person does. */
function register(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const script = join(ROOT, 'infra/scripts/register.ts');
  const all = [script, ...args, '--endpoint', system.endpoint, '--data', sharedStack().dataDir];
  return new Promise((resolve) => {
    execFile(NODE, all, (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }));
  });
}

/** Every file below a folder, by its path. */
async function filesIn(dir: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = names.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  const read = await Promise.all(
    paths.map(async (path) => [path.slice(dir.length + 1), await readFile(path, 'utf8')] as const),
  );
  return new Map(read.sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function entryOf(slug: string) {
  const query = `{ registerEntry(objectClass: "operator", objectId: "${slug}") { holderIdentityId registerVersion setBy } }`;
  return (await people.superAdmin.send(query)).data.registerEntry;
}

beforeAll(async () => {
  system = await startTestSystem();
  folder = await mkdtemp(join(sharedStack().dataDir, 'register-'));
  lived = join(folder, 'lived');
  await populate();
  const { holder, buyer, superAdmin, ids } = people;
  for (const slug of CREW) await onboard(slug, ids.holder);
  for (const slug of [NORTH, SOUTH]) await addMember(holder, slug);

  const sold = await proposed(NORTH);
  await buyer.mutate('acceptTransfer', { transferId: sold });
  superAdmin.learn(buyer);
  await superAdmin.mutate('completeTransfer', { transferId: sold });
  // Of before it is void; this one is in force.
  await addMember(buyer.learn(superAdmin), NORTH);

  accepted = await proposed(EAST);
  await buyer.mutate('acceptTransfer', { transferId: accepted });
  const rejected = await proposed(SOUTH);
  await buyer.mutate('rejectTransfer', { transferId: rejected, reason: 'Too far' });
  superAdmin.learn(buyer);
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('npm run register', () => {
  test('exports a register in the layout of the doctrine, and into no folder that holds something', async () => {
    const { code, out, err } = await register('export', lived);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('3 entries, 3 transfers (1 active), 2 memberships of 1 identities');
    const files = await filesIn(lived);
    expect([...files.keys()].filter((path) => !path.startsWith('governance/transfers/'))).toEqual([
      `access/memberships/${people.ids.member}.json`,
      ...[EAST, NORTH, SOUTH].map((slug) => `access/operators/${slug}.json`),
      `governance/transfer-index/${EAST}.json`,
    ]);
    expect(files.get(`access/memberships/${people.ids.member}.json`)).toBe(
      `{"operator_slugs":["${NORTH}","${SOUTH}"]}\n`,
    );
    expect(files.get(`governance/transfer-index/${EAST}.json`)).toBe(`{"transfer_id":"${accepted}"}\n`);
    for (const content of files.values()) expect(content).not.toMatch(/Sells|Too far/);

    const again = await register('export', lived);
    expect([again.code, again.err]).toEqual([
      2,
      `register: ${lived} is not empty; an export takes a folder of its own\n`,
    ]);
  });

  test('imports nothing into a register that is at work', async () => {
    const { code, out } = await register('import', lived);
    expect(code).toBe(1);
    expect(out).toContain(`the running register has another transfer ${accepted}`);
    expect(out).toContain('nothing was imported');
  });

  test('takes a register over into another system, where it goes on', async () => {
    await system.stop();
    system = await startTestSystem();
    await populate();
    await onboard(NORTH, people.ids.buyer);
    await onboard(EAST, people.ids.holder);

    const broken = join(folder, 'broken');
    await cp(lived, broken, { recursive: true });
    await writeFile(join(broken, `access/operators/${SOUTH}.json`), '{}\n');
    await writeFile(join(broken, 'notes.txt'), 'of somebody');
    const refused = await register('import', broken);
    expect(refused.code).toBe(1);
    expect(refused.out).toContain(`fault      access/operators/${SOUTH}.json: identity_id is missing`);
    expect(refused.out).toContain('fault      notes.txt: is no path of the layout');

    const dry = await register('import', lived, '--dry-run');
    expect([dry.code, dry.err]).toEqual([0, '']);
    expect(dry.out).toContain('to be taken over: 3 entries, 3 transfers, 1 memberships; in it before: 0 files');
    expect(dry.out).toContain(
      `waits      access/memberships/${people.ids.member}.json: the operator ${SOUTH} is not onboarded there`,
    );
    expect(await entryOf(NORTH)).toMatchObject({ registerVersion: 1, setBy: 'onboarding' });

    const first = await register('import', lived);
    expect(first.err).toBe('');
    expect(first.out).toContain('imported: 3 entries, 3 transfers');
    expect(first.out).toContain('is complete');
    expect(first.out).toContain('memberships: 1 given, 1 wait');
    expect(first.code).toBe(1);

    await onboard(SOUTH, people.ids.holder);
    const second = await register('import', lived);
    expect([second.code, second.err]).toEqual([0, '']);
    expect(second.out).toContain('in it before: 6 files');
    expect(second.out).toContain('memberships: 1 given, 0 wait');
    const third = await register('import', lived);
    expect(third.out).toContain('memberships: 0 given, 0 wait');
    expect(third.code).toBe(0);

    const there = join(folder, 'there');
    expect((await register('export', there)).code).toBe(0);
    expect(await filesIn(there)).toEqual(await filesIn(lived));

    const { superAdmin, ids } = people;
    // Whoever brought it by a file does not complete it; another one does.
    const { errors } = await system
      .again(superAdmin)
      .learn(superAdmin)
      .attempt('completeTransfer', { transferId: accepted });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'distinct_actor' });
    const another = system.visitor({ roles: ['super_admin'] });
    await another.register();
    await another.learn(superAdmin).mutate('completeTransfer', { transferId: accepted });
    superAdmin.learn(another);
    expect(await entryOf(EAST)).toEqual({ holderIdentityId: ids.buyer, registerVersion: 2, setBy: 'transfer' });
    expect(await entryOf(NORTH)).toEqual({ holderIdentityId: ids.buyer, registerVersion: 2, setBy: 'import' });
    // It goes on, and the same import has still nothing to do.
    expect((await register('import', lived)).code).toBe(0);
    expect((await register('export', join(folder, 'later'))).code).toBe(0);
  });

  test('says what is wrong, and no more', async () => {
    const token = join(folder, 'token');
    await writeFile(token, await sharedStack().issuer.sign({ subject: SUBJECTS[0] as string }));
    for (const [args, code, said] of [
      [[], 2, 'usage:'],
      [['copy', lived], 2, 'usage:'],
      [['import', lived, '--wet-run'], 2, '--wet-run'],
      [['import', join(folder, 'nowhere')], 2, 'is no folder that can be read'],
      [['export', join(folder, 'new'), '--token-file', join(folder, 'no-token')], 2, 'cannot be read'],
      [['import', lived, '--token-file', token], 1, 'it takes the session of an active super_admin'],
      [['export', join(folder, 'part'), '--token-file', token], 1, 'it takes the session of an active super_admin'],
    ] as const) {
      const { code: ended, out, err } = await register(...args);
      expect([ended, `${out}${err}`], args.join(' ')).toEqual([code, expect.stringContaining(said)]);
      expect(err).not.toMatch(/\n\s+at /);
    }
    const help = await register('--help');
    expect([help.code, help.out]).toEqual([0, expect.stringContaining('usage:')]);
  });
});
