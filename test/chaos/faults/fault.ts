import type { Random } from '../../harness/random.ts';
import type { Scene } from '../scene.ts';

/** One thing that can go wrong with one part. */
export interface Fault {
  /** What it happens to. */
  readonly target: string;
  /**
   * Lets it happen and ends it again: resolves once nothing stands in the way of recovery any more. Whether the system has recovered
   * is asked afterwards.
   * @returns what happened, where the target does not say it
   */
  strike(random: Random): Promise<string | undefined>;
}

/** All that can go wrong in one way. */
export interface FaultKind {
  readonly name: string;
  /** How often it comes for each time that the others come. */
  readonly weight: number;
  faults(scene: Scene): readonly Fault[];
}
