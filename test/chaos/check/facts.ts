/** What the checker goes by: topics, journals for the named comparison, copies, and what the public interface shows. */

/** One fact as a message of a topic tells it. */
export interface TopicEvent {
  /** Service whose topic it is. */
  readonly service: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly eventId: string;
  /** Name without namespace and version: `job_created`. */
  readonly name: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly version: number;
  readonly epoch: number;
  readonly transition: string;
  readonly priorState: string | null;
  readonly newState: string;
  readonly causationId: string | null;
  /** Of the bytes of the value. */
  readonly sha256: string;
  /** Of the published state, whatever the order of its keys. */
  readonly stateHash: string;
  /** Ids of other aggregates that the published state names, by their field. */
  readonly links: Readonly<Record<string, string | null>>;
  /** Of a sealed record: the hash it was sealed under. */
  readonly sealed: string | null;
}

/** One row of a journal. */
export interface JournalRow {
  readonly service: string;
  readonly eventId: string;
  readonly sha256: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly transition: string;
  readonly actorId: string;
  /** False of consequences and of what a service does of itself. */
  readonly commanded: boolean;
  readonly trace: string;
  readonly transactionId: string;
}

/** What one service keeps of an aggregate of another. */
export interface Copy {
  /** Service that keeps it. */
  readonly keeper: string;
  readonly source: string;
  readonly type: string;
  readonly id: string;
  readonly epoch: number;
  readonly version: number;
  readonly stateHash: string;
  readonly unknown: boolean;
}

/** An aggregate and its history, as a client is shown them. */
export interface Shown {
  readonly type: string;
  readonly id: string;
  readonly state: string;
  readonly version: number;
  readonly history: readonly {
    readonly eventId: string;
    readonly version: number;
    readonly transition: string;
    readonly priorState: string | null;
    readonly newState: string;
  }[];
  /** Of a record: the hash shown, and that of the content shown. */
  readonly record?: { readonly sha256: string; readonly ofContent: string };
}

/** What became of one invariant: how much was looked at, and what contradicts it. */
export interface Verdict {
  readonly invariant: string;
  readonly checked: number;
  readonly findings: readonly string[];
}

/** `type/id` of an aggregate, as every list of them is keyed. */
export const aggregateKey = (type: string, id: string) => `${type}/${id}`;

/** First occurrences alone: what remains of a topic once repeats are dropped. */
export function withoutRepeats(events: readonly TopicEvent[]): readonly TopicEvent[] {
  const seen = new Set<string>();
  return events.filter(({ eventId }) => !seen.has(eventId) && seen.add(eventId));
}
