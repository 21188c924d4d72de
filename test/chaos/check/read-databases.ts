import { loadService } from '../../harness/services.ts';
import { rowsOf } from '../../harness/topics.ts';
import type { Scene } from '../scene.ts';
import type { Followed } from './copies.ts';
import type { Copy, JournalRow } from './facts.ts';
import { hashOf } from './read-topics.ts';

const JOURNAL = `select event_id::text, encode(sha256(convert_to(payload, 'UTF8')), 'hex') as sha256, aggregate_type, aggregate_id,
    transition, actor_id, session_hash is not null and aggregate_type <> 'attempt' as commanded, correlation_id, transaction_id::text
  from journal`;

/** Every row of every journal, for the comparison with what was acknowledged and with the topics. */
export async function readJournals({ system, stack }: Scene): Promise<readonly JournalRow[]> {
  const rows: JournalRow[] = [];
  for (const service of system.databases.keys()) {
    const observed = { ...system, brokers: stack.kafka.brokers };
    for (const row of await rowsOf<Record<string, never>>(observed, service, JOURNAL)) {
      rows.push({
        service,
        eventId: row.event_id ?? '',
        sha256: row.sha256 ?? '',
        aggregateType: row.aggregate_type ?? '',
        aggregateId: row.aggregate_id ?? '',
        transition: row.transition ?? '',
        actorId: row.actor_id ?? '',
        commanded: row.commanded ?? false,
        trace: row.correlation_id ?? '',
        transactionId: row.transaction_id ?? '',
      });
    }
  }
  return rows;
}

const COPIES = 'select source, type, id, epoch, version, published, unknown from foreign_aggregate';

/** What every service keeps of others: nothing public shows it whole. */
export async function readCopies({ system, stack }: Scene): Promise<readonly Copy[]> {
  const copies: Copy[] = [];
  for (const keeper of system.databases.keys()) {
    const rows = await rowsOf<Omit<Copy, 'keeper' | 'stateHash'> & { readonly published: object }>(
      { ...system, brokers: stack.kafka.brokers },
      keeper,
      COPIES,
    );
    for (const { published, ...row } of rows) copies.push({ ...row, keeper, stateHash: hashOf(published) });
  }
  return copies;
}

export async function readFollowed({ system }: Scene): Promise<Followed> {
  const followed = [...system.databases.keys()].map(async (name) => [name, (await loadService(name)).follows] as const);
  return new Map(await Promise.all(followed));
}
