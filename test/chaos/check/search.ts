import { fitOneOrder, type Spanned } from '../../harness/one-order.ts';

/** One thing that was asked of a job or a transfer, and when. */
export interface Operation extends Spanned {
  /** A command of its life, or `read`. */
  readonly kind: string;
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
      proposed: { accept: 'accepted', reject: 'rejected', cancel: 'canceled', expire: 'expired' },
      accepted: { complete: 'completed', expire: 'expired', void: 'voided' },
      completed: {},
      rejected: {},
      canceled: {},
      expired: {},
      voided: {},
    },
  },
} as const satisfies Record<string, { readonly begins: Stand; readonly pairs: Pairs }>;

/** Whether one order of the operations explains every answer. Short histories only. */
export function isLinearizable({ of, operations }: Pick<History, 'of' | 'operations'>): boolean {
  const { begins, pairs } = LIVES[of];
  return fitOneOrder<Operation, Stand>(operations, {
    begins,
    after: (now, operation) => applied(pairs, now, operation),
    isOptional: ({ happened }) => happened === 'maybe',
  });
}

/** How it stands afterwards; undefined where the answer would not have been right at this moment. */
function applied(pairs: Pairs, now: Stand, { kind, happened, state, version }: Operation): Stand | undefined {
  if (happened === 'told') return state === now.state && version === now.version ? now : undefined;
  const next = pairs[now.state]?.[kind];
  if (happened === 'refused') return state === now.state && next === undefined ? now : undefined;
  return next === undefined ? undefined : { state: next, version: now.version + 1 };
}
