import { setTimeout as sleep } from 'node:timers/promises';
import { assertFree, writeFolder } from './folder.ts';
import type { Graph } from './graph.ts';
import type { Checked, Layout, Note } from './layout.ts';
import {
  inForce,
  type Operators,
  objectOf,
  type RunningEntry,
  type RunningTransfer,
  readEntries,
  readOperators,
  readTransfers,
} from './running.ts';

export interface Exported {
  readonly files: ReadonlyMap<string, string>;
  readonly checked: Checked;
  /** Objects that their holders locked: a lock is for the register it was set in, and no file tells of it. */
  readonly locked: readonly string[];
}

/** How often a register that is at work is read before it is given up. */
const MAX_READINGS = 3;
const PAUSE_MS = 1_000;
/** What a running register tells has happened. */
const FAR = '9999-12-31T23:59:59.999999Z';

/**
 * Reads the whole register and writes it as files. What was read page by page must fit together, or it is read again.
 * @throws Error where it never does
 */
export async function exportRegister(
  graph: Graph,
  layout: Layout,
  folder: string,
  onRead: (nodes: number) => void,
): Promise<Exported> {
  await assertFree(folder);
  for (let readings = 1; ; readings++) {
    const entries = await readEntries(graph, onRead);
    const transfers = await readTransfers(graph, onRead);
    const operators = await readOperators(graph, onRead);
    const files = composed(layout, entries, transfers, operators);
    const checked = layout.check(new Map([...files].map(([path, content]) => [path, { content }])), FAR);
    const fault = unregistered(entries, operators) ?? checked.faults[0];
    if (fault === undefined) {
      await writeFolder(folder, files);
      const locked = entries.filter(({ state }) => state === 'LOCKED').map(objectOf);
      return { files, checked, locked };
    }
    if (readings === MAX_READINGS) throw new Error(`what was read does not fit together: ${fault.path}: ${fault.what}`);
    await sleep(PAUSE_MS);
  }
}

/** An operator that was onboarded a moment ago enters the register a moment later. */
function unregistered(entries: readonly RunningEntry[], { slugs }: Operators): Note | undefined {
  const registered = new Set(entries.map(objectOf));
  const slug = [...slugs].find((one) => !registered.has(`operator:${one}`));
  return slug === undefined ? undefined : { path: slug, what: 'the operator is not in the register yet' };
}

/** Every file by its path. */
export function composed(
  layout: Layout,
  entries: readonly RunningEntry[],
  transfers: readonly RunningTransfer[],
  { memberships }: Pick<Operators, 'memberships'>,
): ReadonlyMap<string, string> {
  const { entryFile, transferFile, pathOf, written } = layout;
  const files = new Map<string, string>();
  for (const entry of entries) {
    files.set(pathOf({ kind: 'entry', ...objectPart(entry) }), written(entryFile(entry, entry.importedSetBy)));
  }
  for (const { state, transitions } of transfers) {
    const transferId = state.id;
    files.set(pathOf({ kind: 'history', transferId }), written(transferFile(state, transitions)));
    if (state.state !== 'proposed' && state.state !== 'accepted') continue;
    files.set(pathOf({ kind: 'index', ...objectPart(state) }), written({ transferId }));
  }
  const versions = new Map(entries.map((entry) => [objectOf(entry), entry.registerVersion]));
  for (const [identityId, theirs] of Map.groupBy(inForce(memberships, versions), (one) => one.identityId)) {
    const operatorSlugs = theirs.map(({ operator }) => operator).sort();
    files.set(pathOf({ kind: 'membership', identityId }), written({ operatorSlugs }));
  }
  return files;
}

const objectPart = ({ objectClass, objectId }: { readonly objectClass: string; readonly objectId: string }) => {
  return { objectClass, objectId };
};
