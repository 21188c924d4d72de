import { Gauge, Histogram, LATENCY_BUCKETS_S, type Registry } from '@qtm/service-kit/process';

export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;

/** The figures of the gateway; times in seconds. */
export function createGatewayMetrics(registry: Registry) {
  const registers = [registry];
  const buckets = LATENCY_BUCKETS_S;
  return {
    openRequests: new Gauge({
      name: 'qtm_gateway_open_requests',
      help: 'GraphQL requests received and not answered yet',
      registers,
    }),
    operation: new Histogram({
      name: 'qtm_gateway_operation_seconds',
      help: 'time to answer a GraphQL operation, by kind, and whether it had errors',
      labelNames: ['kind', 'outcome'] as const,
      buckets,
      registers,
    }),
    subgraph: new Histogram({
      name: 'qtm_gateway_subgraph_seconds',
      help: 'time of a subgraph request: answered, lost after it was sent, or never sent',
      labelNames: ['service', 'outcome'] as const,
      buckets,
      registers,
    }),
    subgraphQueue: new Histogram({
      name: 'qtm_gateway_subgraph_queue_seconds',
      help: 'time a subgraph request waited for a connection',
      labelNames: ['service'] as const,
      buckets,
      registers,
    }),
  };
}
