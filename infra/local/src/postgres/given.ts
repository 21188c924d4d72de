import { Client } from 'pg';
import { LocalStackFault } from '../fault.ts';
import type { Cluster } from './cluster.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** What must hold of a server that is not ours, each as a question to it; the answer is null where it holds. */
const CONDITIONS = `select concat_ws(', ',
  case when current_setting('server_version_num')::int < 180000
    then 'it is PostgreSQL ' || current_setting('server_version') || ', not 18' end,
  case when current_setting('wal_level') <> 'logical' then 'wal_level is not logical' end,
  case when not (select rolsuper from pg_roles where rolname = current_user)
    then current_user || ' is not a superuser' end) as faults`;

/**
 * A server that runs already: looked at, never started or stopped.
 * @throws LocalStackFault where it does not answer, or is not as services need it
 */
export async function givenCluster(url: string): Promise<Cluster> {
  const { hostname: host, port, password } = new URL(url);
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // The passwords of the services' roles are derived from it.
  if (password === '')
    throw new LocalStackFault('QTM_LOCAL_POSTGRES_URL has no password: postgres://user:password@host:port/postgres');
  const name = `the PostgreSQL of QTM_LOCAL_POSTGRES_URL (${host}:${port})`;
  try {
    await client.connect();
  } catch (error) {
    throw new LocalStackFault(`${name} does not answer: ${(error as Error).message}`);
  }
  try {
    const { rows } = await client.query<{ faults: string }>(CONDITIONS);
    const faults = rows[0]?.faults ?? '';
    if (faults !== '') throw new LocalStackFault(`${name} cannot be used: ${faults}`);
  } finally {
    await client.end();
  }
  const notOurs = () => Promise.reject(new LocalStackFault(`${name} is not ours to stop or start`));
  return {
    adminUrl: url,
    host,
    port: Number(port === '' ? 5_432 : port),
    ours: false,
    pid: undefined,
    kill: notOurs,
    restart: notOurs,
    stop: async () => {},
  };
}
