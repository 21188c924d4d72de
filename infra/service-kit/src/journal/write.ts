import { join, raw, type Sql, sql } from '../database/statement.ts';
import type { SealedValue } from '../personal/personal.ts';
import type { Change, ComposedEvent } from './envelope.ts';

/** The key row a command closes with its outcome. */
export interface OutcomeOfKey {
  readonly identityId: string;
  readonly transition: string;
  readonly key: string;
  readonly outcome: object;
}

export interface Write {
  readonly changes: readonly Change[];
  readonly events: readonly ComposedEvent[];
  readonly personal: readonly SealedValue[];
  readonly outcome?: OutcomeOfKey;
}

const JOURNAL_COLUMNS =
  raw(`event_id, event_type, aggregate_type, aggregate_id, aggregate_version, transition, prior_state,
  new_state, reason_ref, actor_id, actor_kind, session_hash, authority, matrix_version, basis, correlation_id, causation_id,
  traceparent, transaction_id, transaction_index, transaction_size, epoch, occurred_at, payload`);

const JOURNAL_RECORD =
  raw(`event_id uuid, event_type text, aggregate_type text, aggregate_id text, aggregate_version integer,
  transition text, prior_state text, new_state text, reason_ref jsonb, actor_id text, actor_kind text, session_hash text,
  authority text, matrix_version text, basis text[], correlation_id text, causation_id text, traceparent text,
  transaction_id uuid, transaction_index integer, transaction_size integer, epoch integer, occurred_at text, payload text`);

/**
 * Everything a transaction writes, as ONE statement, so that COMMIT can travel behind it without waiting: the guarded changes,
 * the journal rows, the personal values, the outcome of the key. Where a guard does not find its row the statement fails and the
 * server turns the COMMIT into a ROLLBACK; nothing of it is kept.
 */
export function writeStatement({ changes, events, personal, outcome }: Write): Sql {
  const parts = events.map((event, index) => {
    const { prior } = changes[index] as Change;
    const name = raw(`change_${index}`);
    return sql`${name} as (${prior === undefined ? insertion(event) : update(event, prior.version)} returning 1)`;
  });
  const counts = join(
    events.map((_, index) => sql`(select count(*) from ${raw(`change_${index}`)})`),
    ' + ',
  );
  parts.push(sql`guard as (select guard_held(${counts} = ${events.length}::integer) as held)`);
  parts.push(sql`journaled as (insert into journal (${JOURNAL_COLUMNS}) select ${JOURNAL_COLUMNS}
    from guard, json_to_recordset(${JSON.stringify(events.map((event) => event.row))}::json) as row(${JOURNAL_RECORD})
    where guard.held)`);
  if (personal.length > 0) {
    parts.push(sql`kept as (insert into personal_value (ref, aggregate_type, aggregate_id, field, value, salt)
      select ref, aggregate_type, aggregate_id, field, value, decode(salt, 'hex')
      from json_to_recordset(${JSON.stringify(personal)}::json)
        as row(ref uuid, aggregate_type text, aggregate_id text, field text, value text, salt text))`);
  }
  if (outcome !== undefined) {
    parts.push(sql`closed as (update idempotency set outcome = ${JSON.stringify(outcome.outcome)}::jsonb
      where identity_id = ${outcome.identityId} and transition = ${outcome.transition} and key = ${outcome.key})`);
  }
  return sql`with ${join(parts, ',\n')} select held from guard`;
}

function insertion({ row, published }: ComposedEvent): Sql {
  return sql`insert into ${raw(row.aggregate_type)} (id, version, state, published, occurred_at, last_event_id)
    values (${row.aggregate_id}, 1, ${row.new_state}, ${published}, ${row.occurred_at}, ${row.event_id})`;
}

/** The guard in SQL: a race is lost here, in the database, never in memory. */
function update({ row, published }: ComposedEvent, priorVersion: number): Sql {
  return sql`update ${raw(row.aggregate_type)} set version = ${row.aggregate_version}, state = ${row.new_state},
      published = ${published}, occurred_at = ${row.occurred_at}, last_event_id = ${row.event_id}
    where id = ${row.aggregate_id} and version = ${priorVersion} and state = ${row.prior_state}`;
}
