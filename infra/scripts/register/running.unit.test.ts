import { expect, test } from 'vitest';
import type { Graph } from './graph.ts';
import { readTransfers } from './running.ts';

/** A graph that shows these transfers, on one page. */
function graphWith(nodes: readonly object[]): Graph {
  const graph: Graph = {
    ask: async () => {
      const page = { edges: nodes.map((node) => ({ node })), pageInfo: { hasNextPage: false, endCursor: null } };
      return { transfers: page } as never;
    },
    tell: () => Promise.reject(new Error('only read here')),
    branch: () => graph,
  };
  return graph;
}
const shown = (transitions: readonly string[]) => ({
  id: 't1',
  state: 'accepted',
  proposedBy: { id: 'holder' },
  acceptedBy: { id: 'buyer' },
  endedBy: null,
  waivedBy: null,
  evidence: [{ sha256: 'a', addedBy: { id: 'holder' } }],
  transitions: transitions.map((transition) => ({ transition })),
});

test('people are shown by their ids, as the state of a transfer has them', async () => {
  const [transfer] = await readTransfers(graphWith([shown([])]));
  expect(transfer?.state).toEqual({
    id: 't1',
    state: 'accepted',
    proposedBy: 'holder',
    acceptedBy: 'buyer',
    endedBy: null,
    waivedBy: null,
    evidence: [{ sha256: 'a', addedBy: 'holder' }],
  });
});

test('of its journal the rows of its life are taken, and neither that of an import nor those of restores', async () => {
  const rows = ['transfer.propose', 'transfer.import', 'transfer.restore', 'transfer.accept', 'transfer.restore'];
  const [transfer] = await readTransfers(graphWith([shown(rows)]));
  expect(transfer?.transitions).toEqual([{ transition: 'transfer.propose' }, { transition: 'transfer.accept' }]);
});
