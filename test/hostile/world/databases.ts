import { Pool } from 'pg';

/** A row of the catalogue: a table that holds aggregates. */
export interface AggregateTable {
  readonly service: string;
  readonly table: string;
}

/** The services' databases, entered past the services: what is true of rows is read from the rows. */
export class Databases {
  readonly #pools: ReadonlyMap<string, Pool>;

  /** @param urls by service, of a role that may read every table */
  constructor(urls: ReadonlyMap<string, string>) {
    this.#pools = new Map(
      [...urls].map(([service, connectionString]) => [service, new Pool({ connectionString, max: 2 })]),
    );
  }

  get services(): readonly string[] {
    return [...this.#pools.keys()];
  }

  async rows<R>(service: string, text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    const pool = this.#pools.get(service);
    if (pool === undefined) throw new Error(`no database of ${service}`);
    return (await pool.query(text, [...values])).rows as R[];
  }

  /** Every table of aggregates: those whose rows name the event that made them what they are. */
  async aggregateTables(): Promise<readonly AggregateTable[]> {
    const found = await Promise.all(
      this.services.map(async (service) => {
        const rows = await this.rows<{ table: string }>(
          service,
          `select table_name as table from information_schema.columns
            where table_schema = 'public' and column_name = 'last_event_id' order by 1`,
        );
        return rows.map(({ table }) => ({ service, table }));
      }),
    );
    return found.flat();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
  }
}
