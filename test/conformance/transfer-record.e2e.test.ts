import { waitFor } from '@qtm/local';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asService } from '../harness/databases.ts';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import {
  assembleForTransfers,
  type Crew,
  entryOf,
  meetAll,
  newCrew,
  outcome,
  stateOf,
  type TransferCast,
  toBuyer,
  transferIn,
  transferOf,
} from '../harness/transfers.ts';
import { everyMutation } from './operations.ts';

const SEEN_TIMEOUT_MS = 30_000;
/** Any number: what the completion waits for is held under it. */
const ADVISORY = 4711;

let system: TestSystem;
let cast: TransferCast;
beforeAll(async () => {
  system = await startTestSystem();
  cast = await assembleForTransfers(system);
});
afterAll(() => system?.stop());

const crewOf = () => newCrew(system, cast);

/** In transfer, as the running service may. */
const transfer = (text: string, values: readonly unknown[] = []) => asService(system, 'transfer', text, values);

/** A transfer as its row, its facts and its answers have it. */
const bytesOf = async (id: string) => [
  await transfer('select * from transfer where id = $1', [id]),
  await transfer('select * from journal where aggregate_id = $1 order by aggregate_version', [id]),
];

const STEP = 'transition priorState newState actorId clause at reason priorHolderIdentityId evidenceSha256 eventId';

describe('steps', () => {
  test('T-TR-10 allow: each is a row of who, when, why and from which state', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'proposed', { reason: 'Sold with the yard' });
    const why = { reason: 'Too dear' };
    await crew.buyer.mutate('rejectTransfer', { transferId, ...why });
    const { transitions } = await transferOf(crew.buyer, transferId, `transitions { ${STEP} }`);
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const common = { at, priorHolderIdentityId: crew.holderId, eventId: expect.any(String) };
    const hashes = expect.arrayContaining([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(transitions).toEqual([
      {
        ...{ ...common, transition: 'transfer.propose', priorState: null, newState: 'proposed' },
        ...{ actorId: crew.holderId, clause: 'holds_object', reason: 'Sold with the yard', evidenceSha256: hashes },
      },
      {
        ...{ ...common, transition: 'transfer.reject', priorState: 'proposed', newState: 'rejected' },
        ...{ actorId: crew.buyerId, clause: 'to_party', ...why, evidenceSha256: hashes },
      },
    ]);
    const [, rows] = await bytesOf(transferId);
    expect(rows?.map((row) => row.event_id)).toEqual(transitions.map(({ eventId }: { eventId: string }) => eventId));
  });

  test('T-TR-10 deny: what is refused, denied or sent again is no step and leaves no row', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'proposed');
    const input = { transferId, idempotencyKey: `accept ${transferId}` };
    expect(await outcome(crew.buyer, 'acceptTransfer', input)).toBe('accepted');
    const before = await bytesOf(transferId);
    meetAll(crew);
    for (const [by, field, came] of [
      [crew.buyer, 'acceptTransfer', 'accepted'],
      [crew.secondSuperAdmin, 'acceptTransfer', 'WRONG_STATE'],
      [crew.buyer, 'completeTransfer', 'FORBIDDEN'],
      [crew.holder, 'cancelTransfer', 'WRONG_STATE'],
    ] as const) {
      expect(await outcome(by, field, field === 'acceptTransfer' ? input : { transferId })).toBe(came);
    }
    expect(await bytesOf(transferId)).toEqual(before);
    expect(before[1]).toHaveLength(2);
  });

  test('T-TR-20 allow: who held it before is read from the step, and from the register at that instant', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'completed');
    const { transitions } = await transferOf(
      crew.buyer,
      transferId,
      'transitions { priorState priorHolderIdentityId at }',
    );
    expect(transitions.at(-1)).toMatchObject({ priorState: 'accepted', priorHolderIdentityId: crew.holderId });
    expect(await heldAt(crew, transitions[0].at)).toEqual({ holderIdentityId: crew.holderId, registerVersion: 1 });
    expect(await heldAt(crew, transitions[2].at)).toEqual({ holderIdentityId: crew.buyerId, registerVersion: 2 });
  });

  const heldAt = async ({ superAdmin, operator }: Crew, instant: string) => {
    const query = `query ($id: String!, $instant: DateTime!) {
      authorityAt(objectClass: "operator", objectId: $id, instant: $instant) { holderIdentityId registerVersion } }`;
    return (await superAdmin.send(query, { id: operator, instant })).data.authorityAt;
  };

  test('T-TR-20 deny: what follows does not overwrite it', async () => {
    const crew = await crewOf();
    const first = await transferIn(crew, 'completed');
    const { transitions } = await transferOf(crew.buyer, first, `transitions { ${STEP} }`);
    await transferIn(backOf(crew), 'completed');
    expect(await transferOf(crew.buyer, first, `transitions { ${STEP} }`)).toEqual({ transitions });
    expect(await heldAt(crew, transitions[0].at)).toEqual({ holderIdentityId: crew.holderId, registerVersion: 1 });
    expect(await heldAt(crew, transitions[2].at)).toEqual({ holderIdentityId: crew.buyerId, registerVersion: 2 });
  });

  test('T-TR-21 allow: accepted, all seven questions are answered, and it is completed', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'accepted');
    const { sevenAnswers } = await transferOf(crew.buyer, transferId, `sevenAnswers { complete ${QUESTIONS} }`);
    const { complete, ...answers } = sevenAnswers;
    expect(complete).toBe(true);
    expect(Object.keys(answers)).toHaveLength(7);
    for (const { answered, question, facts } of Object.values(answers) as Answered[]) {
      expect([answered, facts.length > 0], question).toEqual([true, true]);
    }
    expect(await outcome(crew.superAdmin, 'completeTransfer', { transferId })).toBe('completed');
  });

  interface Answered {
    readonly question: string;
    readonly answered: boolean;
    readonly facts: readonly object[];
  }
  const QUESTIONS = [
    ...['who', 'what', 'underWhatConditions', 'withWhatEvidence', 'approvedByWhom', 'recordedWhere'],
    'reversibleOrIrreversible',
  ]
    .map((name) => `${name} { question answered facts { name value } }`)
    .join(' ');

  test('T-TR-21 deny: one whose evidence was taken away cannot answer them, and is not completed', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'accepted');
    await transfer(`update transfer set published = jsonb_set(published, '{evidence}', '[]') where id = $1`, [
      transferId,
    ]);
    const { sevenAnswers } = await transferOf(
      crew.buyer,
      transferId,
      'sevenAnswers { complete withWhatEvidence { answered } }',
    );
    expect(sevenAnswers).toEqual({ complete: false, withWhatEvidence: { answered: false } });
    const { errors } = await crew.superAdmin.attempt('completeTransfer', { transferId });
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', clause: 'seven_answers_complete' });
    expect(await stateOf(crew.superAdmin, transferId)).toBe('accepted');
  });
});

