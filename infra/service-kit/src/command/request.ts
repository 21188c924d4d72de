import type { Pool } from '../database/pool.ts';
import type { Session } from '../process/session.ts';

/** Where a request belongs in the traces: journals keep both. */
export interface RequestTrace {
  readonly correlationId: string;
  readonly traceparent: string;
}

/** What a command needs of the request it came with. */
export interface CommandRequest {
  readonly session: Session;
  readonly pool: Pool;
  readonly trace: RequestTrace;
  /** The header with the session's own token, for asking others in its name; none where the service acts of itself. Never logged. */
  readonly authorization?: string | undefined;
  /** False where a fact the client has seen did not arrive here in time. */
  readonly upToDate: boolean;
  /** Notes what was written, so that the client can be told and other services can wait for it. */
  readonly wrote: (aggregate: string, id: string, version: number) => void;
}
