import { type Client, Memory, type Refused } from '../replay/client.ts';
import type { Principal } from '../replay/principals.ts';

/** The running system, asked and told as any client does it. */
export interface Graph {
  ask<T>(query: string): Promise<T>;
  /** @throws Refused where the answer will not change */
  tell<T>(field: string, selection: string, input: object): Promise<T>;
  /** The same for a further matter, which begins with having seen what this one has. */
  branch(): Graph;
}

export function graphOf(client: Client, as: Principal, seen?: string): Graph {
  const memory = new Memory(seen);
  return {
    ask: (query) => client.query(as, memory, query),
    tell: (field, selection, input) => client.mutate(as, memory, field, selection, input),
    branch: () => graphOf(client, as, memory.tokens),
  };
}

/** The value of a refusal's detail. */
export function detailOf(refused: Refused, name: string): string | undefined {
  return refused.details.find((detail) => detail.name === name)?.value;
}

/** Waits for nothing: what does not answer at once is not there. */
export async function assertAnswers(endpoint: string): Promise<void> {
  try {
    await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
    });
  } catch {
    throw new Error(`nothing answers at ${endpoint}`);
  }
}

interface Me {
  readonly kind: string;
  readonly roles: readonly string[];
  readonly identity: { readonly state: string } | null;
}

/**
 * Whoever sees only a part of the register would take it for the whole.
 * @returns whether the session may give memberships of any operator, too
 * @throws Error for anybody who is no active super_admin
 */
export async function assertSuperAdmin(graph: Graph): Promise<boolean> {
  const { me } = await graph.ask<{ me: Me }>('{ me { kind roles identity { state } } }');
  const isActive = me.kind === 'HUMAN' && me.identity?.state === 'ACTIVE';
  if (!isActive || !me.roles.includes('super_admin')) throw new Error('it takes the session of an active super_admin');
  return me.roles.includes('admin_governor');
}

/** A page of a list. */
export interface Connection<T> {
  readonly edges: readonly { readonly node: T }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** The selection of a page; `pagesOf` reads one after the other. */
export const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';

/** Every node of a list, page by page. */
export async function pagesOf<T>(
  read: (after: string) => Promise<Connection<T> | null>,
  onPage: (nodes: number) => void = () => undefined,
): Promise<readonly T[]> {
  const nodes: T[] = [];
  for (let after = ''; ; ) {
    const page = await read(after);
    if (page === null) throw new Error('a list was not shown');
    nodes.push(...page.edges.map(({ node }) => node));
    onPage(page.edges.length);
    if (!page.pageInfo.hasNextPage) return nodes;
    after = `, after: ${JSON.stringify(page.pageInfo.endCursor)}`;
  }
}
