import { saysTooManyFaults } from '@qtm/service-kit/process';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

/** The subgraph did not do what it was asked: nothing was sent, or a query was lost. Asking again is safe. */
export function subgraphUnavailable(service: string, why: string): GraphQLError {
  return new GraphQLError(`${service} cannot be reached: ${why}`, {
    extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true },
  });
}

/** A mutation was sent and its answer did not arrive. */
export function outcomeUnknown(service: string, why: string): GraphQLError {
  return new GraphQLError(
    `${service} was asked, but its answer did not arrive (${why}): the change was made or was not made. ` +
      'Repeat the mutation with the same idempotencyKey to learn which; it is made at most once.',
    { extensions: { code: 'OUTCOME_UNKNOWN', retryable: true } },
  );
}

export function unauthenticated(reason: string): GraphQLError {
  return new GraphQLError(reason, { extensions: { code: 'UNAUTHENTICATED' } });
}

/** Codes of the libraries for "a fault that nobody foresaw", here and in a subgraph. */
const UNFORESEEN = new Set<unknown>([undefined, 'INTERNAL', 'INTERNAL_SERVER_ERROR', 'DOWNSTREAM_SERVICE_ERROR']);

export function isUnforeseen(error: GraphQLFormattedError): boolean {
  return UNFORESEEN.has(error.extensions?.code) && !saysTooManyFaults(error);
}

/** What a client sees of an error: what a subgraph said of it, never a stack, and nothing about a fault that nobody foresaw. */
export function presentable(error: GraphQLFormattedError): GraphQLFormattedError {
  const { stacktrace: _stacktrace, ...extensions } = error.extensions ?? {};
  if (saysTooManyFaults(error)) return { ...error, extensions: { ...extensions, code: 'BAD_USER_INPUT' } };
  if (!isUnforeseen(error)) return { ...error, extensions };
  return {
    ...error,
    message: 'The request failed; the fault was logged.',
    extensions: { ...extensions, code: 'INTERNAL' },
  };
}
