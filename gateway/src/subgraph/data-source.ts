import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway';
import { GraphQLError, type GraphQLFormattedError, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { CONSISTENCY_HEADER, INCOMPLETE_HEADER } from '../consistency.ts';
import { outcomeUnknown, subgraphUnavailable } from '../errors.ts';
import type { GatewayMetrics } from '../metrics.ts';
import type { Operation } from '../operation.ts';
import type { Addresses } from './addresses.ts';
import { ExchangeError, type HttpAnswer } from './exchange.ts';

type SubgraphResponse = Awaited<ReturnType<GraphQLDataSource['process']>>;

/** Remaining time, in milliseconds, that subgraphs may wait for facts they have not seen yet. */
const DEADLINE_HEADER = 'qtm-deadline-ms';

/**
 * What the gateway sends to one subgraph. Leaner than Apollo's own data source: one JSON text out, one in, over kept connections.
 * Nothing is ever sent twice: an answer that did not arrive is `OUTCOME_UNKNOWN` for a mutation, `SUBGRAPH_UNAVAILABLE` for a query.
 */
export class SubgraphDataSource implements GraphQLDataSource<Operation> {
  readonly #addresses: Addresses;
  readonly #metrics: GatewayMetrics;
  readonly #timeoutMs: number;

  constructor(addresses: Addresses, metrics: GatewayMetrics, timeoutMs: number) {
    this.#addresses = addresses;
    this.#metrics = metrics;
    this.#timeoutMs = timeoutMs;
  }

  async process(options: GraphQLDataSourceProcessOptions<Operation>): Promise<SubgraphResponse> {
    const { query = '', variables, operationName } = options.request;
    const operation = options.context as Operation;
    const isMutation = /^\s*mutation\b/.test(query);
    const body = JSON.stringify({ query, variables, operationName });
    try {
      return await this.#ask(operation, body, isMutation);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return { errors: atRootFields(error, query) };
    }
  }

  async #ask(operation: Operation, body: string, isMutation: boolean): Promise<SubgraphResponse> {
    const answer = await this.#post(operation, body, isMutation);
    operation.tokens.add(answer.headers[CONSISTENCY_HEADER]);
    if (answer.headers[INCOMPLETE_HEADER] !== undefined) operation.tokens.markIncomplete();
    const response = graphqlResponse(answer);
    if (response === undefined) throw this.#lost(isMutation, `it answered with status ${answer.status}`);
    return response;
  }

  async #post(operation: Operation, body: string, isMutation: boolean): Promise<HttpAnswer> {
    const startedMs = performance.now();
    const { service } = this.#addresses;
    let outcome = 'answered';
    try {
      const timeoutMs = Math.min(this.#timeoutMs, operation.endsAtMs - startedMs);
      const answer = await this.#addresses.post(headersOf(operation, startedMs), body, timeoutMs);
      this.#metrics.subgraphQueue.observe({ service }, answer.queuedMs / 1_000);
      return answer;
    } catch (error) {
      if (!(error instanceof ExchangeError)) throw error;
      outcome = error.sent ? 'lost' : 'never_sent';
      throw error.sent ? this.#lost(isMutation, error.reason) : subgraphUnavailable(service, error.reason);
    } finally {
      this.#metrics.subgraph.observe({ service, outcome }, (performance.now() - startedMs) / 1_000);
    }
  }

  #lost(isMutation: boolean, why: string) {
    return (isMutation ? outcomeUnknown : subgraphUnavailable)(this.#addresses.service, why);
  }
}

function headersOf(operation: Operation, nowMs: number): Record<string, string> {
  const { authorization, traceparent, tokens, waitUntilMs } = operation;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json',
    traceparent,
    [DEADLINE_HEADER]: String(Math.max(0, Math.floor(waitUntilMs - nowMs))),
  };
  if (authorization !== undefined) headers.authorization = authorization;
  const known = tokens.header;
  if (known !== undefined) headers[CONSISTENCY_HEADER] = known;
  return headers;
}

/** The GraphQL response in an answer, whatever its status; undefined where there is none. */
function graphqlResponse({ body }: HttpAnswer): SubgraphResponse | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const isResponse = typeof parsed === 'object' && parsed !== null && ('data' in parsed || 'errors' in parsed);
    return isResponse ? (parsed as SubgraphResponse) : undefined;
  } catch {
    return undefined;
  }
}

/** The failure of a whole request as an error at each field that was asked for, so that a client sees what it hit. */
function atRootFields({ message, extensions }: GraphQLError, query: string): readonly GraphQLFormattedError[] {
  const [operation] = parse(query).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const { selections } = (operation as OperationDefinitionNode).selectionSet;
  const fields = selections.filter((selection) => selection.kind === Kind.FIELD);
  return fields.map(({ alias, name }) => {
    // Where entities were asked for, the field is the gateway's own; the client did not write it.
    return name.value === '_entities'
      ? { message, extensions }
      : { message, extensions, path: [(alias ?? name).value] };
  });
}
