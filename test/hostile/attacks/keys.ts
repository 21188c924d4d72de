import type { Arena } from '../arena.ts';
import type { Attempt } from '../attempt.ts';
import { type Baselines, baselinesOf, type Call } from '../baselines.ts';
import type { Operation } from '../contract.ts';
import { acceptedIn, graphqlOf } from '../invariants/answer.ts';
import { chance, type Draw, oneOf } from '../values/draw.ts';
import { freshKey } from '../values/fresh.ts';
import type { WireAnswer } from '../wire-answer.ts';
import type { Attack, Volley } from './attack.ts';

const RACERS = 6;
const PASSES = 2;

/** Commands under one key, and about one version, all at once: at most one of them is made, and the others are told why. */
export const keys: Attack = {
  name: 'keys',
  describe: 'one idempotency key with the same and with other inputs, one expected version, all at once',
  atATime: 1,
  async *volleys(arena, draw) {
    const baselines = baselinesOf(arena);
    for (let pass = 0; pass < PASSES; pass++) {
      await arena.supply.refresh();
      for (const operation of baselines.commands) {
        const [person] = baselines.candidates(draw, operation);
        if (person === undefined) continue;
        const call = baselines.call(draw, operation, person);
        yield await sameKey(baselines, draw, call);
        yield await sameVersion(arena, baselines, draw, operation);
      }
    }
  },
};

/** One key: with the same input all are the same command; with another one the key is taken. */
async function sameKey(baselines: Baselines, draw: Draw, call: Call): Promise<Volley> {
  const idempotencyKey = freshKey();
  const alike = chance(draw, 50);
  const attempts: Attempt[] = [];
  for (let racer = 0; racer < RACERS; racer++) {
    const another = alike || racer === 0 ? call : baselines.call(draw, call.operation, call.person);
    attempts.push(await baselines.attempt({ ...call, input: { ...another.input, idempotencyKey } }));
  }
  const inputs = attempts.map(({ request }) => String(request.body).replace(/.*"variables":/s, ''));
  return {
    attempts: attempts.map((attempt) => ({ ...attempt, label: `one key, ${attempt.label}` })),
    verdict: (answers) => keyVerdict(inputs, answers),
  };
}

/** What is wrong with answers to one key: two of different inputs accepted, or the same input answered with two outcomes. */
export function keyVerdict(inputs: readonly string[], answers: readonly WireAnswer[]): string | undefined {
  const accepted = answers.flatMap((answer, index) => (acceptedIn(answer) ? [inputs[index] ?? ''] : []));
  if (new Set(accepted).size > 1) return `${new Set(accepted).size} different inputs were accepted under one key`;
  const outcomes = new Set(answers.filter(acceptedIn).map((answer) => rowsIn(answer).join(' ')));
  return outcomes.size > 1 ? `one command under one key became ${outcomes.size}` : undefined;
}

/** One expected version of one row: one of those who expect it wins, and makes it another. */
async function sameVersion(arena: Arena, baselines: Baselines, draw: Draw, operation: Operation): Promise<Volley> {
  const [person] = baselines.candidates(draw, operation);
  const fields = operation.field.args[0] === undefined ? [] : fieldsOf(operation);
  if (person === undefined || !fields.includes('expectedVersion')) return { attempts: [] };
  const call = baselines.call(draw, operation, person);
  const expectedVersion = oneOf(draw, [1, 2, 3, 4]);
  const attempts: Attempt[] = [];
  for (let racer = 0; racer < RACERS; racer++) {
    const input = { ...call.input, idempotencyKey: freshKey(), expectedVersion };
    const attempt = await baselines.attempt(
      { ...call, input },
      racer % 2 === 0 ? arena.gateway : doorOf(arena, operation),
    );
    attempts.push({ ...attempt, label: `one version, ${attempt.label}` });
  }
  return { attempts, verdict: versionVerdict };
}

/**
 * What is wrong with answers to one expected version: one row that two of them made another. What leaves the row's version as it was,
 * such as something added to it, is accepted as often as it is asked.
 */
export function versionVerdict(answers: readonly WireAnswer[]): string | undefined {
  const changed = answers.filter(acceptedIn).map(rowsIn);
  const twice = changed.flat().find((row) => changed.filter((rows) => rows.includes(row)).length > 1);
  return twice === undefined ? undefined : `${twice} was changed twice for one version`;
}

/** Rows that a payload holds. */
function rowsIn(answer: WireAnswer): readonly string[] {
  const payloads = Object.values(graphqlOf(answer)?.data ?? {}) as (Readonly<Record<string, unknown>> | null)[];
  return payloads.flatMap((payload) =>
    Object.entries(payload ?? {}).flatMap(([name, row]) => {
      const { id, slug } = (row ?? {}) as { id?: unknown; slug?: unknown };
      const key = id ?? slug;
      return typeof key === 'string' ? [`${name} ${key}`] : [];
    }),
  );
}

function fieldsOf({ field }: Operation): readonly string[] {
  const named = String(field.args[0]?.type).replace(/[![\]]/g, '');
  const type = field.args[0]?.type;
  const inner = type !== undefined && 'ofType' in type ? type.ofType : type;
  return inner !== undefined && 'getFields' in inner && inner.name === named ? Object.keys(inner.getFields()) : [];
}

function doorOf(arena: Arena, { service }: Operation) {
  return arena.services.get(service) ?? arena.gateway;
}
