import { LocalStackFault } from '../fault.ts';
import { adminPassword, answersAt, type Cluster, type ClusterOptions, serverSettings } from '../postgres/cluster.ts';
import type { Environment } from '../settings.ts';
import type { Way } from '../ways.ts';
import { type ContainerPlan, nameIn, startContainer } from './container.ts';
import { findEngine } from './engine.ts';
import { imagesOfStack } from './images.ts';

const HOST = '127.0.0.1';
const PORT = 5_432;

export interface DockerClusterOptions extends ClusterOptions {
  readonly env: Environment;
  readonly fresh: boolean;
}

/** PostgreSQL from the official image, where a Docker engine runs. */
export const dockerCluster =
  (options: DockerClusterOptions): Way<Cluster> =>
  async () => {
    const engine = await findEngine(options.env);
    return 'missing' in engine ? { closed: engine.missing } : { start: () => startCluster(options, engine.socket) };
  };

/** The container of a cluster: the same settings as without an engine, on the same port of this machine. */
export function clusterPlan({ dataDir, port, ephemeral }: ClusterOptions, password: string): ContainerPlan {
  const name = nameIn(dataDir, 'postgres');
  const settings = Object.entries({ ...serverSettings(ephemeral), listen_addresses: '*' });
  return {
    name,
    image: imagesOfStack().postgres,
    command: ['postgres', ...settings.flatMap(([setting, value]) => ['-c', `${setting}=${value}`])],
    environment: { POSTGRES_PASSWORD: password, POSTGRES_INITDB_ARGS: '--encoding=UTF8 --locale=C' },
    port: { container: PORT, host: port },
    ...(ephemeral ? {} : { data: { volume: name, path: '/var/lib/postgresql' } }),
  };
}

async function startCluster(options: DockerClusterOptions, socket: string): Promise<Cluster> {
  const { dataDir, port, fresh } = options;
  const password = adminPassword(dataDir);
  const container = await startContainer(clusterPlan(options, password), socket, fresh);
  const adminUrl = `postgres://postgres:${password}@${HOST}:${port}/postgres`;
  const answers = async () => {
    try {
      await answersAt(adminUrl);
    } catch (error) {
      await container.stop();
      throw new LocalStackFault(`PostgreSQL in its container: ${(error as Error).message}`);
    }
  };
  await answers();
  return {
    adminUrl,
    host: HOST,
    port,
    ours: true,
    pid: undefined,
    kill: () => container.kill(),
    async restart() {
      await container.restart();
      await answers();
    },
    stop: () => container.stop(),
  };
}
