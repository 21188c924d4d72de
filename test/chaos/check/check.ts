import type { Load } from '../load/load.ts';
import type { Scene } from '../scene.ts';
import { acknowledgedOnce } from './acknowledged.ts';
import { chainsWhole } from './chains.ts';
import { copiesEqual } from './copies.ts';
import type { Verdict } from './facts.ts';
import { foldsToShown } from './folds.ts';
import { historiesOf, linearizable } from './histories.ts';
import { holdersAct } from './holders.ts';
import { lifecycleKept } from './lifecycle.ts';
import { oneActive } from './mutex.ts';
import { porcupineVerdict } from './porcupine.ts';
import { publishedInOrder } from './published.ts';
import { readCopies, readFollowed, readJournals } from './read-databases.ts';
import { readRegister, readTransfers } from './read-register.ts';
import { readShown } from './read-shown.ts';
import { readEvents } from './read-topics.ts';
import { registerFolds } from './register.ts';
import { reviewedOnce } from './reviews.ts';

/**
 * Holds what was asked and answered against what the system now holds and shows. Nothing may be under way any more.
 * @param twice whether another program decides about claims and transfers, too, where there is a Go compiler
 */
export async function check(scene: Scene, { log, town, client }: Load, twice: boolean): Promise<readonly Verdict[]> {
  const { acts, sightings } = log;
  const events = await readEvents(scene);
  const journals = await readJournals(scene);
  const shown = [...(await readShown(client, town, events)), ...(await readTransfers(client, town, events))];
  const register = await readRegister(client, town, events);
  const histories = (['job', 'transfer'] as const).flatMap((of) => historiesOf(of, acts, sightings));
  const second = twice ? await porcupineVerdict(histories) : undefined;
  return [
    acknowledgedOnce(acts, journals),
    publishedInOrder(journals, events),
    copiesEqual(await readCopies(scene), events, await readFollowed(scene)),
    foldsToShown(shown, events),
    chainsWhole(events),
    registerFolds(register, events),
    lifecycleKept(acts, events),
    oneActive(acts, events),
    reviewedOnce(events),
    holdersAct(acts, events),
    linearizable('job', acts, sightings),
    linearizable('transfer', acts, sightings),
    ...(second === undefined ? [] : [second]),
  ];
}
