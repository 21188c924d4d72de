import { RESET } from './connections.ts';
import { REPEAT } from './deliveries.ts';
import { DISK_FULL } from './disk.ts';
import type { FaultKind } from './fault.ts';
import { PAUSE_FOLLOWER } from './followers.ts';
import { KILL, RESTART_BROKER, RESTART_DATABASE, STOP } from './processes.ts';
import { DROP_SLOT } from './slots.ts';

/** Every kind of fault a campaign draws from. */
export const FAULT_KINDS: readonly FaultKind[] = [
  KILL,
  STOP,
  RESTART_BROKER,
  RESTART_DATABASE,
  DROP_SLOT,
  PAUSE_FOLLOWER,
  DISK_FULL,
  RESET,
  REPEAT,
];
