import type { Contract } from '../contract.ts';
import type { AggregateTable, Databases } from './databases.ts';
import type { World } from './plant.ts';

/** A row that a command may be about. */
export interface Candidate {
  readonly id: string;
  readonly state: string;
}

interface TypedTable extends AggregateTable {
  /** The GraphQL type of its rows. */
  readonly type: string;
}

const PER_TYPE = 60;

/** The rows there are, by GraphQL type, newest first: those of the planted chains, and all others, with which anything may be done. */
export class Supply {
  readonly #databases: Databases;
  readonly #tables: readonly TypedTable[];
  readonly #world: World;
  #free: ReadonlyMap<string, readonly Candidate[]> = new Map();
  readonly #others = new Map<string, readonly Candidate[]>();

  private constructor(databases: Databases, tables: readonly TypedTable[], world: World) {
    this.#databases = databases;
    this.#tables = tables;
    this.#world = world;
  }

  static async open(databases: Databases, contract: Contract, world: World): Promise<Supply> {
    const types = new Map(Object.keys(contract.schema.getTypeMap()).map((name) => [snakeCase(name), name]));
    const tables = (await databases.aggregateTables()).flatMap((found) => {
      const type = types.get(found.table);
      return type === undefined ? [] : [{ ...found, type }];
    });
    await plantWhatFollowed(databases, tables, world);
    const supply = new Supply(databases, tables, world);
    await supply.refresh();
    return supply;
  }

  /** Reads again what there is. */
  async refresh(): Promise<void> {
    const free = new Map<string, readonly Candidate[]>();
    const planted = this.#world.canaries.ids;
    // What is named after a planted row is of its world, too: a delegation, a register entry, a governance task.
    const { operators } = this.#world;
    const isPlanted = ({ id }: Candidate) =>
      id.split(':').some((part) => planted.has(part) || operators.includes(part));
    for (const { service, table, type } of this.#tables) {
      const rows = await this.#databases.rows<Candidate>(
        service,
        `select id::text as id, state from (select *, row_number() over (partition by state order by occurred_at desc) as place
          from "${table}") ranked where place <= ${PER_TYPE} order by place`,
      );
      const [theirs, others] = split(rows, isPlanted);
      if (!this.#others.has(type)) this.#others.set(type, theirs);
      free.set(type, others);
    }
    this.#free = free;
  }

  /** Types that rows are known of. */
  get types(): readonly string[] {
    return this.#tables.map(({ type }) => type);
  }

  /** Rows nobody's visibility rests on. */
  free(type: string): readonly Candidate[] {
    if (type === 'Identity') return this.#world.scapegoats.map((id) => ({ id, state: 'ACTIVE' }));
    return this.#free.get(type) ?? [];
  }

  /** Rows of the two operators. */
  planted(type: string): readonly Candidate[] {
    return this.#others.get(type) ?? [];
  }
}

/** Plants the ids of all rows that name a planted row: what followed from it elsewhere, and nobody was told of. */
async function plantWhatFollowed(databases: Databases, tables: readonly AggregateTable[], world: World): Promise<void> {
  for (const { service, table } of tables) {
    const known = world.canaries.ids;
    const rows = await databases.rows<{ id: string; names: string }>(
      service,
      `select own.id::text as id, planted.id as names from "${table}" own
        join unnest($1::text[]) as planted (id) on own.published::text like '%' || planted.id || '%'
        where own.id::text ~ '^[0-9a-f-]{36}$' and not own.id::text = any($1)`,
      [[...known.keys()]],
    );
    for (const { id, names } of rows) {
      const chain = known.get(names);
      if (chain !== undefined) world.canaries.plantIds(chain, [id]);
    }
  }
}

function split<T>(items: readonly T[], belongs: (item: T) => boolean): readonly [T[], T[]] {
  const [inside, outside]: [T[], T[]] = [[], []];
  for (const item of items) (belongs(item) ? inside : outside).push(item);
  return [inside, outside];
}

/** A type's name as its table has it. */
export function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}
