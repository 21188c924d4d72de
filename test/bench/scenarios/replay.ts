import type { Agency } from '../../../infra/scripts/replay/agencies.ts';
import { Client } from '../../../infra/scripts/replay/client.ts';
import { Latencies } from '../../../infra/scripts/replay/latencies.ts';
import { replayRow } from '../../../infra/scripts/replay/row.ts';
import type { SourceRow } from '../../../infra/scripts/replay/source.ts';
import type { Scenario } from '../scenario.ts';

/** Commands of a request that is carried out to its end. */
const COMMANDS_PER_CHAIN = 11;

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

/** Real requests in a loop, each from submission to sealed record; --rate is commands per second, so requests begin at an eleventh of it. */
export const replayLoop: Scenario = {
  about: 'real requests in a loop, from submission to sealed record; --rate is commands per second',
  defaults: { rate: 100, clients: 16 },
  async run({ system, people, agencies, rows }, options, measure) {
    const closed = rows.filter((row) => row.closedDate.trim() !== '');
    let lap = 0;
    const next = () => {
      const row = closed[lap % closed.length] as SourceRow;
      const key = `bench:${lap}:${row.key}`;
      lap += 1;
      return {
        name: 'read: whole chain',
        async run(note: (name: string, ms: number) => void) {
          const client = new Client(system.endpoint, new Noted(note));
          await replayRow(client, people, agencies.get(row.agency) as Agency, { ...row, key });
        },
      };
    };
    await measure('replay in a loop', next, { rate: options.rate / COMMANDS_PER_CHAIN });
  },
};