/** The same operator on its way back. */
const backOf = ({ holder, holderId, buyer, buyerId, ...crew }: Crew): Crew => ({
  ...crew,
  ...{ holder: buyer, holderId: buyerId, buyer: holder, buyerId: holderId },
});

describe('what is completed', () => {
  test('T-TR-18 allow: a correction is another transfer, and leaves the first as it is, byte by byte', async () => {
    const crew = await crewOf();
    const first = await transferIn(crew, 'completed');
    const before = await bytesOf(first);
    const second = await transferIn(backOf(crew), 'completed');
    expect(second).not.toBe(first);
    expect(await bytesOf(first)).toEqual(before);
    const { holderIdentityId, registerVersion } = await entryOf(crew.superAdmin, crew.operator);
    expect([holderIdentityId, registerVersion]).toEqual([crew.holderId, 3]);
  });

  test('T-TR-18 deny: no mutation there is changes it, whoever makes it', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'completed');
    const before = await bytesOf(transferId);
    const evidence = [{ kind: 'DOCUMENT', sha256: 'a'.repeat(64) }];
    const mutations = everyMutation({ transferId, evidence, ...toBuyer(crew), reason: 'So that it ends' }).filter(
      ({ service, field }) => service === 'transfer' && field !== 'openRegisterImport',
    );
    expect(mutations.length).toBeGreaterThan(8);
    for (const by of [crew.superAdmin, crew.secondSuperAdmin, crew.buyer, crew.holder]) {
      for (const { field, input } of mutations) {
        await by.attempt(field, input);
        expect(await bytesOf(transferId), field).toEqual(before);
      }
    }
  });

  test('T-TR-18 deny: nor does the service itself, or whoever owns its tables', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'completed');
    const update = "update transfer set published = published || '{}', version = version + 1 where id = $1";
    await expect(transfer(update, [transferId])).rejects.toThrow(/has ended and never changes/);
    await expect(transfer('delete from transfer where id = $1', [transferId])).rejects.toThrow(/permission denied/);
    const owner = await connected(system.databases.get('transfer')?.ownerUrl);
    try {
      await expect(owner.query(update, [transferId])).rejects.toThrow(/has ended and never changes/);
      await expect(owner.query('delete from transfer where id = $1', [transferId])).rejects.toThrow(/never/);
    } finally {
      await owner.end();
    }
  });

  test('T-TR-32 allow: its history is read step by step, each with the fact that the topic tells', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'completed');
    const history = 'history { totalCount edges { node { transition newState eventId basis } } }';
    const found = await transferOf(crew.superAdmin, transferId, history);
    expect(found.history.totalCount).toBe(3);
    const [, rows] = await bytesOf(transferId);
    expect(found.history.edges.map(({ node }: { node: { eventId: string } }) => node.eventId)).toEqual(
      rows?.map((row) => JSON.parse(row.payload).event_id),
    );
    // What was confirmed at its owner is what the completion rests on, too.
    const basis: readonly string[] = found.history.edges.at(-1).node.basis;
    for (const one of [`operator/identity/${crew.buyerId}@`, `operator/operator/${crew.operator}@`]) {
      expect(
        basis.filter((fact) => fact.startsWith(one)),
        `${one} in ${basis}`,
      ).toHaveLength(1);
    }
  });

  test.each([
    'update journal set payload = payload',
    'delete from journal',
    'truncate journal',
    'delete from transfer',
    'truncate transfer',
    'delete from register_entry',
    'truncate register_entry',
    'delete from transfer_policy',
    'delete from register_import',
    'drop trigger ended_transfer_is_final on transfer',
    'alter table transfer disable trigger all',
    "set session_replication_role = 'replica'",
  ])('T-TR-32 deny: the role of the running service may not: %s', async (statement) => {
    await expect(transfer(statement)).rejects.toThrow(/permission denied|must be owner/);
  });
});

