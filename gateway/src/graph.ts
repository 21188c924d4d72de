import './telemetry.ts';
import { ApolloGateway } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { type Logger, OPERATION_BOUNDS } from '@qtm/service-kit/process';
import { isUnforeseen, presentable } from './errors.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { Operation } from './operation.ts';
import { operationPlugin } from './operation-plugin.ts';
import type { Addresses } from './subgraph/addresses.ts';
import { SubgraphDataSource } from './subgraph/data-source.ts';

export interface GraphOptions {
  readonly supergraphSdl: string;
  /** By name of the subgraph. */
  readonly addresses: ReadonlyMap<string, Addresses>;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  readonly subgraphTimeoutMs: number;
}

/** The supergraph behind one Apollo Server: plans operations, asks subgraphs, joins what they answer. */
export function createGraph(options: GraphOptions): ApolloServer<Operation> {
  const { supergraphSdl, addresses, metrics, logger, subgraphTimeoutMs } = options;
  const gateway = new ApolloGateway({
    supergraphSdl,
    logger,
    __exposeQueryPlanExperimental: false,
    buildService({ name }) {
      const known = addresses.get(name);
      if (known === undefined) throw new Error(`no address for the subgraph ${name}`);
      return new SubgraphDataSource(known, metrics, subgraphTimeoutMs);
    },
  });
  return new ApolloServer<Operation>({
    gateway,
    logger,
    introspection: true,
    csrfPrevention: true,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    ...OPERATION_BOUNDS,
    formatError(formatted, error) {
      if (isUnforeseen(formatted)) logger.error({ err: error, path: formatted.path }, 'an operation met a fault');
      return presentable(formatted);
    },
    plugins: [operationPlugin(metrics), ApolloServerPluginLandingPageDisabled()],
  });
}
