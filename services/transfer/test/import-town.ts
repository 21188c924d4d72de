import { createHash } from 'node:crypto';
import { canonicalJson, fromWire, type Session, toWire } from '@qtm/service-kit';
import { composed } from '../../../infra/scripts/register/export.ts';
import type { Graph } from '../../../infra/scripts/register/graph.ts';
import { manifestOf } from '../../../infra/scripts/register/import.ts';
import { loadLayout } from '../../../infra/scripts/register/layout.ts';
import { readEntries, readTransfers } from '../../../infra/scripts/register/running.ts';
import { Refused } from '../../../infra/scripts/replay/client.ts';
import { operatorHeldBy, registered } from '../../../test/harness/people.ts';
import { sessionOf } from '../../../test/harness/sessions.ts';
import { pathOf, written } from '../src/domain/layout.ts';
import { FAR, PEOPLE as FOUR, filesOf, type Register } from '../src/domain/test/histories.ts';
import { soldTwice } from '../src/domain/test/layouts.ts';
import { openTown, PEOPLE, type Town } from './town.ts';

/** Files of a register by their paths, those of entries first. */
export type Files = ReadonlyMap<string, string>;

export const WIRE = { canonicalJson, toWire, fromWire };
const layout = await loadLayout();

/** Somebody who proved who they are a moment ago. */
export const fresh = (session: Session): Session => ({ ...session, authTime: Math.floor(Date.now() / 1_000) });
/** The people of the files. */
export const [first, second, third] = FOUR.map((identityId, index) => {
  return { ...sessionOf(`four-${index}`), identityId };
}) as [Session, Session, Session];

/** The files of a register that are handed to the service: entries and transfers. */
export function layoutOf(register: Register): Files {
  const { entries, transfers } = filesOf(register);
  return new Map([
    ...entries.map(({ objectId, file }) => [entryPath(objectId), written(file, WIRE)] as const),
    ...transfers.map((file) => [pathTo(file), written(file, WIRE)] as const),
  ]);
}
const entryPath = (objectId: string) => pathOf({ kind: 'entry', objectClass: 'operator', objectId });
export const pathTo = ({ transferId }: { readonly transferId: string }) => pathOf({ kind: 'history', transferId });
export const NYPD = entryPath('nypd');
export const SOLD_TWICE = layoutOf(soldTwice());

export const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
export const check = (files: Files) =>
  layout.check(new Map([...files].map(([path, content]) => [path, { content }])), FAR);
export const manifest = (files: Files) => sha256(manifestOf(check(files)));
export const withoutIndexes = (files: Files): Files =>
  new Map([...files].filter(([path]) => !path.includes('transfer-index')));

const fieldOf = (path: string) => (path.startsWith('access/') ? 'importRegisterEntry' : 'importTransfer');

/** A town with somebody who imports registers into it. */
export interface ImportTown extends Town {
  readonly superAdmin: Session;
  /** Opens an import of these files. */
  opened(files?: Files): Promise<string>;
  /** How taking in a file ends: the error's code, the refusal's with what it says of the file it names, or 'accepted'. */
  take(importId: string, path: string, content: string | undefined, by?: Session): Promise<string>;
  /** Opens an import and takes every file in. */
  imported(files?: Files): Promise<string>;
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for
  close(importId: string): Promise<any>;
  /** What `npm run register -- export` writes of it; the operators of the town itself left out. */
  exported(): Promise<Files>;
  /** The operators of the files become known, held by whom the files say, with everybody they speak of. */
  operatorsKnown(): Promise<void>;
  /** How the proposal of an operator to somebody ends. */
  proposal(by: Session, objectId: string, to: Session): Promise<string>;
}

/** The graph as the command sees it, in somebody's session. */
export function graphAs(town: Town, session: Session): Graph {
  const graph: Graph = {
    async ask(query) {
      const { data, errors } = await town.ask(session, query);
      if (errors.length > 0) throw new Error(JSON.stringify(errors));
      return data;
    },
    async tell(field, selection, input) {
      const { data, errors } = await town.attempt(session, field, input, selection);
      if (errors.length > 0) throw new Refused(field, String(errors[0]?.extensions?.code), '');
      const { refusal } = data[field];
      if (refusal !== null) throw new Refused(field, refusal.code, '', refusal.details);
      return data[field];
    },
    branch: () => graph,
  };
  return graph;
}

export async function openImportTown(): Promise<ImportTown> {
  const town = await openTown();
  const superAdmin = fresh(PEOPLE.superAdmin);
  const graph = graphAs(town, superAdmin);
  const opened = async (files = SOLD_TWICE) => {
    const input = { manifestSha256: manifest(files) };
    return (await town.mutate(superAdmin, 'openRegisterImport', input, 'registerImport { id }')).registerImport.id;
  };
  const take: ImportTown['take'] = async (importId, path, content, by = superAdmin) => {
    const { data, errors } = await town.attempt(by, fieldOf(path), { importId, path, content });
    if (errors.length > 0) return String(errors[0]?.extensions?.code);
    const { refusal } = data[fieldOf(path)];
    if (refusal === null) return 'accepted';
    const details = new Map(refusal.details.map(({ name, value }: { name: string; value: string }) => [name, value]));
    if (details.get('path') !== path) throw new Error(`${refusal.code} does not name ${path}`);
    return details.has('what') ? `${refusal.code}: ${details.get('what')}` : refusal.code;
  };
  return {
    ...town,
    superAdmin,
    opened,
    take,
    async imported(files = SOLD_TWICE) {
      const importId = await opened(files);
      for (const [path, content] of files) {
        const outcome = await take(importId, path, content);
        if (outcome !== 'accepted') throw new Error(`${path}: ${outcome}`);
      }
      return importId;
    },
    close: async (importId) =>
      (
        await town.mutate(
          superAdmin,
          'closeRegisterImport',
          { importId },
          'registerImport { id state complete closedAt }',
        )
      ).registerImport,
    async exported() {
      const files = composed(layout, await readEntries(graph), await readTransfers(graph), { memberships: [] });
      return new Map([...files].filter(([path]) => !/\/(?:crew|rivals)\.json$/.test(path)));
    },
    async operatorsKnown() {
      const held = [
        ['dot', first],
        ['fdny', second],
        ['nypd', second],
      ] as const;
      await town.feed(...[first, second, third].map(registered), ...held.map(([slug, by]) => operatorHeldBy(slug, by)));
    },
    async proposal(by, objectId, to) {
      const input = { objectClass: 'operator', objectId, toIdentityId: to.identityId };
      const { data, errors } = await town.attempt(by, 'proposeTransfer', input, 'transfer { id }');
      return errors[0]?.extensions?.code ?? data.proposeTransfer.refusal?.code ?? 'accepted';
    },
  };
}
