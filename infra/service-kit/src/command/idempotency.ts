import { createHash, randomBytes } from 'node:crypto';
import { type Queryable, rowsOf, type Sql, sql } from '../database/statement.ts';
import { canonicalJson } from '../journal/canonical-json.ts';
import { identityId } from '../process/identity-id.ts';
import type { Session } from '../process/session.ts';

/** Where a command's outcome is kept: one key per identity and transition. */
export interface KeyOf {
  readonly identityId: string;
  readonly transition: string;
  readonly key: string;
}

/** The key of a session's command. A service itself is no identity that was registered; what it does has its keys under one of its name. */
export function keyOf(session: Session, transition: string, key: string): KeyOf {
  const holder = session.own === true ? identityId(session.issuer, session.subject) : session.identityId;
  return { identityId: holder, transition, key };
}

/** What an accepted command left behind: enough to answer again, nothing that is resolved anew anyway. */
export interface Outcome {
  readonly results: readonly {
    readonly aggregate: string;
    readonly id: string;
    readonly version: number;
    readonly eventId: string;
  }[];
}

const SALT_BYTES = 16;

/** Salted, so that the hash tells nobody what was typed; the key itself is left out. */
function inputHash(salt: Uint8Array, input: object): Buffer {
  const { idempotencyKey: _, ...rest } = input as { idempotencyKey?: unknown };
  return createHash('sha256').update(salt).update(canonicalJson(rest)).digest();
}

/**
 * Takes the key before anything is read: a concurrent duplicate waits here until the first one ends. Returns a row where the key
 * was free.
 */
export function takeKey(of: KeyOf, input: object): Sql {
  const salt = randomBytes(SALT_BYTES);
  return sql`insert into idempotency (identity_id, transition, key, salt, input_hash)
    values (${of.identityId}, ${of.transition}, ${of.key}, ${salt}, ${inputHash(salt, input)})
    on conflict do nothing returning true as taken`;
}

/** The outcome of a key that was taken before; 'conflict' where it was for another input, or can no longer be compared. */
export async function outcomeOf(db: Queryable, of: KeyOf, input: object): Promise<Outcome | 'conflict'> {
  const [row] = await rowsOf<{ salt: Buffer | null; input_hash: Buffer; outcome: Outcome }>(
    db,
    sql`select salt, input_hash, outcome from idempotency
      where identity_id = ${of.identityId} and transition = ${of.transition} and key = ${of.key}`,
  );
  if (row === undefined || row.salt === null) return 'conflict';
  return inputHash(row.salt, input).equals(row.input_hash) ? row.outcome : 'conflict';
}
