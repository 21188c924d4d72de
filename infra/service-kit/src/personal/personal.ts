import { createHash, randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import { type Queryable, rowsOf, sql } from '../database/statement.ts';
import type { PersonalRef } from '../domain.ts';

/** A row of the personal table. Salt and value go together: erasing deletes both, and the hash can no longer be recomputed. */
export interface SealedValue {
  readonly ref: string;
  readonly aggregate_type: string;
  readonly aggregate_id: string;
  readonly field: string;
  readonly value: string;
  /** hex */
  readonly salt: string;
}

/** A personal value of a command's input before it is known which aggregate will hold it. */
export interface Sealing {
  readonly field: string;
  readonly value: string;
  readonly salt: Buffer;
  readonly ref: PersonalRef;
}

const SALT_BYTES = 16;

/** SHA-256(salt ‖ UTF-8 bytes of the value), lower-case hex. */
export function personalHash(salt: Uint8Array, value: string): string {
  return createHash('sha256').update(salt).update(value, 'utf8').digest('hex');
}

export function seal(field: string, value: string): Sealing {
  const salt = randomBytes(SALT_BYTES);
  return { field, value, salt, ref: { ref: v7(), hash: personalHash(salt, value) } };
}

/** Sealings that the facts hold, each as a row of the aggregate that names it first; one that no fact holds is not kept. */
export function sealedRows(
  sealings: readonly Sealing[],
  rows: readonly { aggregate_type: string; aggregate_id: string; payload: string }[],
): readonly SealedValue[] {
  return sealings.flatMap(({ field, value, salt, ref }) => {
    const holder = rows.find((row) => row.payload.includes(ref.ref));
    if (holder === undefined) return [];
    const { aggregate_type, aggregate_id } = holder;
    return [{ ref: ref.ref, aggregate_type, aggregate_id, field, value, salt: salt.toString('hex') }];
  });
}

/** A personal value as it is kept; null where it was erased. */
export interface KeptValue {
  readonly ref: string;
  readonly value: string | null;
  readonly salt: Buffer | null;
}

/** The values behind these references, in one statement. */
export async function keptValues(db: Queryable, refs: readonly string[]): Promise<Map<string, KeptValue>> {
  const rows = await rowsOf<KeptValue>(
    db,
    sql`select ref::text as ref, value, salt from personal_value where ref = any(${refs}::uuid[])`,
  );
  return new Map(rows.map((row) => [row.ref, row]));
}
