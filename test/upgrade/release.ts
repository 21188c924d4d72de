import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { environmentWith, ROOT } from '@qtm/local';

/** A release of this project, its files in a folder of their own, ready to run. */
export interface Release {
  /** The tag or commit that was asked for. */
  readonly name: string;
  readonly commit: string;
  readonly root: string;
  /** Brings a service's database to what this release needs, as its own command does. */
  migrate(service: string, ownerUrl: string): Promise<void>;
}

/** There is nothing to upgrade from. */
export class NoRelease extends Error {}

const git = async (...args: string[]) => (await promisify(execFile)('git', args, { cwd: ROOT })).stdout.trim();

/**
 * The newest tag before this commit.
 * @throws NoRelease where there is no history, or no tag in it
 */
export async function newestTag(): Promise<string> {
  if (!existsSync(join(ROOT, '.git'))) {
    throw new NoRelease('this is no checkout with a history, so there is no release before it to upgrade from');
  }
  try {
    return await git('describe', '--tags', '--abbrev=0', 'HEAD^');
  } catch {
    throw new NoRelease(
      'no commit before this one has a tag: give --from <commit>, or fetch the tags (git fetch --tags)',
    );
  }
}

/**
 * Checks a release out into a folder and installs what it needs.
 * @throws NoRelease where the history does not hold it
 */
export async function checkOut(name: string, root: string): Promise<Release> {
  let commit: string;
  try {
    commit = await git('rev-parse', '--verify', '--quiet', `${name}^{commit}`);
  } catch {
    throw new NoRelease(`the history here does not hold '${name}'`);
  }
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const archive = `${root}.tar`;
  await run('git', ['archive', '--format=tar', '-o', archive, commit], ROOT);
  await run('tar', ['-xf', archive, '-C', root], ROOT);
  rmSync(archive);
  // Asks a command for its help: whatever is missing is installed before.
  await run(process.execPath, ['infra/scripts/bootstrap.mjs', 'migrate', '--help'], root);
  return {
    name,
    commit,
    root,
    migrate: (service, ownerUrl) =>
      run(process.execPath, ['infra/scripts/bootstrap.mjs', 'migrate', service], root, {
        QTM_OWNER_DATABASE_URL: ownerUrl,
      }),
  };
}

async function run(command: string, args: string[], cwd: string, settings: Record<string, string> = {}): Promise<void> {
  const child = spawn(command, args, { cwd, env: environmentWith(settings), stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0)
    throw new Error(`${command} ${args.join(' ')} failed:\n${Buffer.concat(said).toString('utf8').slice(-2_000)}`);
}
