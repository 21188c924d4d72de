import { flight, ROLLBACK } from '../command/flight.ts';
import type { Pool, PoolClient } from './pool.ts';

/**
 * Gives `work` a connection, on which it opens and ends a transaction; where it fails, that is rolled back. A connection that cannot
 * even do so is thrown away.
 */
export async function onConnection<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await work(client);
  } catch (error) {
    await flight(client, [ROLLBACK]).catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
