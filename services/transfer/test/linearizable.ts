/** One thing that was asked of a transfer, and when: it took effect at one moment between `fromMs` and `toMs`. */
export interface Operation {
  /** A command of its life, or `read`. */
  readonly act: string;
  readonly fromMs: number;
  readonly toMs: number;
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

/**
 * True where the operations can be put into one order that respects what ended before what began, and in which each answer is right
 * (Wing and Gong's search; places that were looked at are not looked at again). Its deadline passes at some moment of that order, or
 * does not. Short histories only.
 */
export function isLinearizable({ expires, operations: asked }: History): boolean {
  const operations = expires ? [...asked, DEADLINE] : asked;
  const looked = new Set<string>();
  const search = (left: readonly number[], now: Stand): boolean => {
    if (left.every((index) => operations[index]?.answer === 'unknown')) return true;
    const place = `${left.join()} ${JSON.stringify(now)}`;
    if (looked.has(place)) return false;
    looked.add(place);
    const firstEndMs = Math.min(...left.map((index) => (operations[index] as Operation).toMs));
    return left.some((index) => {
      const operation = operations[index] as Operation;
      if (operation.fromMs > firstEndMs) return false;
      const after = applied(now, operation, expires);
      const others = left.filter((other) => other !== index);
      return after !== undefined && search(others, after);
    });
  };
  return search([...operations.keys()], { state: 'proposed', version: 1, overdue: false });
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
