import { Client } from 'pg';
import type { Bench } from '../../../test/harness/bench.ts';

/** Runs statements as the owner of the tables, who may do what the running service may not. */
export async function asOwner({ urls }: Pick<Bench, 'urls'>, text: string, values: readonly unknown[] = []) {
  const client = new Client({ connectionString: urls.ownerUrl });
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows;
  } finally {
    await client.end();
  }
}
