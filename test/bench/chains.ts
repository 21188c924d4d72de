import { join } from 'node:path';
import { ROOT, type SigningKey } from '@qtm/local';
import { type Agency, prepare } from '../../infra/scripts/replay/agencies.ts';
import { Client } from '../../infra/scripts/replay/client.ts';
import { Latencies } from '../../infra/scripts/replay/latencies.ts';
import { type Cast, cast } from '../../infra/scripts/replay/principals.ts';
import { replayRow } from '../../infra/scripts/replay/row.ts';
import { readSource, type SourceRow } from '../../infra/scripts/replay/source.ts';
import type { Act } from './load.ts';

/** Requests that are there for every clone: an excerpt of real ones. */
const EXCERPT = join(ROOT, 'test/data/nyc311-excerpt.csv');

/** Commands of a request that is carried out to its end. */
export const COMMANDS_PER_CHAIN = 11;

/** Real requests, and who acts in them. */
export interface Play {
  readonly people: Cast;
  readonly rows: readonly SourceRow[];
  readonly agencies: ReadonlyMap<string, Agency>;
}

/** Sees to it that everybody is registered, and every agency an active operator. */
export async function openPlay(endpoint: string, key: SigningKey): Promise<Play> {
  const people = cast(key);
  const { rows } = await readSource(EXCERPT);
  const agencies = await prepare(new Client(endpoint, new Latencies()), key, people, rows);
  return { people, rows, agencies };
}

/** Hands the time of each command on instead of keeping it. */
class Noted extends Latencies {
  readonly #note: (name: string, ms: number) => void;

  constructor(note: (name: string, ms: number) => void) {
    super();
    this.#note = note;
  }

  override add(name: string, ms: number): void {
    this.#note(name, ms);
  }
}

/**
 * One request after the other, each from submission to sealed record; the rows begin anew, under other keys, once all were had.
 * `label` begins every key.
 */
export function chains(endpoint: string, { people, rows, agencies }: Play, label: string): () => Act {
  const closed = rows.filter((row) => row.closedDate.trim() !== '');
  let next = 0;
  return () => {
    const row = closed[next % closed.length] as SourceRow;
    const key = `${label}:${next}:${row.key}`;
    next += 1;
    return {
      name: 'read: whole chain',
      async run(note) {
        const client = new Client(endpoint, new Noted(note));
        await replayRow(client, people, agencies.get(row.agency) as Agency, { ...row, key });
      },
    };
  };
}
