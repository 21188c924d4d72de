import pg from 'pg';
import type { Logger } from '../process/logger.ts';

/** 8-byte integers become bigint: a number would lose digits silently. */
const INT8_OID = 20;
pg.types.setTypeParser(INT8_OID, BigInt);

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;

export interface PoolOptions {
  readonly url: string;
  readonly name: string;
  readonly size: number;
  readonly logger: Logger;
  /** Longest wait for a free connection. */
  readonly acquireTimeoutMs?: number;
}

const ACQUIRE_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 10_000;
const LOCK_TIMEOUT_MS = 8_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;

/** What holds on every connection, as the server takes it. */
export const SESSION_OPTIONS = [
  `-c statement_timeout=${STATEMENT_TIMEOUT_MS}`,
  `-c lock_timeout=${LOCK_TIMEOUT_MS}`,
  `-c idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_TIMEOUT_MS}`,
  // Planned once per connection: what a session may see takes 10 ms to plan and 0.2 ms to run.
  '-c plan_cache_mode=force_generic_plan',
  // A plan may be made while tables are empty and is kept while they grow, so none may read whole tables: every statement has an index.
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off',
].join(' ');

/**
 * A bounded pool whose connections pipeline: statements sent without waiting travel in one flight. Every limit that keeps one
 * stuck client from holding up others is set on the connection, so the server enforces it even when this process hangs.
 */
export function createPool({ url, name, size, logger, acquireTimeoutMs = ACQUIRE_TIMEOUT_MS }: PoolOptions): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    max: size,
    pipeline: true,
    connectionTimeoutMillis: acquireTimeoutMs,
    idleTimeoutMillis: 60_000,
    options: SESSION_OPTIONS,
  });
  // The error of an idle connection carries the whole connection with it, which is nothing for a log.
  pool.on('error', ({ message }) => logger.warn({ reason: message, pool: name }, 'an idle connection ended'));
  // While somebody has a connection the pool does not listen to it, and an error that nobody hears ends the process. Who has it hears
  // from the statement; the pool throws the connection away once it is given back.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
