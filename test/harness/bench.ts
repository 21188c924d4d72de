import { randomUUID } from 'node:crypto';
import type { ServiceDatabase } from '@qtm/local';
import type { Row, ServiceDefinition, Session } from '@qtm/service-kit';
import { migrate } from '@qtm/service-kit/migrate';
import { createLogger } from '@qtm/service-kit/process';
import type { GraphQLFormattedError } from 'graphql';
import { CLOCK } from '../../infra/service-kit/src/command/flight.ts';
import { type Applier, applyDeliveries } from '../../infra/service-kit/src/consumer/apply.ts';
import { PassedOver } from '../../infra/service-kit/src/consumer/position.ts';
import { createPool, type Pool } from '../../infra/service-kit/src/database/pool.ts';
import { rowsOf } from '../../infra/service-kit/src/database/statement.ts';
import { keepWatermark } from '../../infra/service-kit/src/freshness/keeper.ts';
import { createContext } from '../../infra/service-kit/src/graphql/context.ts';
import { createSubgraph } from '../../infra/service-kit/src/graphql/subgraph.ts';
import { SCHEMA_ROOT } from '../../infra/service-kit/src/service/boot.ts';
import { type OwnActs, ownActs } from '../../infra/service-kit/src/service/own-acts.ts';
import type { ForeignFact } from './foreign-facts.ts';
import { chassisHere, newTrace } from './in-process.ts';
import { uniqueName } from './names.ts';
import { sharedStack } from './stack.ts';

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for
  readonly data: any;
  readonly errors: readonly GraphQLFormattedError[];
}

/** One service in this process, on a database of its own, before its topics: facts of others are handed to it, its graph is asked. */
export interface Bench {
  readonly chassis: Awaited<ReturnType<typeof chassisHere>>;
  /** What applies facts here; with a pool of its own. */
  readonly applier: Applier;
  /** Connections of requests. */
  readonly pool: Pool;
  /** Addresses of the database, by what they may do. */
  readonly urls: ServiceDatabase;
  /** What the service may do of itself, as at its start. */
  readonly acts: OwnActs;
  /** Applies facts of other services, in their order, as the follower does. */
  feed(...facts: readonly ForeignFact[]): Promise<void>;
  /** The same of facts of one service, which are applied in one transaction. */
  feedAtOnce(source: string, ...facts: readonly ForeignFact[]): Promise<void>;
  /** Hears of another service that everything it committed so far is known here, as its relay says it. */
  hear(source: string): Promise<void>;
  /** Asks the graph; `upToDate` false: as where a fact that the client has seen did not arrive here in time. */
  ask(session: Session, query: string, variables?: object, options?: { readonly upToDate?: boolean }): Promise<Answer>;
  /** Asks for things by their ids, as the gateway does: those that are shown, in the order of the ids, each with its id. */
  entities(
    session: Session,
    type: string,
    ids: readonly string[],
    fields?: string,
  ): Promise<readonly { readonly id: string }[]>;
  /** Makes one mutation, with a fresh key unless the input has one. */
  attempt(session: Session, field: string, input: object, selection?: string): Promise<Answer>;
  /** The same, where it must be accepted; gives its payload. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for
  mutate(session: Session, field: string, input: object, selection?: string): Promise<any>;
  /** As the service's own role, which may do what the running service may. */
  rows<R extends Row = Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
  stop(): Promise<void>;
}

/**
 * `authorityMaxAgeMs`: without it facts never grow old, since nobody announces anything to a service alone. `database`: one that is
 * there already, such as a restored one; a new one otherwise.
 */
