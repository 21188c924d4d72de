import { COMMANDS_PER_CHAIN, chains } from '../chains.ts';
import type { Scenario } from '../scenario.ts';

/** Real requests in a loop, each from submission to sealed record; --rate is commands per second, so requests begin at an eleventh of it. */
export const replayLoop: Scenario = {
  about: 'real requests in a loop, from submission to sealed record; --rate is commands per second',
  defaults: { rate: 100, clients: 16 },
  async run(world, options, measure) {
    await measure('replay in a loop', chains(world.system.endpoint, world, 'bench'), {
      rate: options.rate / COMMANDS_PER_CHAIN,
    });
  },
};
