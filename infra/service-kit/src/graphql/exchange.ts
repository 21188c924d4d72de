import type { FastifyRequest } from 'fastify';
import {
  CONSISTENCY_HEADER,
  INCOMPLETE_HEADER,
  type SeenVersion,
  type TokenSigner,
  WAIT_BUDGET_HEADER,
} from '../consistency/token.ts';
import type { Waiters } from '../consistency/waiters.ts';
import type { Pool } from '../database/pool.ts';
import type { Session } from '../process/session.ts';
import { traceparentOf } from '../process/trace-context.ts';
import type { Chassis } from '../service/chassis.ts';
import { type Context, createContext } from './context.ts';

/** One request as Apollo Server carries it: what resolvers work with, and what goes back beside the answer. */
export interface Exchange extends Context {
  /** Headers of the answer: tokens of what was written, and whether facts the client has seen are still missing here. */
  answerHeaders(): readonly (readonly [name: string, value: string])[];
}

export interface ExchangeOptions {
  readonly chassis: Chassis;
  readonly pool: Pool;
  readonly waiters: Waiters;
  readonly signer: TokenSigner;
}

/** Nobody is kept waiting longer, whatever the header says. */
const MAX_WAIT_MS = 60_000;
const TRACE_ID = { from: 3, to: 35 } as const;

/** Waits, once and holding no connection, for what the client has seen; then makes the context of the request. */
export async function openExchange(
  { chassis, pool, waiters, signer }: ExchangeOptions,
  { headers }: Pick<FastifyRequest, 'headers'>,
  session: Session,
): Promise<Exchange> {
  const seen = signer.verify(textOf(headers[CONSISTENCY_HEADER]));
  const upToDate = seen.length === 0 || (await waiters.wait(seen, budgetOf(headers[WAIT_BUDGET_HEADER])));
  const traceparent = traceparentOf(textOf(headers.traceparent));
  const written: SeenVersion[] = [];
  const context = createContext(chassis, {
    session,
    pool,
    upToDate,
    authorization: headers.authorization,
    trace: { correlationId: traceparent.slice(TRACE_ID.from, TRACE_ID.to), traceparent },
    wrote: (type, id, version) =>
      written.push({ service: chassis.service, type, id, epoch: chassis.origin.epoch, version }),
  });
  return {
    ...context,
    answerHeaders() {
      const answer: [string, string][] = [];
      if (written.length > 0)
        answer.push([CONSISTENCY_HEADER, written.map((version) => signer.sign(version)).join(',')]);
      if (!upToDate) answer.push([INCOMPLETE_HEADER, 'true']);
      return answer;
    },
  };
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header;
}

/** Without a budget nothing is waited for: the caller has not said how long it can. */
function budgetOf(header: string | string[] | undefined): number {
  const budgetMs = Number(textOf(header) ?? 0);
  return Number.isFinite(budgetMs) ? Math.min(Math.max(budgetMs, 0), MAX_WAIT_MS) : 0;
}
