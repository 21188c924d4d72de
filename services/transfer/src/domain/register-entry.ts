import {
  type Decision,
  type DomainEvent,
  event,
  next,
  type Refusal,
  refuse,
  type TransitionTable,
} from '@qtm/service-kit/domain';
import { importOpen } from './register-import.ts';

export type RegisterEntryState = 'HELD' | 'LOCKED';

/** Who holds authority over one object now, and what put it there (S2:44-48). */
export interface RegisterEntry {
  /** `<class>:<object id>`. */
  readonly id: string;
  readonly state: RegisterEntryState;
  readonly objectClass: string;
  readonly objectId: string;
  readonly holderIdentityId: string;
  /** One more with every completed transfer, and with nothing else. */
  readonly registerVersion: number;
  readonly setBy: 'onboarding' | 'transfer' | 'import';
  readonly setById: string;
  readonly since: string;
}

/**
 * NONE: the register says nothing of the object. HELD is imported where it came by an onboarding. What completes a transfer is the
 * transfer's to decide.
 */
export const TRANSITIONS = {
  NONE: { seed: 'HELD', import: 'HELD' },
  HELD: { lock: 'LOCKED', import: 'HELD' },
  LOCKED: { unlock: 'HELD' },
} as const satisfies TransitionTable<RegisterEntryState | 'NONE', 'seed' | 'import' | 'lock' | 'unlock'>;

export type RegisterEntryEvent = DomainEvent<
  'register_entry',
  'register_entry_seeded' | 'register_entry_imported' | 'object_locked' | 'object_unlocked',
  RegisterEntry
>;
export type RegisterEntryRefusalCode = 'WRONG_STATE' | 'LOCKS_NOT_ALLOWED' | 'TRANSFER_ACTIVE' | 'IMPORT_OPEN';
type RegisterEntryDecision = Decision<RegisterEntryEvent, Refusal<RegisterEntryRefusalCode>>;

export function entryId(objectClass: string, objectId: string): string {
  return `${objectClass}:${objectId}`;
}

/** What its owner says of an object that enters the register. */
export interface Seed {
  readonly objectClass: string;
  readonly objectId: string;
  readonly holderIdentityId: string;
  /** The event that named the holder, and when. */
  readonly eventId: string;
  readonly since: string;
}

/** An object enters the register with whoever its owner named. A consequence: it refuses nothing. */
export function seed({ objectClass, objectId, holderIdentityId, eventId, since }: Seed): RegisterEntryEvent {
  return event('register_entry_seeded', 'register_entry', {
    id: entryId(objectClass, objectId),
    state: TRANSITIONS.NONE.seed,
    objectClass,
    objectId,
    holderIdentityId,
    registerVersion: 1,
    setBy: 'onboarding',
    setById: eventId,
    since,
  });
}

/** What bears on whether an object may be locked now. */
export interface LockFacts {
  readonly lockable: boolean;
  /** The transfer that holds the object; undefined where none does. */
  readonly activeTransfer: string | undefined;
  /** The import of a register that is open; undefined where none is. A file takes no object in that is locked. */
  readonly openImport: string | undefined;
}

/** An object under an active transfer is frozen for its owner, so it cannot be locked against it (S2:51). */
export function lock(entry: RegisterEntry, { lockable, activeTransfer, openImport }: LockFacts): RegisterEntryDecision {
  if (!lockable) return refuse('LOCKS_NOT_ALLOWED', { objectClass: entry.objectClass });
  if (next<RegisterEntryState, 'lock' | 'unlock'>(TRANSITIONS, entry.state, 'lock') === undefined) {
    return refuse('WRONG_STATE');
  }
  if (activeTransfer !== undefined) return refuse('TRANSFER_ACTIVE', { transferId: activeTransfer });
  return importOpen(openImport) ?? [event('object_locked', 'register_entry', { ...entry, state: 'LOCKED' })];
}

/** Always allowed to whoever holds it, whatever the policy says by now. */
export function unlock(entry: RegisterEntry): RegisterEntryDecision {
  if (next<RegisterEntryState, 'lock' | 'unlock'>(TRANSITIONS, entry.state, 'unlock') === undefined) {
    return refuse('WRONG_STATE');
  }
  return [event('object_unlocked', 'register_entry', { ...entry, state: 'HELD' })];
}
