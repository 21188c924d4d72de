import { fitOneOrder, type Spanned } from '../../../test/harness/one-order.ts';

/** One thing that was asked of a transfer, and when. */
export interface Operation extends Spanned {
  /** A command of its life, or `read`. */
  readonly act: string;
  /** `done`, `told` for what was read, the code of a refusal, or `unknown` where nobody knows whether it took effect. */
  readonly answer: string;
  /** As the answer says: the state in which it was refused, or which was read. */
  readonly state?: string;
  readonly version?: number;
}

/** What was asked of one transfer since it was proposed. */
export interface History {
  /** True where its proposal has a deadline, which may pass meanwhile. */
  readonly expires: boolean;
  readonly operations: readonly Operation[];
}

interface Stand {
  readonly state: string;
  readonly version: number;
  readonly overdue: boolean;
}

/** The pairs of the doctrine (S2:31-43) and its two extensions; written here once more, since a checker must not rest on what it checks. */
const LIFE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  proposed: { accept: 'accepted', reject: 'rejected', cancel: 'canceled', expire: 'expired' },
  accepted: { complete: 'completed', void: 'voided' },
};
const ENDS_BY_DEADLINE = ['accept'];
const DEADLINE: Operation = { act: 'deadline', fromMs: -Infinity, toMs: Infinity, answer: 'unknown' };

/** Whether one order explains every answer; its deadline passes at some moment of that order, or does not. Short histories only. */
export function isLinearizable({ expires, operations }: History): boolean {
  return fitOneOrder<Operation, Stand>(expires ? [...operations, DEADLINE] : operations, {
    begins: { state: 'proposed', version: 1, overdue: false },
    after: (now, operation) => applied(now, operation, expires),
    isOptional: ({ answer }) => answer === 'unknown',
  });
}

/** How it stands afterwards; undefined where the answer would not have been right at this moment. */
function applied(now: Stand, { act, answer, state, version }: Operation, expires: boolean): Stand | undefined {
  if (act === 'deadline') return { ...now, overdue: true };
  if (answer === 'told') return state === now.state && version === now.version ? now : undefined;
  const pair = act === 'expire' && !expires ? undefined : LIFE[now.state]?.[act];
  const refusal = refusalOf(now, act, pair);
  if (answer === 'done' || answer === 'unknown') {
    const fits = refusal === undefined && (version === undefined || version === now.version + 1);
    return fits && pair !== undefined ? { ...now, state: pair, version: now.version + 1 } : undefined;
  }
  return answer === refusal && (state === undefined || state === now.state) ? now : undefined;
}

function refusalOf({ overdue }: Stand, act: string, pair: string | undefined): string | undefined {
  if (pair === undefined) return 'WRONG_STATE';
  if (act === 'expire') return overdue ? undefined : 'DEADLINE_NOT_PASSED';
  return overdue && ENDS_BY_DEADLINE.includes(act) ? 'DEADLINE_PASSED' : undefined;
}
