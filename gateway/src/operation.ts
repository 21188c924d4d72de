import type { ConsistencyTokens } from './consistency.ts';

/** What one client operation carries through all of its subgraph requests; the context of Apollo Server. */
export interface Operation {
  /** The session as it came; every subgraph verifies it again. */
  readonly authorization: string | undefined;
  /** W3C trace context. */
  readonly traceparent: string;
  readonly tokens: ConsistencyTokens;
  /** Until when subgraphs may wait for facts they have not seen yet; milliseconds of `performance.now()`. */
  readonly waitUntilMs: number;
  /** When the operation has taken too long to begin another subgraph request; milliseconds of `performance.now()`. */
  readonly endsAtMs: number;
  readonly startedAtMs: number;
}
