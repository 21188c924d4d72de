/** As little as it needs: where the supergraph lies, and that the session goes on to the subgraphs. */
export const gatewayConfig = {
  supergraph: './supergraph.graphql',
  pollingInterval: 0,
  logging: false,
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get('authorization') ?? '' }),
  },
};