async function connected(connectionString: string | undefined): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}

describe('in one transaction', () => {
  test('T-TR-19 allow: a completion is two facts of one transaction, and nothing before it moves authority', async () => {
    const crew = await crewOf();
    const before = await entryOf(crew.superAdmin, crew.operator);
    const transferId = await transferIn(crew, 'accepted');
    expect(await entryOf(crew.superAdmin, crew.operator)).toEqual(before);
    expect(await outcome(crew.superAdmin, 'completeTransfer', { transferId })).toBe('completed');
    const facts = await transfer(
      `select event_type, transaction_index, transaction_size from journal where xid in
        (select xid from journal where aggregate_id = $1 and new_state = 'completed') order by transaction_index`,
      [transferId],
    );
    expect(facts).toEqual([
      { event_type: 'x1.acquisition.transfer_completed.v1', transaction_index: 0, transaction_size: 2 },
      { event_type: 'x1.acquisition.operator_transferred.v1', transaction_index: 1, transaction_size: 2 },
    ]);
    const after = await entryOf(crew.superAdmin, crew.operator);
    expect(after).toMatchObject({ holderIdentityId: crew.buyerId, registerVersion: 2, setById: transferId });
  });

  test('T-TR-19 deny: killed between the two writes, there is neither; the same command again makes both', async () => {
    const crew = await crewOf();
    const transferId = await transferIn(crew, 'accepted');
    const owner = await connected(system.databases.get('transfer')?.ownerUrl);
    const [process] = system.services.get('transfer') ?? [];
    if (process === undefined) throw new Error('transfer does not run');
    const input = { transferId, idempotencyKey: `killed ${transferId}` };
    try {
      // In the midst of the writes the register's row is held up.
      await owner.query(`create function hold_up() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock(${ADVISORY}); return new; end $$`);
      await owner.query(
        'create trigger held_up before update on register_entry for each row execute function hold_up()',
      );
      await owner.query('select pg_advisory_lock($1)', [ADVISORY]);
      const killed = crew.superAdmin.attempt('completeTransfer', input);
      const pid = await heldUp(owner);
      await process.kill();
      await killed;
      await endBackend(pid);
    } finally {
      await owner.query('drop trigger if exists held_up on register_entry');
      await owner.query('drop function if exists hold_up');
      await owner.end();
    }
    const found = `select transfer.state, entry.register_version as version,
        (select count(*)::integer from journal where xid in
          (select xid from journal where aggregate_id = $1 and new_state = 'completed')) as facts
      from transfer join register_entry entry on entry.id = transfer.entry_id where transfer.id = $1::uuid`;
    expect(await transfer(found, [transferId])).toEqual([{ state: 'accepted', version: 1, facts: 0 }]);
    await process.start();
    await process.ready();
    const again = system.again(crew.superAdmin);
    expect(await outcome(again, 'completeTransfer', input)).toBe('completed');
    expect(await transfer(found, [transferId])).toEqual([{ state: 'completed', version: 2, facts: 2 }]);
  });

  /** Waits until somebody waits for the lock, and gives the process of the database that does. */
  async function heldUp(owner: Client): Promise<number> {
    const waiting = async () => {
      const { rows } = await owner.query<{ pid: number }>(
        `select pid from pg_locks where locktype = 'advisory' and objid = $1 and not granted`,
        [ADVISORY],
      );
      return rows[0]?.pid;
    };
    return waitFor(waiting, { timeoutMs: SEEN_TIMEOUT_MS, what: 'the completion is held up' });
  }

  /** The transaction would go on without its client, who had sent all of it. */
  async function endBackend(pid: number): Promise<void> {
    const admin = await connected(system.stack.postgres.adminUrl);
    try {
      await admin.query('select pg_terminate_backend($1, $2)', [pid, SEEN_TIMEOUT_MS]);
    } finally {
      await admin.end();
    }
  }
});
