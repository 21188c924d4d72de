import { LocalStackFault } from '../fault.ts';
import { askBrokers } from '../kafka/answers.ts';
import { type Broker, type BrokerOptions, CLUSTER_ID } from '../kafka/broker.ts';
import { brokerSettings } from '../kafka/properties.ts';
import { waitFor } from '../wait.ts';
import type { Way } from '../ways.ts';
import { type ContainerPlan, nameIn, startContainer } from './container.ts';
import { findEngine } from './engine.ts';
import { imagesOfStack } from './images.ts';

const HOST = '127.0.0.1';
const DATA = '/var/lib/kafka/data';
const HEAP = '-Xms64m -Xmx384m';
const START_TIMEOUT_MS = 60_000;

export interface DockerBrokerOptions extends Pick<BrokerOptions, 'dataDir' | 'ports' | 'env' | 'detour'> {
  readonly ephemeral: boolean;
  readonly fresh: boolean;
}

/** Kafka from the official image, where a Docker engine runs. */
export const dockerBroker =
  (options: DockerBrokerOptions): Way<Broker> =>
  async () => {
    if (options.detour !== undefined) return { closed: 'a broker that is no container, since a proxy lies before it' };
    const engine = await findEngine(options.env);
    return 'missing' in engine ? { closed: engine.missing } : { start: () => startBroker(options, engine.socket) };
  };

/**
 * The container of a broker. It listens on the same number inside and outside, so that the one address it tells leads to it from this
 * machine and from itself.
 */
export function brokerPlan({ dataDir, ports, ephemeral }: DockerBrokerOptions): ContainerPlan {
  const name = nameIn(dataDir, 'kafka');
  const advertised = `${HOST}:${ports.kafka}`;
  return {
    name,
    image: imagesOfStack().kafka,
    environment: {
      CLUSTER_ID,
      KAFKA_HEAP_OPTS: HEAP,
      ...brokerEnvironment(brokerSettings({ host: '', ports, folder: DATA, advertised })),
    },
    port: { container: ports.kafka, host: ports.kafka },
    ...(ephemeral ? {} : { data: { volume: name, path: DATA } }),
  };
}

/** Settings of a broker as its image takes them: `log.dirs` → `KAFKA_LOG_DIRS`. */
export function brokerEnvironment(settings: Readonly<Record<string, string>>): Record<string, string> {
  const variable = (name: string) => `KAFKA_${name.toUpperCase().replaceAll('.', '_')}`;
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [variable(name), value]));
}

async function startBroker(options: DockerBrokerOptions, socket: string): Promise<Broker> {
  const brokers = `${HOST}:${options.ports.kafka}`;
  const container = await startContainer(brokerPlan(options), socket, options.fresh);
  const answers = async () => {
    const answered = async () => {
      await askBrokers([brokers]);
      return true;
    };
    try {
      await waitFor(answered, { timeoutMs: START_TIMEOUT_MS, what: 'Kafka answers in its container' });
    } catch (error) {
      await container.stop();
      throw new LocalStackFault((error as Error).message);
    }
  };
  await answers();
  return {
    brokers,
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
