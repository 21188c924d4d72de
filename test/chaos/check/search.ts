/** One thing that was asked of a job or a transfer, and when: it took effect at one moment between `fromMs` and `toMs`. */
export interface Operation {
  /** A command of its life, or `read`. */
  readonly kind: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** done: it was acknowledged. refused: in `state`. told: a reader was shown `state` in `version`. maybe: nobody knows. */
  readonly happened: 'done' | 'refused' | 'told' | 'maybe';
  readonly state?: string;
  readonly version?: number;
}

/** All that was asked of one job or transfer. */
export interface History {
  readonly of: keyof typeof LIVES;
  readonly id: string;
  readonly operations: readonly Operation[];
}

interface Stand {
  readonly state: string;
  readonly version: number;
}

type Pairs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Lives as commands change them; written here once more, since a checker must not rest on what it checks. */
const LIVES = {
  job: {
    begins: { state: 'QUEUED', version: 1 },
    pairs: {
      QUEUED: { claim: 'CLAIMED', cancel: 'CANCELED' },
      CLAIMED: { release: 'QUEUED', start: 'STARTED', cancel: 'CANCELED' },
      STARTED: { complete: 'COMPLETED' },
      COMPLETED: {},
      CANCELED: {},
    },
  },
  transfer: {
    begins: { state: 'none', version: 0 },
    pairs: {
      none: { propose: 'proposed' },
      proposed: { accept: 'accepted', reject: 'rejected', cancel: 'canceled' },
      accepted: { complete: 'completed' },
      completed: {},
      rejected: {},
      canceled: {},
    },
  },
} as const satisfies Record<string, { readonly begins: Stand; readonly pairs: Pairs }>;

/**
 * True where the operations can be put into one order that respects what ended before what began, and in which each answer is right
 * (Wing and Gong's search; places that were looked at are not looked at again). Short histories only.
 */
export function isLinearizable({ of, operations }: Pick<History, 'of' | 'operations'>): boolean {
  const { begins, pairs } = LIVES[of];
  const looked = new Set<string>();
  const search = (left: readonly number[], now: Stand): boolean => {
    const due = left.filter((index) => operations[index]?.happened !== 'maybe');
    if (due.length === 0) return true;
    const place = `${left.join()} ${now.state} ${now.version}`;
    if (looked.has(place)) return false;
    looked.add(place);
    const firstEndMs = Math.min(...left.map((index) => (operations[index] as Operation).toMs));
    return left.some((index) => {
      const operation = operations[index] as Operation;
      if (operation.fromMs > firstEndMs) return false;
      const after = applied(pairs, now, operation);
      return (
        after !== undefined &&
        search(
          left.filter((other) => other !== index),
          after,
        )
      );
    });
  };
  return search([...operations.keys()], begins);
}

/** How it stands afterwards; undefined where the answer would not have been right at this moment. */
function applied(pairs: Pairs, now: Stand, { kind, happened, state, version }: Operation): Stand | undefined {
  if (happened === 'told') return state === now.state && version === now.version ? now : undefined;
  const next = pairs[now.state]?.[kind];
  if (happened === 'refused') return state === now.state && next === undefined ? now : undefined;
  return next === undefined ? undefined : { state: next, version: now.version + 1 };
}
