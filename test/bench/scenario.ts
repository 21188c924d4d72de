import type { Act, LoadOptions, Measured } from './load.ts';
import type { World } from './world.ts';

/** What a run was asked for; everything is printed with its result. */
export interface BenchOptions {
  readonly rate: number;
  readonly clients: number;
  readonly seconds: number;
  readonly warmup: number;
  readonly seed: number;
  readonly jobs: number;
  readonly operators: number;
  /** Statements to list, those that took most of the server's time first. */
  readonly top: number;
}

/** Warms up, measures, and prints what came of it. Acts whose names begin with `read` change nothing; the others are commands. */
export type Measure = (title: string, next: () => Act, change?: Partial<LoadOptions>) => Promise<Measured>;

export interface Scenario {
  readonly about: string;
  readonly defaults: Partial<BenchOptions>;
  run(world: World, options: BenchOptions, measure: Measure, log: (line: string) => void): Promise<void>;
}
