import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, servicesHere } from '@qtm/local';
import { canonicalJson, fromWire, toWire } from '@qtm/service-kit';

/**
 * The layout of a register as files, as the service has it that keeps it: its own rules are loaded, so that what is found sound here is
 * what it takes. These are the parts of them that are used here.
 */

export interface OfObject {
  readonly objectClass: string;
  readonly objectId: string;
}

export interface Note {
  readonly path: string;
  readonly what: string;
}

interface FoundFile<T> {
  readonly path: string;
  readonly content: string;
  readonly file: T;
}
export type FoundEntry = OfObject & FoundFile<{ readonly identityId: string; readonly registerVersion: number }>;
export type FoundTransfer = FoundFile<OfObject & { readonly transferId: string; readonly state: string }>;
export type FoundMembership = FoundFile<{ readonly operatorSlugs: readonly string[] }> & {
  readonly identityId: string;
};

export interface Checked {
  readonly files: number;
  readonly entries: readonly FoundEntry[];
  readonly transfers: readonly FoundTransfer[];
  readonly memberships: readonly FoundMembership[];
  readonly indexes: number;
  readonly stale: readonly Note[];
  readonly recovered: readonly Note[];
  readonly broken: readonly Note[];
  readonly faults: readonly Note[];
}

export type Found = { readonly content: string } | { readonly fault: string };

type Place =
  | ({ readonly kind: 'entry' | 'index' } & OfObject)
  | { readonly kind: 'history'; readonly transferId: string }
  | { readonly kind: 'membership'; readonly identityId: string };

/** What a register entry, and a transfer, are in their service; they pass through as the graph tells them. */
export type EntryState = OfObject & {
  readonly state: string;
  readonly holderIdentityId: string;
  readonly registerVersion: number;
  readonly setBy: string;
  readonly setById: string;
  readonly since: string;
};
export type TransferState = OfObject & { readonly id: string; readonly state: string };

interface Rules {
  readonly MAX_FILE_BYTES: number;
  readonly pathOf: (place: Place) => string;
  readonly written: (file: object, wire: typeof WIRE) => string;
  readonly entryFile: (entry: EntryState, importedSetBy: string | null) => object;
  readonly transferFile: (transfer: TransferState, transitions: readonly object[]) => object;
  readonly checkLayout: (found: ReadonlyMap<string, Found>, now: string, wire: typeof WIRE) => Checked;
}

const WIRE = { canonicalJson, toWire, fromWire };

export interface Layout extends Pick<Rules, 'MAX_FILE_BYTES' | 'pathOf' | 'entryFile' | 'transferFile'> {
  readonly written: (file: object) => string;
  /** `now`: what is later cannot have happened. */
  readonly check: (found: ReadonlyMap<string, Found>, now: string) => Checked;
}

/** The one service that has such rules. */
const domains = () => servicesHere().map((name) => join(ROOT, 'services', name, 'src', 'domain'));

export async function loadLayout(): Promise<Layout> {
  const folder = domains().find((domain) => existsSync(join(domain, 'layout-check.ts')));
  if (folder === undefined) throw new Error('no service here keeps a register');
  const parts = await Promise.all([import(join(folder, 'layout.ts')), import(join(folder, 'layout-check.ts'))]);
  const rules = Object.assign({}, ...parts) as Rules;
  return {
    ...rules,
    written: (file) => rules.written(file, WIRE),
    check: (found, now) => rules.checkLayout(found, now, WIRE),
  };
}
