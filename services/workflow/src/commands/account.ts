import { createHash } from 'node:crypto';
import { type AggregateRow, type Fact, fact, type Sql, sql, stored, storedOf } from '@qtm/service-kit';
import type { Evidence } from '../domain/evidence.ts';
import type { Pack } from '../domain/pack.ts';
import { packs } from '../store.ts';

/** The pack an execution follows, and what was captured in it: read after its row was locked, so that nothing is added meanwhile. */
export function accountFacts(id: string | Sql) {
  return {
    pack: stored(packs, sql`(select pack_id from service_event where id = ${id})`),
    evidence: evidenceFact(sql`service_event_id = ${id}`),
  };
}

function evidenceFact(where: Sql): Fact<readonly Evidence[]> {
  return fact(
    sql`select id, version, published, occurred_at from evidence where ${where} order by attached_at, id`,
    (rows) => rows.map((row) => storedOf<Evidence>(row as unknown as AggregateRow).value),
  );
}

/** The foreign key of the execution says that there is one. */
export function packOf({ pack }: { readonly pack: Pack | undefined }): Pack {
  if (pack === undefined) throw new Error('a service event without its pack');
  return pack;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
