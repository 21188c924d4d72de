import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { concatAST, type DocumentNode, GraphQLError, type GraphQLFormattedError, parse } from 'graphql';
import { faultOf } from '../database/faults.ts';
import type { Logger } from '../process/logger.ts';
import { OPERATION_BOUNDS } from '../process/operation-bounds.ts';
import { saysTooManyFaults } from '../process/variable-faults.ts';
import type { Exchange } from './exchange.ts';
import { SCALARS } from './scalars.ts';

/** Resolvers by type and field, as the generated `Resolvers` of a service describes them. */
export type ResolverMap = Readonly<Record<string, object>>;

export interface SubgraphOptions {
  readonly service: string;
  readonly schemaRoot: string;
  readonly resolvers: ResolverMap;
  readonly logger: Logger;
}

/** A service's part of the graph: its own SDL and the types that all have in common. */
export function createSubgraph({ service, schemaRoot, resolvers, logger }: SubgraphOptions): ApolloServer<Exchange> {
  const schema = buildSubgraphSchema([
    { typeDefs: sdl(join(schemaRoot, 'shared.graphql')), resolvers: SCALARS },
    // The library's type of a resolver map knows no context; the generated types are what checks the resolvers.
    { typeDefs: ownSdl(join(schemaRoot, service, 'graphql')), resolvers: resolvers as never },
  ]);
  return new ApolloServer<Exchange>({
    schema,
    logger,
    // The contract is composed from files; nothing asks a running subgraph for it.
    introspection: false,
    csrfPrevention: true,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    ...OPERATION_BOUNDS,
    formatError: (formatted, error) => presentable(logger, formatted, error),
    plugins: [
      answerPlugin,
      // It looks at every field of every answer, and nothing here may be cached.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}

/** The definitions of every subject, one file each. */
function ownSdl(folder: string): DocumentNode {
  const names = readdirSync(folder).filter((name) => name.endsWith('.graphql'));
  return concatAST(names.sort().map((name) => sdl(join(folder, name))));
}

function sdl(file: string): DocumentNode {
  return parse(readFileSync(file, 'utf8'));
}

/** At the end of every request: what was written goes back as tokens, and whether the answer may lack what the client has seen. */
const answerPlugin: ApolloServerPlugin<Exchange> = {
  async requestDidStart() {
    return {
      async willSendResponse({ contextValue, response }) {
        for (const [name, value] of contextValue.answerHeaders()) response.http.headers.set(name, value);
        // A gateway drops the details of anything but 200.
        response.http.status = 200;
      },
    };
  },
};

/** Faults of the database that a client can do something about. */
const KNOWN_FAULTS: Readonly<Record<string, { readonly code: string; readonly message: string }>> = {
  busy: { code: 'SERVICE_BUSY', message: 'the service is busy; repeat later' },
  away: { code: 'SERVICE_UNAVAILABLE', message: 'the database of the service does not answer; repeat later' },
  malformed: { code: 'BAD_USER_INPUT', message: 'an id or a number is not of its form' },
};

/** What a client sees of an error: what was said on purpose; everything else is logged and masked. */
function presentable(logger: Logger, formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const cause = error instanceof GraphQLError ? error.originalError : error;
  const { stacktrace: _, ...extensions } = formatted.extensions ?? {};
  if (saysTooManyFaults(formatted)) return { ...formatted, extensions: { code: 'BAD_USER_INPUT' } };
  const deliberate = cause === undefined || cause === null || cause instanceof GraphQLError;
  if (deliberate && extensions.code !== 'INTERNAL_SERVER_ERROR') return { ...formatted, extensions };
  const known = KNOWN_FAULTS[faultOf(cause).kind];
  if (known !== undefined) return { ...formatted, message: known.message, extensions: { code: known.code } };
  logger.error({ err: cause ?? error, path: formatted.path }, 'a request met a fault');
  return { ...formatted, message: 'the request failed; the fault was logged', extensions: { code: 'INTERNAL' } };
}
