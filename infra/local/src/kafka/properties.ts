/** Where a broker listens and keeps its data. */
export interface BrokerPlace {
  /** Empty: every address of the machine, or of the container. */
  readonly host: string;
  readonly ports: { readonly kafka: number; readonly controller: number };
  /** Its log.dirs. */
  readonly folder: string;
  /** The address it tells clients, where that is another than the one it listens on. */
  readonly advertised?: string;
  readonly detour?: Detour | undefined;
}

/** A second listener for clients that are led through a proxy: they are told the proxy's port, which leads to this one. */
export interface Detour {
  readonly port: number;
  readonly advertisedPort: number;
}

/** Settings of one node that is broker and controller. The last four make a restart take seconds instead of eleven. */
export function brokerSettings(place: BrokerPlace): Readonly<Record<string, string>> {
  const { host, ports, folder, advertised = `${host}:${ports.kafka}`, detour } = place;
  const [listener, detoured, protocol] = detour
    ? [`,DETOUR://${host}:${detour.port}`, `,DETOUR://${host}:${detour.advertisedPort}`, ',DETOUR:PLAINTEXT']
    : ['', '', ''];
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${host === '' ? '127.0.0.1' : host}:${ports.controller}`,
    listeners: `PLAINTEXT://${host}:${ports.kafka},CONTROLLER://${host}:${ports.controller}${listener}`,
    'advertised.listeners': `PLAINTEXT://${advertised}${detoured}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': `CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT${protocol}`,
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
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
}

/** The same as a file. */
export function brokerProperties(place: BrokerPlace): string {
  return Object.entries(brokerSettings(place))
    .map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('');
}
