import fc from 'fast-check';
import { expect, test } from 'vitest';
import { divergence } from './fold.ts';
import { type Act, OBJECTS, OUTCOMES, type Setting } from './test/acts.ts';
import { GovernedRegister } from './test/governed-register.ts';
import { Reference } from './test/reference.ts';

const PEOPLE = ['ana', 'ben', 'cat'];
/** Who tries things: holders and targets, two that may be super_admins, the clock and an agent. */
const ACTORS = [...PEOPLE, 'sue', 'sam', 'clock', 'omni'];
/** Another one each time; whoever wants a run again puts what was printed in its place. */
const SEED = Date.now() % 2 ** 31;

/** An act as it is drawn, before it is known which transfers there will be and who has which part in them. */
interface Drawn {
  /** What to try; the step that is next, where none is said. */
  readonly type: Act['type'] | undefined;
  /** Somebody, or whoever has the part that the act takes. */
  readonly by: string | undefined;
  readonly object: string;
  readonly to: string;
  /** The transfer, counted from the newest. */
  readonly place: number;
  readonly waive: boolean;
}

/** The act that was drawn, of a transfer there is; none where there is none yet. */
function actOf({ type: drawn, by, object, to, place, waive }: Drawn, model: Reference): Act | undefined {
  const { objects, transfers } = model.view();
  const index = transfers.length - 1 - (place % Math.max(transfers.length, 1));
  const found = transfers[index];
  const type = drawn ?? (found?.state === 'accepted' ? 'complete' : 'accept');
  if (type === 'propose') return { type, by: by ?? objects[object]?.holder ?? '', object, to };
  if (type === 'lock' || type === 'unlock') return { type, by: by ?? objects[object]?.holder ?? '', object };
  if (found === undefined) return undefined;
  const transfer = `transfer-${index}`;
  if (type === 'complete') return { type, by: by ?? 'sue', transfer, waive };
  const fitting = { accept: found.to, reject: found.to, cancel: found.proposedBy, expire: 'clock', void: 'sue' };
  return { type, by: by ?? (type === 'add_evidence' ? found.from : fitting[type]), transfer };
}

class Attempt implements fc.Command<Reference, GovernedRegister> {
  readonly #drawn: Drawn;
  readonly #afterS: number;
  readonly #note: (what: string) => void;

  constructor(drawn: Drawn, afterS: number, note: (what: string) => void) {
    this.#drawn = drawn;
    this.#afterS = afterS;
    this.#note = note;
  }

  check(model: Readonly<Reference>): boolean {
    return actOf(this.#drawn, model as Reference) !== undefined;
  }

  run(model: Reference, real: GovernedRegister): void {
    for (const one of [model, real]) one.nowS += this.#afterS;
    const act = actOf(this.#drawn, model) as Act;
    const before = real.view();
    const expected = model.attempt(act);
    expect(real.attempt(act)).toBe(expected);
    if (expected !== 'accepted') expect(real.view()).toEqual(before);
    expect(real.view()).toEqual(model.view());
    this.#note(`${act.type}: ${expected}`);
  }

  toString(): string {
    return `after ${this.#afterS} s: ${JSON.stringify(this.#drawn)}`;
  }
}

/** What happens around the register: an identity is suspended or reinstated, an object retired. */
class Turn implements fc.Command<Reference, GovernedRegister> {
  readonly #of: 'inactive' | 'ended';
  readonly #what: string;

  constructor(of: 'inactive' | 'ended', what: string) {
    this.#of = of;
    this.#what = what;
  }

  check(): boolean {
    return true;
  }

  run(model: Reference, real: GovernedRegister): void {
    for (const { [this.#of]: set } of [model, real]) if (!set.delete(this.#what)) set.add(this.#what);
  }

  toString(): string {
    return `${this.#what} is ${this.#of}, or is it no more`;
  }
}

const settings: fc.Arbitrary<Setting> = fc.record({
  distinctActors: fc.constantFrom('strict', 'literal'),
  waiverAllowed: fc.boolean(),
  proposedExpiresS: fc.constantFrom(null, 60),
  acceptedExpiresS: fc.constantFrom(null, 120),
  voidable: fc.boolean(),
  lockable: fc.boolean(),
  coolOffS: fc.constantFrom(0, 30),
  superAdmins: fc.constantFrom(['sue'], ['sue', 'sam']),
});

function commands(note: (what: string) => void) {
  const type = fc.oneof(
    { weight: 5, arbitrary: fc.constant('propose' as const) },
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 3, arbitrary: fc.constantFrom('accept' as const, 'complete' as const) },
    { weight: 4, arbitrary: fc.constantFrom('reject', 'cancel', 'void', 'expire', 'add_evidence') },
    { weight: 2, arbitrary: fc.constantFrom('lock', 'unlock') },
  );
  const drawn: fc.Arbitrary<Drawn> = fc.record({
    type,
    by: fc.oneof(
      { weight: 4, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom('sue', 'sam') },
      { weight: 2, arbitrary: fc.constantFrom(...ACTORS) },
    ),
    object: fc.constantFrom(...OBJECTS),
    to: fc.constantFrom(...PEOPLE),
    place: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(5)),
    waive: fc.constantFrom(true, true, true, false),
  });
  const afterS = fc.constantFrom(0, 0, 0, 0, 1, 10, 29, 30, 60);
  const attempts = fc.tuple(drawn, afterS).map(([one, seconds]) => new Attempt(one, seconds, note));
  const turns = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...PEOPLE).map((who) => new Turn('inactive', who)) },
    fc.constantFrom(...OBJECTS).map((what) => new Turn('ended', what)),
  );
  const either = fc.oneof({ weight: 20, arbitrary: attempts as fc.Arbitrary<Attempt | Turn> }, turns);
  return fc.commands([either], { maxCommands: 60, size: 'max' });
}

/** What must hold however it went. */
function verify(real: GovernedRegister): void {
  for (const object of OBJECTS) {
    expect(divergence(real.entries.get(object), real.beginnings.get(object), real.completedOf(object))).toBeUndefined();
  }
  // What was completed is to this day what the fact of it said; the register moved with it, and with nothing else (T-TR-18, T-TR-19).
  const completions = real.facts.filter(({ name }) => name === 'transfer_completed');
  for (const { after } of completions) expect(real.transfers.get(after.id)).toBe(after);
  expect(real.facts.filter(({ name }) => name === 'operator_transferred')).toHaveLength(completions.length);
}

test('T-TR-01 allow: whoever tries whatever in whatever order, the rules do what the doctrine says, and nothing else', () => {
  const seen: Record<string, number> = {};
  const note = (what: string) => {
    seen[what] = (seen[what] ?? 0) + 1;
  };
  const property = fc.property(settings, commands(note), (setting, tried) => {
    const real = new GovernedRegister(setting);
    fc.modelRun(() => ({ model: new Reference(setting), real }), tried);
    verify(real);
    for (const { state, waivedBy } of real.view().transfers) note(`ended ${waivedBy === null ? state : 'by a waiver'}`);
  });
  fc.assert(property, { numRuns: 1_000, seed: SEED });
  process.stdout.write(`interleavings of seed ${SEED}: ${JSON.stringify(seen, Object.keys(seen).sort())}\n`);
  const outcomes = new Set(Object.keys(seen).map((key) => key.split(': ')[1]));
  expect([...outcomes]).toEqual(expect.arrayContaining([...OUTCOMES]));
  const ends = ['completed', 'rejected', 'canceled', 'expired', 'voided', 'by a waiver'];
  expect(Object.keys(seen)).toEqual(expect.arrayContaining(ends.map((end) => `ended ${end}`)));
});
