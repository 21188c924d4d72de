import { chownSync } from 'node:fs';
import type { Account } from '../process/daemon.ts';
import { run } from '../process/run.ts';

/** "nobody": a number that PostgreSQL takes for an ordinary account, and that has a name on every system. */
const NOBODY = 65_534;
const CHECK_TIMEOUT_MS = 10_000;

/** Who PostgreSQL runs as. */
export interface PostgresAccount extends Account {
  /** Hands over a file or an empty folder made by us. */
  own(path: string): void;
}

const OURS: PostgresAccount = { invocation: (command, args) => ({ command, args }), own: () => {} };

/**
 * PostgreSQL refuses to run as root. Where we are root it is started in a user namespace in which we have another number: it still
 * owns the same files, so the checkout may lie in a folder that nobody else can enter.
 */
export const NAMESPACE: PostgresAccount = {
  invocation: (command, args) => ({
    command: 'unshare',
    args: ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, command, ...args],
  }),
  own: () => {},
};

/** Containers mostly allow no such namespace. There another account must do, and must be able to reach the files. */
export const ANOTHER: PostgresAccount = {
  ...OURS,
  id: { uid: NOBODY, gid: NOBODY },
  own: (path) => chownSync(path, NOBODY, NOBODY),
};

/** The first account that works and can run `program`; undefined where this is root and none does. */
export async function accountFor(
  program: string,
  candidates: readonly PostgresAccount[] = process.getuid?.() === 0 ? [NAMESPACE, ANOTHER] : [OURS],
): Promise<PostgresAccount | undefined> {
  for (const account of candidates) {
    const { ok } = await run(account.invocation(program, ['--version']), {
      timeoutMs: CHECK_TIMEOUT_MS,
      ...account.id,
    });
    if (ok) return account;
  }
  return undefined;
}
