import type { Connection } from './connection.ts';

/** What a field that leads to another subgraph's entity resolves to: its key alone; null where there is none. */
export function byKey<K extends string>(
  name: K,
  value: string | null | undefined,
): { readonly [name in K]: string } | null {
  return value == null ? null : ({ [name]: value } as { readonly [name in K]: string });
}

/** The same page with other nodes; an edge whose node turns out not to be seen is left out. */
export async function mapNodes<A, B>(
  connection: Connection<A>,
  nodeOf: (node: A) => Promise<B | null>,
): Promise<Connection<B>> {
  const edges = await Promise.all(
    connection.edges.map(async ({ cursor, node }) => ({ cursor, node: await nodeOf(node) })),
  );
  return { ...connection, edges: edges.flatMap(({ cursor, node }) => (node === null ? [] : [{ cursor, node }])) };
}
