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
  readonly actorId: string;
  /** The clause of the matrix that allowed it. */
  readonly clause: string;
  /** Facts of others that it rests on, as `<service>/<type>/<id>@<epoch>.<version>`. */
  readonly basis: readonly string[];
  /** Trace under which it was asked for. */
  readonly trace: string;
  /** Of the bytes of the value. */
  readonly sha256: string;
  /** Of the published state, whatever the order of its keys. */
  readonly stateHash: string;
  /** Ids of other aggregates that the published state names, by their field. */
  readonly links: Readonly<Record<string, string | null>>;
  /** Of a sealed record: the hash it was sealed under. */
  readonly sealed: string | null;
  /** The published state of an operator, a register entry or a transfer; of everything else its hash has to do. */
  readonly state: Readonly<Record<string, unknown>> | null;
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
  /** Of a transfer: the facts of the transitions that its record shows. */
  readonly transitions?: readonly string[];
}

/** The Governed Register as clients are shown it. */
export interface ShownRegister {
  readonly entries: readonly ShownEntry[];
  /** What folding all of it gave, by the system's own word. */
  readonly verification: { readonly objects: number; readonly holds: boolean };
}

export interface ShownEntry {
  readonly id: string;
  readonly version: number;
  readonly holderIdentityId: string;
  readonly registerVersion: number;
  readonly setById: string;
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
