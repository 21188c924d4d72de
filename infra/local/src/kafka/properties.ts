/** Where a broker listens and keeps its data. */
export interface BrokerPlace {
  readonly host: string;
  readonly ports: { readonly kafka: number; readonly controller: number };
  /** Its log.dirs. */
  readonly folder: string;
  readonly detour?: Detour | undefined;
}

/** A second listener for clients that are led through a proxy: they are told the proxy's port, which leads to this one. */
export interface Detour {
  readonly port: number;
  readonly advertisedPort: number;
}

/** Settings of one node that is broker and controller. The last four make a restart take seconds instead of eleven. */
export function brokerProperties({ host, ports, folder, detour }: BrokerPlace): string {
  const [listener, advertised] = detour
    ? [`,DETOUR://${host}:${detour.port}`, `,DETOUR://${host}:${detour.advertisedPort}`]
    : ['', ''];
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${host}:${ports.controller}`,
    listeners: `PLAINTEXT://${host}:${ports.kafka},CONTROLLER://${host}:${ports.controller}${listener}`,
    'advertised.listeners': `PLAINTEXT://${host}:${ports.kafka}${advertised}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,DETOUR:PLAINTEXT',
    'log.dirs': folder,
    'auto.create.topics.enable': false,
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.coordinator.threads': 1,
    'log.segment.bytes': 16_777_216,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    'log.cleaner.threads': 1,
    'num.network.threads': 1,
    'num.io.threads': 2,
    'background.threads': 2,
    'num.recovery.threads.per.data.dir': 1,
    'num.replica.fetchers': 1,
    'controlled.shutdown.enable': true,
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'controller.quorum.election.timeout.ms': 200,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '\\\\')}\n`)
    .join('');
}
