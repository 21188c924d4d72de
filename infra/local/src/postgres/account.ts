import { spawnSync } from 'node:child_process';
import { LocalStackFault } from '../fault.ts';

/** A command as it must be started so that PostgreSQL accepts who runs it. */
export interface Invocation {
  readonly command: string;
  readonly args: readonly string[];
}

/** "nobody": a number that PostgreSQL takes for an ordinary account. */
const ORDINARY = '65534';

let namespaceWorks: boolean | undefined;

/**
 * PostgreSQL refuses to run as root. Where we are root it is started in a user namespace in which we have another number: it still
 * owns the same files, so the checkout may lie in a folder that nobody else can enter.
 * @throws LocalStackFault where this is root and the system allows no such namespace
 */
export function asOrdinaryAccount(command: string, args: readonly string[]): Invocation {
  if (process.getuid?.() !== 0) return { command, args };
  const namespace = ['--user', `--map-user=${ORDINARY}`, `--map-group=${ORDINARY}`];
  namespaceWorks ??= spawnSync('unshare', [...namespace, 'true']).status === 0;
  if (!namespaceWorks) {
    throw new LocalStackFault(
      'PostgreSQL does not run as root, and this system allows no user namespace (unshare): start as an ordinary user, or give the address of a running PostgreSQL 18 in QTM_LOCAL_POSTGRES_URL',
    );
  }
  return { command: 'unshare', args: [...namespace, command, ...args] };
}
