import type { Message } from '../kafka/client.ts';

/** A journal row as the replication library reads it, columns by name; numbers come as numbers. */
export type StreamedRow = Readonly<Record<string, unknown>>;

/** The message of a journal row: its payload byte for byte, CloudEvents attributes as headers (binary mode). */
export function messageOf(row: StreamedRow, service: string, namespace: string): Message {
  const column = (name: string) => String(row[name] ?? '');
  const name = column('event_type').split('.').slice(2).join('.');
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: column('event_id'),
    ce_source: namespace,
    ce_type: column('event_type'),
    ce_subject: `${column('aggregate_type')}/${column('aggregate_id')}`,
    ce_time: column('occurred_at'),
    ce_dataschema: `https://qtm.x1/schema/${service}/events/${name}.json`,
    ce_partitionkey: column('aggregate_id'),
    ce_sequence: column('aggregate_version'),
    ce_correlationid: column('correlation_id'),
    traceparent: column('traceparent'),
  };
  if (row.causation_id != null) headers.ce_causationid = column('causation_id');
  return { key: column('aggregate_id'), value: column('payload'), headers };
}
