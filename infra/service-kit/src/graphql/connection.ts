import { badUserInput } from '../command/errors.ts';
import { encodeCursor, type Keyset } from './cursor.ts';

export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 25;

/**
 * A value that costs a statement: a function, which graphql calls only where the field is asked for. The generated types know values
 * alone.
 */
// biome-ignore lint/suspicious/noExplicitAny: stands for the field's own type
export type Lazily = any;

/** A page of a list as GraphQL clients get it (Relay). */
export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: Lazily;
}

/** @throws GraphQLError BAD_USER_INPUT outside 1 to 100 */
export function pageSize(first: number | null | undefined): number {
  const size = first ?? DEFAULT_PAGE;
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE) {
    throw badUserInput(`'first' is from 1 to ${MAX_PAGE}`, { argument: 'first' });
  }
  return size;
}

/** Makes a page of rows that were read with one more than the page holds: the one more says that there is a next page. */
export function connectionOf<R, T>(options: {
  readonly rows: readonly R[];
  readonly size: number;
  readonly binding: string;
  readonly after: boolean;
  readonly keyOf: (row: R) => Keyset;
  readonly nodeOf: (row: R) => T;
  readonly totalCount: () => Promise<number>;
}): Connection<T> {
  const { rows, size, binding, after, keyOf, nodeOf, totalCount } = options;
  const edges = rows.slice(0, size).map((row) => ({ cursor: encodeCursor(binding, keyOf(row)), node: nodeOf(row) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > size,
      hasPreviousPage: after,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount,
  };
}
