import { type CampaignResult, runCampaign } from './campaign.ts';
import { check } from './check/check.ts';
import type { FaultKind } from './faults/fault.ts';
import { startLoad } from './load/load.ts';
import { openWatch } from './recovery.ts';
import type { Outcome } from './report.ts';
import type { Scene } from './scene.ts';

export interface RunOptions {
  readonly scene: Scene;
  readonly kinds: readonly FaultKind[];
  readonly seed: number;
  readonly durationMs: number;
  readonly faults?: number;
  readonly calmMs: number;
  readonly recoveryLimitS?: number;
  readonly walkers: number;
  /** Whether a second program decides about the claims, where it can be run. */
  readonly twice: boolean;
  readonly log: (line: string) => void;
}

/** After the last fault every command can be decided within this time. */
const DECIDED_MS = 60_000;
const SETTLED_TIMEOUT_MS = 120_000;

/** Load, faults, and, once nothing is under way any more, the check of everything. */
export async function run(options: RunOptions): Promise<Outcome> {
  const { scene, seed, walkers, log } = options;
  const load = await startLoad({ endpoints: scene.endpoints, key: scene.key, walkers, seed });
  const watch = await openWatch(scene);
  try {
    const campaign: CampaignResult = await runCampaign({ ...options, load, watch });
    await load.end(DECIDED_MS);
    await watch.recovered(SETTLED_TIMEOUT_MS);
    log('nothing is under way any more; everything is held against everything');
    return { campaign, log: load.log, verdicts: await check(scene, load, options.twice) };
  } finally {
    await load.close();
    await watch.close();
  }
}