export async function openBench(
  definition: ServiceDefinition,
  poolSize = 8,
  authorityMaxAgeMs = Number.POSITIVE_INFINITY,
  database = uniqueName(`${definition.name}_`),
): Promise<Bench> {
  const { name } = definition;
  const urls = await sharedStack().provision(name, { database });
  const { ownerUrl, appUrl } = urls;
  await migrate({ service: name, ownerUrl, appRole: `${name}_app`, relayRole: `${name}_relay` });
  const logger = createLogger(name, 'fatal');
  const poolOf = (purpose: string, size: number) =>
    createPool({ url: appUrl, name: `${name} ${purpose}`, size, logger });
  const pool = poolOf('requests', poolSize);
  const followerPool = poolOf('follower', 3);
  const chassis = await chassisHere(definition, pool, authorityMaxAgeMs);
  const acts = ownActs(chassis, pool);
  await definition.onStart?.(acts);
  const applier: Applier = {
    chassis,
    pool: followerPool,
    follows: definition.follows,
    reactions: chassis.reactions,
    passedOver: new PassedOver(),
  };
  const apollo = createSubgraph({ service: name, schemaRoot: SCHEMA_ROOT, resolvers: definition.resolvers, logger });
  await apollo.start();
  let offset = 0n;
  const ask: Bench['ask'] = async (session, query, variables = {}, { upToDate = true } = {}) => {
    const context = createContext(chassis, { session, pool, trace: newTrace(), upToDate, wrote: () => undefined });
    const { body } = await apollo.executeOperation(
      { query, variables: { ...variables } },
      { contextValue: { ...context, answerHeaders: () => [] } },
    );
    if (body.kind !== 'single') throw new Error('an answer in parts');
    const { data, errors = [] } = JSON.parse(JSON.stringify(body.singleResult)) as Answer & { errors?: [] };
    return { data, errors };
  };
  const attempt: Bench['attempt'] = (session, field, input, selection = '') => {
    const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { ${field}(input: $input) {
      ${selection} refusal { code retryable currentState details { name value } } } }`;
    return ask(session, query, { input: { idempotencyKey: randomUUID(), ...input } });
  };
  return {
    chassis,
    applier,
    pool,
    urls,
    acts,
    async feed(...facts) {
      for (const fact of facts) await applyDeliveries(applier, [deliveryOf(fact.source, [fact], () => offset++)]);
    },
    async feedAtOnce(source, ...facts) {
      await applyDeliveries(applier, [deliveryOf(source, facts, () => offset++)]);
    },
    async hear(source) {
      const [clock] = await rowsOf<{ now: string }>(pool, CLOCK);
      const place = { topic: source, controlTopic: `${source}.watermarks`, next: 1n };
      await keepWatermark(pool, place, { source, at: clock?.now ?? '', epoch: 1, offsets: [] });
    },
    ask,
    async entities(session, type, ids, fields = '') {
      const query = `query ($all: [_Any!]!) { _entities(representations: $all) { ... on ${type} { id ${fields} } } }`;
      const { data, errors } = await ask(session, query, { all: ids.map((id) => ({ __typename: type, id })) });
      if (errors.length > 0) throw new Error(`${type}: ${JSON.stringify(errors)}`);
      return data._entities.filter((one: object | null) => one !== null);
    },
    attempt,
    async mutate(session, field, input, selection) {
      const { data, errors } = await attempt(session, field, input, selection);
      if (errors.length > 0) throw new Error(`${field}: ${JSON.stringify(errors)}`);
      if (data[field].refusal !== null) throw new Error(`${field}: ${JSON.stringify(data[field].refusal)}`);
      return data[field];
    },
    rows: async (text, values = []) => (await pool.query(text, [...values])).rows,
    async stop() {
      await apollo.stop();
      await followerPool.end();
      await pool.end();
    },
  };
}

/** Facts of one service as its topic brings them. */
function deliveryOf(source: string, facts: readonly ForeignFact[], nextOffset: () => bigint) {
  const messages = facts.map(({ event }) => ({
    offset: nextOffset(),
    key: event.aggregate_id,
    value: Buffer.from(JSON.stringify(event)),
    headers: { ce_type: event.event_type, ce_subject: `${event.aggregate_type}/${event.aggregate_id}` },
  }));
  return { place: { source, topic: source, partition: 0 }, messages };
}
