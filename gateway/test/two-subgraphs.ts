import { composeServices } from '@apollo/composition';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import { type FastifyInstance, fastify } from 'fastify';
import { GraphQLError, parse } from 'graphql';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

export const SDL = {
  makers: `${LINK}
    type Query { maker(id: ID!): Maker  forbidden: Maker  broken: Int! }
    type Mutation { make(name: String!): Maker }
    type Maker @key(fields: "id") { id: ID! name: String }`,
  fans: `${LINK}
    type Query { fans: Int }
    type Mutation { cheer(id: ID!): Maker }
    type Maker @key(fields: "id") { id: ID! applause: Int }`,
};

export interface Seen {
  readonly service: string;
  readonly headers: Record<string, string | undefined>;
}

/** Two small subgraphs with an entity between them; what they are sent is seen in `seen`, and answered at once unless it is held. */
export async function startSubgraphs() {
  const seen: Seen[] = [];
  let made = 0;
  let gate: Promise<void> | undefined;
  const makers = await serve('makers', seen, {
    Query: {
      maker: (_: unknown, { id }: { id: string }) => ({ id, name: `maker ${id}` }),
      forbidden() {
        throw new GraphQLError('Not yours.', {
          extensions: { code: 'FORBIDDEN', transition: 'maker.see', clause: 'holder' },
        });
      },
      broken() {
        throw new TypeError('secret detail of the database');
      },
    },
    Mutation: {
      async make(_: unknown, { name }: { name: string }) {
        await gate;
        made += 1;
        return { id: String(made), name };
      },
    },
    Maker: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `maker ${id}` }) },
  });
  const fans = await serve('fans', seen, {
    Query: { fans: () => 2 },
    Mutation: { cheer: (_: unknown, { id }: { id: string }) => ({ id }) },
    Maker: { __resolveReference: ({ id }: { id: string }) => ({ id }), applause: () => 7 },
  });
  const composed = composeServices(
    Object.entries(SDL).map(([name, sdl]) => ({ name, url: 'http://x.invalid', typeDefs: parse(sdl) })),
  );
  return {
    seen,
    made: () => made,
    /** Makers are not made until what it returns is called. */
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
    supergraphSdl: composed.supergraphSdl ?? '',
    addresses: new Map([
      ['makers', makers.url],
      ['fans', fans.url],
    ]),
    makers,
    fans,
    close: async () => void (await Promise.all([makers.server.close(), fans.server.close()])),
  };
}

async function serve(name: 'makers' | 'fans', seen: Seen[], resolvers: object) {
  const apollo = new ApolloServer({
    schema: buildSubgraphSchema([{ typeDefs: parse(SDL[name]), resolvers: resolvers as never }]),
    plugins: [ApolloServerPluginInlineTraceDisabled()],
    includeStacktraceInErrorResponses: true,
  });
  await apollo.start();
  const server: FastifyInstance = fastify({ forceCloseConnections: 'idle' });
  server.get('/readyz', async () => ({ ready: true }));
  const tokens = new Map<string, number>();
  server.addHook('onRequest', async ({ url, headers }, reply) => {
    if (url !== '/graphql') return;
    seen.push({ service: name, headers: headers as Seen['headers'] });
    tokens.set(name, (tokens.get(name) ?? 0) + 1);
    reply.header('qtm-consistency', `${name}/maker/1@1.${tokens.get(name)}~mac`);
  });
  server.post('/graphql', fastifyApolloHandler(apollo));
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  return { server, url: `${address}/graphql` };
}
