import type { ApolloServerPlugin, GraphQLRequestContextWillSendResponse } from '@apollo/server';
import { CONSISTENCY_HEADER } from './consistency.ts';
import type { GatewayMetrics } from './metrics.ts';
import type { Operation } from './operation.ts';
import { wantsHttpStatus } from './session.ts';

/** No operation in the document has that name: the library's code for it, which it takes for a fault of its own. */
const NO_SUCH_OPERATION = 'INVALID_GRAPHQL';

/** At the end of every operation: tokens back to the client, the right status, the figures. */
export function operationPlugin(metrics: GatewayMetrics): ApolloServerPlugin<Operation> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse(context) {
          returnTokens(context);
          // Apollo answers 400 where a request cannot be executed; to clients of the older media type that is a GraphQL answer like any.
          const { http } = context.response;
          if (http.status === 500 && context.errors?.[0]?.extensions.code === NO_SUCH_OPERATION) http.status = 400;
          if (http.status === 400 && !wantsHttpStatus(context.request.http?.headers.get('accept'))) http.status = 200;
          const kind = context.operation?.operation ?? 'none';
          const outcome = (context.errors ?? []).length === 0 ? 'ok' : 'errors';
          metrics.operation.observe({ kind, outcome }, (performance.now() - context.contextValue.startedAtMs) / 1_000);
        },
      };
    },
  };
}

function returnTokens({ contextValue, response }: GraphQLRequestContextWillSendResponse<Operation>): void {
  const { header, tokens, incomplete } = contextValue.tokens;
  if (response.body.kind !== 'single' || (header === undefined && !incomplete)) return;
  if (header !== undefined) response.http.headers.set(CONSISTENCY_HEADER, header);
  const { singleResult } = response.body;
  singleResult.extensions = { ...singleResult.extensions, consistency: { tokens, incomplete } };
}
