import type { Pool, PoolClient } from '../../infra/service-kit/src/database/pool.ts';

/** A statement as it was sent. */
export interface Sent {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A pool that notes what is sent over each connection between taking it and giving it back. */
export function recording(pool: Pool, note: (sent: readonly Sent[]) => void): Pool {
  const connect = async () => {
    const client = await pool.connect();
    const sent: Sent[] = [];
    return Object.create(client, {
      query: {
        value: (query: { text: string; values?: unknown[] }) => {
          sent.push({ text: query.text, values: query.values ?? [] });
          return client.query(query);
        },
      },
      release: {
        value: (broken?: Error) => {
          client.release(broken);
          note(sent);
        },
      },
    }) as PoolClient;
  };
  return { connect, query: pool.query.bind(pool) } as unknown as Pool;
}
