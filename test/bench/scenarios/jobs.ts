import { Random } from '../../harness/random.ts';
import { cloneJobs } from '../clones.ts';
import { Graph } from '../graph.ts';
import { openReader } from '../measure/reader.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';
import { claims, firstPage, submissions } from './acts.ts';

/** Where the service of jobs itself listens. */
export function jobsEndpoint({ system }: World): string {
  return `${system.services.get('jobs')?.[0]?.url}/graphql`;
}

/** Every arrival claims a job of its own, for one of the operators. */
export const claimStorm: Scenario = {
  about: 'claims of waiting jobs by many operators, through the gateway',
  defaults: { rate: 200, clients: 32, jobs: 100_000, operators: 1_000 },
  async run(world, options, measure, log) {
    const clones = await cloneJobs(world, options, log);
    const graph = new Graph(world.system.endpoint);
    await measure(
      `claim storm on ${options.jobs} jobs of ${options.operators} operators`,
      claims(graph, clones, 'storm'),
    );
    await graph.close();
  },
};

const READS = 0.95;

/** A desk that many look at: nineteen reads for every claim. */
export const desk: Scenario = {
  about: 'a desk that many look at: 95 % first pages, 5 % claims, through the gateway',
  defaults: { rate: 100, clients: 16, jobs: 100_000, operators: 1_000 },
  async run(world, options, measure, log) {
    const clones = await cloneJobs(world, options, log);
    const graph = new Graph(world.system.endpoint);
    const [page, claim] = [firstPage(graph, world.people.governor.token), claims(graph, clones, 'desk')];
    const random = new Random(options.seed);
    await measure(`desk over ${options.jobs} jobs`, () => (random.chance(READS) ? page() : claim()));
    await graph.close();
  },
};

/** A submission and what follows from it: the request, its intake, the task that governance makes, and what the intake becomes. */
const FACTS_PER_SUBMISSION = 4;

/** Facts by commands, at the service itself: what relay, broker and followers do with them is what is looked at. */
export const events: Scenario = {
  about: 'facts by submissions at the service of jobs itself, four each with what follows; --rate is facts per second',
  defaults: { rate: 500, clients: 32 },
  async run(world, options, measure, log) {
    const graph = new Graph(jobsEndpoint(world));
    const reader = await openReader(world, 'jobs');
    const submitting = submissions(graph, world.people.requester.token);
    await measure('facts by commands', submitting, { rate: options.rate / FACTS_PER_SUBMISSION });
    log(await reader.close());
    await graph.close();
  },
};

const SIZES = [10_000, 100_000, 1_000_000] as const;

/** The same claims and first pages, by one client after the other, while the tables grow a hundredfold. */
export const growth: Scenario = {
  about: 'claim and first page at the service itself as jobs grow: 10,000, 100,000, up to --jobs',
  defaults: { rate: 0, clients: 1, seconds: 10, jobs: 1_000_000, operators: 100 },
  async run(world, options, measure, log) {
    const medians = new Map<string, number[]>();
    for (const jobs of SIZES.filter((size) => size <= options.jobs)) {
      const clones = await cloneJobs(world, { jobs, operators: options.operators }, log);
      const graph = new Graph(jobsEndpoint(world));
      const [page, claim] = [firstPage(graph, world.people.governor.token), claims(graph, clones, `growth-${jobs}`)];
      let turn = 0;
      const { times } = await measure(`growth: ${jobs} jobs`, () => (turn++ % 2 === 0 ? page() : claim()));
      for (const [name, histogram] of times) {
        medians.set(name, [...(medians.get(name) ?? []), histogram.getValueAtPercentile(50)]);
      }
      await graph.close();
    }
    for (const [name, values] of medians) {
      log(
        `${name}: median ${values.map((us) => `${(us / (values[0] ?? 1)).toFixed(2)} ×`).join(', ')} of that at ${SIZES[0]}`,
      );
    }
  },
};
