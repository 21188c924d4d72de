import { createHash } from 'node:crypto';
import { LocalStackFault } from '../fault.ts';

/** A container as it is started: one port, one place for its data. */
export interface ContainerPlan {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly port: { readonly container: number; readonly host: number };
  /** Where the image keeps its data: a volume that outlives the container. Absent where the data is thrown away with it. */
  readonly data?: { readonly volume: string; readonly path: string };
  /** What the container is called; whatever has that name is from a start that was killed. */
  readonly name: string;
}

export interface StartedContainer {
  /** kill -9 */
  kill(): Promise<void>;
  /** Starts it again on the same data and port, whether it runs or not. */
  restart(): Promise<void>;
  /** Ends and removes it; a volume of the plan stays. */
  stop(): Promise<void>;
}

const STOP_TIMEOUT_MS = 20_000;

/** A name that belongs to one data folder, for a container and its volume. */
export function nameIn(dataDir: string, part: string): string {
  return `qtm-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}-${part}`;
}

/**
 * Starts a container that the engine removes when this process ends, be it by kill -9.
 * The library is loaded here and nowhere else: most starts need no engine, and it takes a while.
 * @param fresh begins with an empty volume
 * @throws LocalStackFault saying what the engine said
 */
export async function startContainer(plan: ContainerPlan, socket: string, fresh: boolean): Promise<StartedContainer> {
  // Its own search for an engine must find the one that answered.
  process.env.DOCKER_HOST ??= `unix://${socket}`;
  try {
    const { GenericContainer, getContainerRuntimeClient } = await import('testcontainers');
    const { dockerode } = (await getContainerRuntimeClient()).container;
    const absent = (error: { statusCode?: number }) => {
      if (error.statusCode !== 404) throw error;
    };
    await dockerode.getContainer(plan.name).remove({ force: true, v: true }).catch(absent);
    if (fresh && plan.data !== undefined) await dockerode.getVolume(plan.data.volume).remove().catch(absent);

    /** Reached from this machine only; the library itself opens ports to everybody. */
    class Reserved extends GenericContainer {
      protected override async beforeContainerCreated(): Promise<void> {
        const { container, host } = plan.port;
        this.hostConfig.PortBindings = { [`${container}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(host) }] };
      }
    }
    const described = new Reserved(plan.image)
      .withName(plan.name)
      .withEnvironment({ ...plan.environment })
      .withExposedPorts({ container: plan.port.container, host: plan.port.host });
    if (plan.command !== undefined) described.withCommand([...plan.command]);
    if (plan.data !== undefined) described.withBindMounts([{ source: plan.data.volume, target: plan.data.path }]);
    const started = await described.start();
    return {
      kill: async () => void (await dockerode.getContainer(started.getId()).kill()),
      restart: () => started.restart({ timeout: STOP_TIMEOUT_MS }),
      stop: async () => void (await started.stop({ timeout: STOP_TIMEOUT_MS })),
    };
  } catch (error) {
    throw new LocalStackFault(`the Docker engine could not start ${plan.image}: ${(error as Error).message}`);
  }
}
