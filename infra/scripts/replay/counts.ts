import { type Client, Memory } from './client.ts';
import type { Principal } from './principals.ts';

/** How the chains of these rows stand, as the system says it. */
export interface Counts {
  readonly requests: number;
  readonly tasks: number;
  readonly jobs: number;
  readonly serviceEvents: number;
  readonly records: number;
  /** Number of chains by what stands in which state: `job COMPLETED` → 998. */
  readonly states: ReadonlyMap<string, number>;
}

interface Chain {
  readonly state: string;
  readonly request: { readonly id: string } | null;
  readonly task: { readonly id: string; readonly state: string } | null;
  readonly job: {
    readonly state: string;
    readonly serviceEvent: {
      readonly state: string;
      readonly record: { readonly id: string; readonly state: string } | null;
    } | null;
  } | null;
}

const CHAINS_AT_A_TIME = 25;
const CHAIN = `state request { id } task { id state }
  job { state serviceEvent { state record { id state } } }`;

/** Asks the system, as a governor, for the chain of every intake. */
export async function countChains(client: Client, governor: Principal, intakes: readonly string[]): Promise<Counts> {
  const chains: Chain[] = [];
  for (let from = 0; from < intakes.length; from += CHAINS_AT_A_TIME) {
    const batch = intakes.slice(from, from + CHAINS_AT_A_TIME);
    const fields = batch.map((id, index) => `c${index}: intake(id: ${JSON.stringify(id)}) { ${CHAIN} }`);
    const answer = await client.query<Record<string, Chain | null>>(governor, new Memory(), `{ ${fields.join('\n')} }`);
    chains.push(...Object.values(answer).filter((chain) => chain !== null));
  }
  const states = new Map<string, number>();
  const note = (what: string, state: string | undefined) => {
    if (state !== undefined) states.set(`${what} ${state}`, (states.get(`${what} ${state}`) ?? 0) + 1);
  };
  for (const { state, task, job } of chains) {
    note('intake', state);
    note('task', task?.state);
    note('job', job?.state);
    note('service event', job?.serviceEvent?.state);
    note('record', job?.serviceEvent?.record?.state);
  }
  const count = (has: (chain: Chain) => unknown) => chains.filter((chain) => has(chain) != null).length;
  return {
    requests: count((chain) => chain.request),
    tasks: count((chain) => chain.task?.state),
    jobs: count((chain) => chain.job),
    serviceEvents: count((chain) => chain.job?.serviceEvent?.state),
    records: count((chain) => chain.job?.serviceEvent?.record?.state),
    states,
  };
}

const STANDING = `{
  requests { totalCount }
  taskCounts(surface: "municipal") { state tasks }
  desk(surface: "municipal") { counts { state jobs } }
  live: serviceEvents(filter: { surface: "municipal", states: [STARTED, IN_STAGE] }) { totalCount }
  ended: serviceEvents(filter: { surface: "municipal", states: [COMPLETED, ABORTED] }) { totalCount }
  records { totalCount }
}`;

/** How everything stands that a replay may change: two that are equal say that nothing was changed in between. */
export async function standingOf(client: Client, governor: Principal): Promise<string> {
  return JSON.stringify(await client.query(governor, new Memory(), STANDING));
}
