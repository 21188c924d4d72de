import { Refused } from '../replay/client.ts';
import { type Membership, type Plan, type Running, sha256Of } from './compare.ts';
import { detailOf, type Graph } from './graph.ts';
import type { Checked, FoundEntry, FoundTransfer, Note } from './layout.ts';
import { readEntries, readOperators, readRegistered, readTransfers } from './running.ts';

/** The list of all files of entries and transfers, as `sha256sum` writes it, in the order of their paths. */
export function manifestOf({ entries, transfers }: Pick<Checked, 'entries' | 'transfers'>): string {
  return [...entries, ...transfers]
    .map(({ path, content }) => ({ path, line: `${sha256Of(content)}  ${path}\n` }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ line }) => line)
    .join('');
}

/** Reads what an import must know of the running system. */
export async function readRunning(graph: Graph, checked: Checked, onRead?: (nodes: number) => void): Promise<Running> {
  const entries = await readEntries(graph, onRead);
  const transfers = await readTransfers(graph, onRead);
  const operators = await readOperators(graph, onRead);
  const people = checked.memberships.map(({ identityId }) => identityId);
  return { entries, transfers, ...operators, registered: await readRegistered(graph, people) };
}

export interface Imported {
  /** Null where everything was in before. */
  readonly importId: string | null;
  /** Whether the register says that all of the files came. */
  readonly complete: boolean;
  readonly given: number;
  readonly waiting: readonly Note[];
}

const CONCURRENCY = 8;

/**
 * Takes the files over: entries, transfers, memberships. Interrupted anywhere, the same again goes on: every step has a key that is made
 * of its file.
 * @throws Refused for the first file that is refused; what came before it stays, and the import stays open
 */
export async function importRegister(
  graph: Graph,
  checked: Checked,
  plan: Plan,
  onStep: () => void = () => undefined,
): Promise<Imported> {
  const { importId, complete, seen } = await importFiles(graph, checked, plan, onStep);
  const waiting = [...plan.waiting];
  let given = 0;
  await each(plan.memberships, async (membership) => {
    const refusal = await give(seen.get(membership.operator) ?? graph, membership);
    if (refusal === undefined) given += 1;
    else waiting.push({ path: membership.path, what: refusal });
    onStep();
  });
  return { importId, complete, given, waiting };
}

/** `seen`: for each operator, a matter that has seen its entry. */
interface Files extends Pick<Imported, 'importId' | 'complete'> {
  readonly seen: ReadonlyMap<string, Graph>;
}

async function importFiles(graph: Graph, checked: Checked, plan: Plan, onStep: () => void): Promise<Files> {
  const seen = new Map<string, Graph>();
  const opened = await open(graph, sha256Of(manifestOf(checked)), plan.entries.length + plan.transfers.length === 0);
  if (opened === undefined) return { importId: null, complete: true, seen };
  const { id: importId, state } = opened;
  if (state === 'CLOSED') {
    const left = plan.entries.length + plan.transfers.length;
    if (left > 0) throw new Error(`import ${importId} of these files was closed before ${left} of them came`);
    return { importId, complete: opened.complete === true, seen };
  }
  await each(plan.entries, async (entry) => {
    const matter = graph.branch();
    await take(matter, 'importRegisterEntry', importId, entry);
    seen.set(entry.objectId, matter);
    onStep();
  });
  await each(plan.transfers, async (transfer) => {
    await take(graph.branch(), 'importTransfer', importId, transfer);
    onStep();
  });
  const input = { idempotencyKey: `register:close:${importId}`, importId };
  const { registerImport } = await graph.tell<{ registerImport: Opened }>('closeRegisterImport', IMPORT, input);
  return { importId, complete: registerImport.complete === true, seen };
}

const IMPORT = 'registerImport { id state complete manifestSha256 }';
interface Opened {
  readonly id: string;
  readonly state: 'OPEN' | 'CLOSED';
  readonly complete: boolean | null;
  readonly manifestSha256: string;
}

/** Opens the import, or finds it open as somebody left it. Undefined where there is nothing to take in any more. */
async function open(graph: Graph, manifestSha256: string, isDone: boolean): Promise<Opened | undefined> {
  try {
    const input = { idempotencyKey: `register:open:${manifestSha256}`, manifestSha256 };
    return (await graph.tell<{ registerImport: Opened }>('openRegisterImport', IMPORT, input)).registerImport;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code === 'REGISTER_NOT_EMPTY' && isDone) return undefined;
    const left = error.code === 'IMPORT_OPEN' ? detailOf(error, 'importId') : undefined;
    if (left === undefined) throw error;
    const found = await graph.ask<{ registerImport: Opened | null }>(
      `{ registerImport(id: ${JSON.stringify(left)}) { id state complete manifestSha256 } }`,
    );
    if (found.registerImport?.manifestSha256 === manifestSha256) return found.registerImport;
    throw new Error(`import ${left} of other files is open: closeRegisterImport ends it`);
  }
}

async function take(
  graph: Graph,
  field: 'importRegisterEntry' | 'importTransfer',
  importId: string,
  { path, content }: FoundEntry | FoundTransfer,
): Promise<void> {
  const idempotencyKey = keyOf(path, content, importId);
  try {
    await graph.tell(field, '__typename', { idempotencyKey, importId, path, content });
  } catch (error) {
    // Another run of the same files, by somebody else.
    if (!(error instanceof Refused && error.code === 'ALREADY_IMPORTED')) throw error;
  }
}

/** Gives a membership; what it still takes, where it is refused. */
async function give(graph: Graph, { path, content, operator, identityId }: Membership): Promise<string | undefined> {
  try {
    const idempotencyKey = keyOf(path, content, operator);
    await graph.tell('addWorkspaceMember', '__typename', { idempotencyKey, operator, identityId });
    return undefined;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code === 'WRONG_STATE') return undefined;
    return `the operator ${operator}: ${error.message}`;
  }
}

/** The same for the same file, wherever the run before was interrupted. */
const keyOf = (path: string, content: string, further: string) =>
  `register:${sha256Of(`${path}\n${sha256Of(content)}\n${further}`)}`;

/** So many at a time; the first failure ends it once what is on its way is answered. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const failures: unknown[] = [];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined && failures.length === 0; item = waiting.shift()) {
      await work(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  if (failures.length > 0) throw failures[0];
}
