import { Client, type QueryResultRow } from 'pg';
import type { TestSystem } from './system.ts';

/** Makes a statement as the running service may make it: with its own role, in its own database. */
export async function asService<R extends QueryResultRow = QueryResultRow>(
  system: Pick<TestSystem, 'databases'>,
  service: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly R[]> {
  const client = new Client({ connectionString: system.databases.get(service)?.appUrl });
  await client.connect();
  try {
    return (await client.query<R>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}
