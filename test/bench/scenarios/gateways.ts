import { chains } from '../chains.ts';
import { Graph } from '../graph.ts';
import { load } from '../load.ts';
import { usageOf } from '../measure/processes.ts';
import { installPeer, type Peer, startPeer } from '../peer.ts';
import { table } from '../report.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const ROUNDS = 3;
/** Each request asks for another of so many jobs: gateways that send equal requests once would have nothing to do. */
const CHAINS = 100;

/** Each as a client would ask it; the second one needs every subgraph. */
const QUERIES = {
  'one subgraph': `query job($id: ID!) { job(id: $id) { id state mode createdAt dueAt version } }`,
  'four subgraphs': `query chain($id: ID!) { job(id: $id) { id state version operator { slug name state }
    task { id state version } serviceEvent { id state stage } } }`,
} as const;

interface Measured {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Of the gateway's own processor time. */
  readonly msEach: number;
}

/** The same reads through our gateway and through another one, before the same subgraphs, in turns. */
export const gateways: Scenario = {
  about: 'the same reads through our gateway and through another one, in turns (installs the other one)',
  defaults: { rate: 0, clients: 16, seconds: 8, warmup: 8 },
  async run(world, options, _, log) {
    installPeer(log);
    const ids = await completedJobs(world);
    const ours = { name: 'ours', endpoint: world.system.endpoint, pid: world.system.gateway.pid ?? 0 };
    const peers = [
      await startPeer(world, 'hive-gateway', []),
      await startPeer(world, 'hive-gateway-router-runtime', ['--hive-router-runtime']),
    ];
    try {
      for (const [what, query] of Object.entries(QUERIES)) {
        const results = new Map<string, Measured[]>();
        for (let round = 0; round <= ROUNDS; round++) {
          for (const one of [ours, ...peers]) {
            const seconds = round === 0 ? options.warmup : options.seconds;
            const measured = await ask(world, one, query, ids, { ...options, seconds });
            if (round > 0) results.set(one.name, [...(results.get(one.name) ?? []), measured]);
          }
        }
        log(`\n## ${what}\n`);
        log(tableOf(results).join('\n'));
      }
    } finally {
      for (const peer of peers) await peer.stop();
    }
  },
};

/** Jobs that were carried out to their end, so that every part of their chains is there. */
async function completedJobs(world: World): Promise<readonly string[]> {
  const { system, people } = world;
  const next = chains(system.endpoint, world, 'gateways');
  await Promise.all(Array.from({ length: CHAINS }, () => next().run(() => undefined)));
  const graph = new Graph(system.endpoint);
  const token = await people.governor.token();
  const { jobs } = await graph.ask(token, `{ jobs(first: ${CHAINS}) { edges { node { id } } } }`, {});
  await graph.close();
  return (jobs as { edges: { node: { id: string } }[] }).edges.map(({ node }) => node.id);
}

async function ask(
  { people }: World,
  { endpoint, pid }: Omit<Peer, 'stop'>,
  query: string,
  ids: readonly string[],
  options: { readonly clients: number; readonly seconds: number; readonly seed: number },
): Promise<Measured> {
  const graph = new Graph(endpoint);
  let asked = 0;
  const run = async () => {
    const id = ids[asked++ % ids.length];
    const { job } = await graph.ask(await people.governor.token(), query, { id });
    if ((job as { id?: string } | null)?.id !== id) throw new Error('the job is not there');
  };
  const used = () => usageOf(new Map([['it', pid]])).get('it')?.cpuSeconds ?? 0;
  const before = used();
  const { times, seconds, failures } = await load({ ...options, rate: 0, next: () => ({ name: 'ask', run }) });
  await graph.close();
  const [[reason] = []] = [...failures];
  const histogram = times.get('ask');
  if (reason !== undefined || histogram === undefined) throw new Error(`${endpoint}: ${reason}`);
  return {
    perSecond: histogram.totalCount / seconds,
    p50: histogram.getValueAtPercentile(50) / 1_000,
    p99: histogram.getValueAtPercentile(99) / 1_000,
    msEach: ((used() - before) * 1_000) / histogram.totalCount,
  };
}

/** Medians over the rounds, and how ours stands to each of the others. */
function tableOf(results: ReadonlyMap<string, readonly Measured[]>): string[] {
  const rows = [...results].map(([name, rounds]) => {
    const of = (field: keyof Measured) => median(rounds.map((round) => round[field]));
    return { name, perSecond: of('perSecond'), p50: of('p50'), p99: of('p99'), msEach: of('msEach') };
  });
  const ours = rows[0]?.perSecond ?? 0;
  const head = ['gateway', 'per s', 'p50 ms', 'p99 ms', 'ms of processor each', 'ours to it'];
  return table([
    head,
    ...rows.map(({ name, perSecond, p50, p99, msEach }) => {
      const numbers = [perSecond.toFixed(0), p50.toFixed(1), p99.toFixed(1), msEach.toFixed(2)];
      return [name, ...numbers, `${(ours / perSecond).toFixed(2)} ×`];
    }),
  ]);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
