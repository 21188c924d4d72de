import { baselinesOf } from '../baselines.ts';
import { shuffled } from '../values/draw.ts';
import { type Attack, single } from './attack.ts';

const MAX_PASSES = 100;
/** So often more than needed, so that there are rows in every state to be hostile about. */
const FURTHER_PASSES = 3;

/** Not hostile at all: sound commands, until each was accepted once. What follows changes one thing of these. */
export const baseline: Attack = {
  name: 'baseline',
  describe: 'sound commands by those who may, until each was accepted: what the other attacks change one thing of',
  atATime: 3,
  async *volleys(arena, draw) {
    const baselines = baselinesOf(arena);
    for (let pass = 0, further = 0; pass < MAX_PASSES && further < FURTHER_PASSES; pass++) {
      if (baselines.missing.length === 0) further += 1;
      for (const operation of draw(shuffled(baselines.commands))) {
        const missing = baselines.of(operation) === undefined;
        for (const person of baselines.candidates(draw, operation)) {
          if (missing && baselines.of(operation) !== undefined) break;
          const call = baselines.call(draw, operation, person);
          if (call.lacks.length > 0) continue;
          yield single(await baselines.attempt(call));
          if (missing && baselines.of(operation) !== undefined) await arena.supply.refresh();
        }
      }
      await arena.supply.refresh();
    }
  },
};
