import type { Load } from '../load/load.ts';
import type { Scene } from '../scene.ts';
import { acknowledgedOnce } from './acknowledged.ts';
import { chainsWhole } from './chains.ts';
import { claimHistories, claimsLinearizable } from './claims.ts';
import { copiesEqual } from './copies.ts';
import type { Verdict } from './facts.ts';
import { foldsToShown } from './folds.ts';
import { porcupineVerdict } from './porcupine.ts';
import { publishedInOrder } from './published.ts';
import { readCopies, readFollowed, readJournals } from './read-databases.ts';
import { readShown } from './read-shown.ts';
import { readEvents } from './read-topics.ts';

/**
 * Holds what was asked and answered against what the system now holds and shows. Nothing may be under way any more.
 * @param twice whether another program decides about the claims, too, where there is a Go compiler
 */
export async function check(scene: Scene, { log, town, client }: Load, twice: boolean): Promise<readonly Verdict[]> {
  const events = await readEvents(scene);
  const journals = await readJournals(scene);
  const second = twice ? await porcupineVerdict(claimHistories(log.acts, log.sightings)) : undefined;
  return [
    acknowledgedOnce(log.acts, journals),
    publishedInOrder(journals, events),
    copiesEqual(await readCopies(scene), events, await readFollowed(scene)),
    foldsToShown(await readShown(client, town, events), events),
    chainsWhole(events),
    claimsLinearizable(log.acts, log.sightings),
    ...(second === undefined ? [] : [second]),
  ];
}
