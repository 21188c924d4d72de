import {
  type Decision,
  type DomainEvent,
  event,
  next,
  type Refusal,
  refuse,
  type TransitionTable,
} from '@qtm/service-kit/domain';

/** The taking over of a register that was kept elsewhere, into an empty one (S2:46-52). */
export interface RegisterImport {
  readonly id: string;
  readonly state: 'OPEN' | 'CLOSED';
  /** Of the list of all files of entries and transfers. */
  readonly manifestSha256: string;
  readonly openedBy: string;
  readonly openedAt: string;
  readonly closedAt: string | null;
  /** Whether each of these files was taken in, and the transfers tell how each entry came to its version; null before it was closed. */
  readonly complete: boolean | null;
}

export const TRANSITIONS = {
  NONE: { open: 'OPEN' },
  OPEN: { close: 'CLOSED' },
  CLOSED: {},
} as const satisfies TransitionTable<RegisterImport['state'] | 'NONE', 'open' | 'close'>;

export type RegisterImportEvent = DomainEvent<
  'register_import',
  'register_import_opened' | 'register_import_closed',
  RegisterImport
>;
export type RegisterImportRefusalCode = 'IMPORT_OPEN' | 'REGISTER_NOT_EMPTY' | 'WRONG_STATE';
type RegisterImportDecision = Decision<RegisterImportEvent, Refusal<RegisterImportRefusalCode>>;

interface Act {
  readonly by: string;
  readonly now: string;
}

export interface OpenFacts {
  /** The import that is open; undefined where none is. */
  readonly open: string | undefined;
  readonly transfers: number;
  /** Entries that did not come into being by an onboarding, or were transferred since. */
  readonly entries: number;
}

/**
 * Empty is a register that nobody has decided anything in: it has no transfer, and what it knows of objects is who onboarded them. So
 * every object that enters by a file, and every transfer, is of the one import.
 */
export function open(
  { id, manifestSha256, by, now }: Pick<RegisterImport, 'id' | 'manifestSha256'> & Act,
  { open: other, transfers, entries }: OpenFacts,
): RegisterImportDecision {
  if (other !== undefined) return refuse('IMPORT_OPEN', { importId: other });
  if (transfers + entries > 0) {
    return refuse('REGISTER_NOT_EMPTY', { transfers: String(transfers), entries: String(entries) });
  }
  return [
    event('register_import_opened', 'register_import', {
      id,
      state: TRANSITIONS.NONE.open,
      manifestSha256,
      openedBy: by,
      openedAt: now,
      closedAt: null,
      complete: null,
    }),
  ];
}

/** What was taken in. */
export interface TakenIn {
  readonly entries: number;
  readonly transfers: number;
  /** Of what was taken in, as the manifest is made. */
  readonly manifestSha256: string;
  /** Entries of a version that the transfers do not lead to. */
  readonly untold: number;
}

/** Closed at any time: what is missing is recorded, and what is in stays. */
export function close(
  before: RegisterImport,
  { entries, transfers, manifestSha256, untold }: TakenIn,
  now: string,
): RegisterImportDecision {
  const to = next<RegisterImport['state'], 'open' | 'close'>(TRANSITIONS, before.state, 'close');
  if (to === undefined) return refuse('WRONG_STATE');
  const complete = manifestSha256 === before.manifestSha256 && untold === 0;
  const after: RegisterImport = { ...before, state: to, closedAt: now, complete };
  return [event('register_import_closed', 'register_import', after, { entries, transfers })];
}

/** Files are still to say how the register came to be: nothing moves in it meanwhile, and nothing begins to. */
export function importOpen(importId: string | undefined): Refusal<'IMPORT_OPEN'> | undefined {
  return importId === undefined ? undefined : refuse('IMPORT_OPEN', { importId });
}
