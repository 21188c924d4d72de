import type { Clones } from '../clones.ts';
import { type Graph, mutation } from '../graph.ts';
import type { Act } from '../load.ts';

const CLAIM = mutation('claimJob', 'job { id state }');
const SUBMIT = mutation('submitRequest', 'request { id }');
const PAGE = `query page($surface: String!) { desk(surface: $surface) { queue(first: 25) {
  edges { node { id state mode operator { slug } createdAt dueAt version } } pageInfo { hasNextPage endCursor } } } }`;

/** Claims each job that waits once, through an endpoint. */
export function claims(graph: Graph, clones: Clones, label: string): () => Act {
  return claiming(clones, async (jobId, { slug, token }) => {
    const input = { idempotencyKey: `${label}:claim:${jobId}`, jobId, asOperator: slug };
    await graph.ask(token, CLAIM, { input }, 'claimJob');
  });
}

/** Hands out each job that waits once, to be claimed for its operator in whatever way. */
export function claiming(
  { jobs, operators }: Clones,
  claim: (jobId: string, operator: Clones['operators'][number]) => Promise<void>,
): () => Act {
  let place = 0;
  return () => {
    const jobId = jobs[place];
    const operator = operators[place % operators.length];
    place += 1;
    return {
      name: 'claimJob',
      async run() {
        if (jobId === undefined || operator === undefined) throw new Error('every job is claimed: give more --jobs');
        await claim(jobId, operator);
      },
    };
  };
}

/** Submits one request after the other. */
export function submissions(graph: Graph, token: () => Promise<string>): () => Act {
  let number = 0;
  return () => {
    const idempotencyKey = `bench:submission:${number++}`;
    return {
      name: 'submitRequest',
      async run() {
        const what = 'Noise - Residential: Loud Music/Party';
        const input = { idempotencyKey, surface: 'municipal', what, channel: 'PHONE', actor: { reference: 'bench' } };
        await graph.ask(await token(), SUBMIT, { input }, 'submitRequest');
      },
    };
  };
}

/** The first page of the desk, as a governor. */
export function firstPage(graph: Graph, token: () => Promise<string>): () => Act {
  return () => ({
    name: 'read: first page of the desk',
    async run() {
      const { desk } = await graph.ask(await token(), PAGE, { surface: 'municipal' });
      const queue = (desk as { queue: { edges: readonly unknown[] } } | null)?.queue;
      if ((queue?.edges.length ?? 0) === 0) throw new Error('an empty page');
    },
  });
}
