/** One thing that was asked of a job, and when: it took effect at one moment between `fromMs` and `toMs`. */
export interface Operation {
  readonly kind: 'claim' | 'release' | 'start' | 'complete' | 'cancel' | 'read';
  readonly fromMs: number;
  readonly toMs: number;
  /** done: it was acknowledged. refused: in `state`. told: a reader was shown `state` in `version`. maybe: nobody knows. */
  readonly happened: 'done' | 'refused' | 'told' | 'maybe';
  readonly state?: string;
  readonly version?: number;
}

export interface History {
  readonly jobId: string;
  readonly operations: readonly Operation[];
}

interface Job {
  readonly state: string;
  readonly version: number;
}

/** The life of a job as its commands change it; written here once more, since a checker must not rest on what it checks. */
const LIFE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  QUEUED: { claim: 'CLAIMED', cancel: 'CANCELED' },
  CLAIMED: { release: 'QUEUED', start: 'STARTED', cancel: 'CANCELED' },
  STARTED: { complete: 'COMPLETED' },
  COMPLETED: {},
  CANCELED: {},
};

/**
 * True where the operations can be put into one order that respects what ended before what began, and in which each answer is right
 * (Wing and Gong's search; places that were looked at are not looked at again). Short histories only.
 */
export function isLinearizable({ operations }: Pick<History, 'operations'>): boolean {
  const looked = new Set<string>();
  const search = (left: readonly number[], job: Job): boolean => {
    const due = left.filter((index) => operations[index]?.happened !== 'maybe');
    if (due.length === 0) return true;
    const place = `${left.join()} ${job.state} ${job.version}`;
    if (looked.has(place)) return false;
    looked.add(place);
    const firstEndMs = Math.min(...left.map((index) => (operations[index] as Operation).toMs));
    return left.some((index) => {
      const operation = operations[index] as Operation;
      if (operation.fromMs > firstEndMs) return false;
      const after = applied(job, operation);
      return (
        after !== undefined &&
        search(
          left.filter((other) => other !== index),
          after,
        )
      );
    });
  };
  return search([...operations.keys()], { state: 'QUEUED', version: 1 });
}

/** The job afterwards; undefined where the answer would not have been right at this moment. */
function applied(job: Job, { kind, happened, state, version }: Operation): Job | undefined {
  if (happened === 'told') return state === job.state && version === job.version ? job : undefined;
  const next = LIFE[job.state]?.[kind];
  if (happened === 'refused') return state === job.state && next === undefined ? job : undefined;
  return next === undefined ? undefined : { state: next, version: job.version + 1 };
}
