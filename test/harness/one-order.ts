/** Something that took effect at one moment between `fromMs` and `toMs`. */
export interface Spanned {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What operations do to one thing, step by step. */
export interface Course<O extends Spanned, S> {
  readonly begins: S;
  /** How it stands afterwards; undefined where the operation's answer would not have been right at this moment. */
  readonly after: (now: S, operation: O) => S | undefined;
  /** True where nobody knows whether it took effect at all. */
  readonly isOptional: (operation: O) => boolean;
}

/**
 * True where the operations can be put into one order that respects what ended before what began, and in which each answer is right
 * (Wing and Gong's search; places that were looked at are not looked at again). Short histories only.
 */
export function fitOneOrder<O extends Spanned, S>(
  operations: readonly O[],
  { begins, after, isOptional }: Course<O, S>,
): boolean {
  const looked = new Set<string>();
  const at = (index: number) => operations[index] as O;
  const search = (left: readonly number[], now: S): boolean => {
    if (left.every((index) => isOptional(at(index)))) return true;
    const place = `${left.join()} ${JSON.stringify(now)}`;
    if (looked.has(place)) return false;
    looked.add(place);
    const firstEndMs = Math.min(...left.map((index) => at(index).toMs));
    return left.some((index) => {
      if (at(index).fromMs > firstEndMs) return false;
      const then = after(now, at(index));
      const others = left.filter((other) => other !== index);
      return then !== undefined && search(others, then);
    });
  };
  return search([...operations.keys()], begins);
}
