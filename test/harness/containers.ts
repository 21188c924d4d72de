import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, Managed, NODE, ROOT } from '@qtm/local';
import { type Container, isStep, mainOf, readCompose } from '../../infra/scripts/deployment/compose.ts';
import { copiesOf, ignoredBy, stagesOf } from '../../infra/scripts/deployment/dockerfile.ts';
import { DOCKERFILE } from '../../infra/scripts/deployment/ground.ts';

const run = promisify(execFile);
const STEP_TIMEOUT_MS = 120_000;
const DATA = '/var/lib/qtm';

export interface Surroundings {
  readonly folder: string;
  readonly adminUrl: string;
  readonly brokers: string;
  /** Further settings of every container. */
  readonly env: Readonly<Record<string, string>>;
}

/** The containers of docker-compose.yml as processes: each with what its image holds, its variables, its volumes, in their order. */
export interface Containers {
  /** Runs another command in a container, as `docker compose exec` does; resolves to what it wrote. */
  exec(name: string, file: string, ...args: readonly string[]): Promise<string>;
  readonly running: ReadonlyMap<string, Managed>;
  stop(): Promise<void>;
}

export async function startContainers({ folder, adminUrl, brokers, env }: Surroundings): Promise<Containers> {
  const { services, volumes } = readCompose(ROOT);
  for (const name of Object.keys(volumes)) mkdirSync(join(folder, 'volumes', name), { recursive: true });
  mkdirSync(join(folder, 'logs'));
  const admin = new URL(adminUrl);
  // The server of the tests runs already: the password that the first step would have made is its.
  writeFileSync(join(folder, 'volumes', 'admin', 'admin-password'), admin.password);
  admin.password = '';
  const ours = Object.keys(services).filter((name) => services[name]?.build !== undefined);
  const ports = await freePorts(...ours);
  const elsewhere = new Map([
    ['kafka:9092', brokers],
    ['postgres://postgres@postgres:5432/postgres', admin.href],
    ...ours.map((name): [string, string] => [`http://${name}:4000`, `http://127.0.0.1:${ports[name]}`]),
  ]);
  const running = new Map<string, Managed>();
  const stop = async () => {
    for (const one of [...running.values()].reverse()) await one.stop();
  };

  const environmentOf = (name: string, container: Container): Record<string, string> => {
    const given = Object.entries(container.environment ?? {}).map(([variable, value]) => [
      variable,
      inVolume(replaced(value, elsewhere), container, folder) ?? replaced(value, elsewhere),
    ]);
    const own = { QTM_DATA_DIR: inVolume(DATA, container, folder) ?? '', QTM_PORT: String(ports[name]) };
    return { ...own, ...env, ...Object.fromEntries(given) };
  };
  const exec = async (name: string, file: string, ...args: readonly string[]) => {
    const container = services[name] as Container;
    const path = join(imageOf(container, folder), file.replace(/^\/qtm\//, ''));
    const options = { env: environmentOf(name, container), timeout: STEP_TIMEOUT_MS };
    const asked = args.map((arg) => inVolume(arg, container, folder) ?? arg);
    return (await run(NODE, [path, ...asked], options)).stdout;
  };
  const start = async (name: string): Promise<void> => {
    const container = services[name] as Container;
    if (isStep(container))
      return void (await exec(name, mainOf(container) ?? '', ...(container.command ?? []).slice(2)));
    const process = new Managed({
      name,
      main: join(imageOf(container, folder), mainOf(container) ?? ''),
      port: Number(ports[name]),
      env: environmentOf(name, container),
      logFolder: join(folder, 'logs'),
      ledger: join(folder, 'processes'),
    });
    running.set(name, process);
    await process.start();
    await process.ready(STEP_TIMEOUT_MS);
  };

  const begun = new Map<string, Promise<void>>();
  const afterOthers = (name: string): Promise<void> => {
    const known = begun.get(name);
    if (known !== undefined) return known;
    const container = services[name];
    const others = Object.keys(container?.depends_on ?? {}).map(afterOthers);
    const starting = Promise.all(others).then(() => (container?.build === undefined ? undefined : start(name)));
    begun.set(name, starting);
    return starting;
  };
  try {
    await Promise.all(ours.map(afterOthers));
  } catch (error) {
    await Promise.allSettled(begun.values());
    await stop();
    throw error;
  }
  return { exec, running, stop };
}

function replaced(value: string, elsewhere: ReadonlyMap<string, string>): string {
  return [...elsewhere].reduce((text, [from, to]) => text.replaceAll(from, to), value);
}

/** Where a path of the container lies, if it lies in one of its volumes. */
function inVolume(path: string, { volumes = [] }: Container, folder: string): string | undefined {
  for (const volume of volumes) {
    const [name = '', mounted = ''] = volume.split(':');
    if (path === mounted || path.startsWith(`${mounted}/`))
      return join(folder, 'volumes', name, path.slice(mounted.length));
  }
  return undefined;
}

const images = new Map<string, string>();

/** A folder with what the image of a container holds of the repository, and the packages it needs. */
function imageOf({ build }: Container, folder: string): string {
  const workspace = build?.args.WORKSPACE ?? '';
  const known = images.get(workspace);
  if (known !== undefined) return known;
  const image = join(folder, 'images', workspace.replaceAll('/', '-'));
  const ignored = ignoredBy(readFileSync(join(ROOT, '.dockerignore'), 'utf8'));
  const own = stagesOf(readFileSync(join(ROOT, DOCKERFILE), 'utf8')).at(-1) ?? [];
  for (const { from, to } of copiesOf(own, workspace)) {
    for (const path of from) {
      const place = from.length > 1 ? posix.join(to, posix.basename(path)) : to;
      const target = join(image, place.replace(/^\/qtm/, ''));
      mkdirSync(dirname(target), { recursive: true });
      cpSync(join(ROOT, path), target, {
        recursive: true,
        filter: (source) => !ignored(relative(ROOT, source)),
      });
    }
  }
  linkPackages(image);
  images.set(workspace, image);
  return image;
}

/** The packages of this checkout, but of our own workspaces only those that the image holds. */
function linkPackages(image: string): void {
  const installed = join(ROOT, 'node_modules');
  const modules = join(image, 'node_modules');
  mkdirSync(join(modules, '@qtm'), { recursive: true });
  for (const name of readdirSync(installed)) {
    if (name !== '@qtm' && !name.startsWith('.')) symlinkSync(join(installed, name), join(modules, name));
  }
  for (const name of ['service-kit', 'relations', 'local']) {
    const workspace = join(image, 'infra', name);
    if (readdirSync(join(image, 'infra')).includes(name)) symlinkSync(workspace, join(modules, '@qtm', name));
  }
}
