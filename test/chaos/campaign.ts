import { setTimeout as sleep } from 'node:timers/promises';
import { lastWords } from '@qtm/local';
import { Bag, Random } from '../harness/random.ts';
import type { Fault, FaultKind } from './faults/fault.ts';
import type { Load } from './load/load.ts';
import type { Watch } from './recovery.ts';
import type { Scene } from './scene.ts';

export interface CampaignOptions {
  readonly scene: Scene;
  readonly load: Load;
  readonly watch: Watch;
  readonly kinds: readonly FaultKind[];
  readonly seed: number;
  /** No fault begins after so long, and no more come than so many. */
  readonly durationMs: number;
  readonly faults?: number;
  /** Work without a fault, between two of them. */
  readonly calmMs: number;
  /** A slower recovery is a finding; `RECOVERY_LIMIT_S` where absent. */
  readonly recoveryLimitS?: number;
  readonly log: (line: string) => void;
}

/** One fault that came, and how long the system took after it had ended. */
export interface Blow {
  readonly kind: string;
  readonly target: string;
  readonly detail: string | undefined;
  readonly readySeconds: number;
  readonly lagSeconds: number;
}

export interface CampaignResult {
  readonly blows: readonly Blow[];
  /** Commands acknowledged between faults, and how long that was. */
  readonly calm: { readonly accepted: number; readonly seconds: number };
  /** What must not be, as far as it shows while faults come. */
  readonly findings: readonly string[];
}

/** The promise to users: so long after a fault everything is as before. */
export const RECOVERY_LIMIT_S = 30;
/** Waited for in any case, so that one slow recovery does not end the run. */
const RECOVERY_TIMEOUT_MS = 120_000;

/** Lets faults come one after the other, in random order from the seed, each after a while of undisturbed work. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { scene, load, watch, kinds, durationMs, faults = Number.POSITIVE_INFINITY, calmMs, log } = options;
  const random = new Random(options.seed);
  const draw = drawing(kinds, scene, random);
  const endsAtMs = performance.now() + durationMs;
  const blows: Blow[] = [];
  const findings: string[] = [];
  const calm = { accepted: 0, seconds: 0 };
  const work = async () => {
    const [before, startedMs] = [load.log.accepted, performance.now()];
    await sleep(calmMs);
    calm.accepted += load.log.accepted - before;
    calm.seconds += (performance.now() - startedMs) / 1_000;
    return (load.log.accepted - before) / ((performance.now() - startedMs) / 1_000);
  };
  while (performance.now() < endsAtMs && blows.length < faults) {
    const perSecond = await work();
    const { kind, fault, own } = draw();
    const { target } = fault;
    const detail = await fault.strike(own).catch((cause: Error) => {
      throw new Error(`${kind} of ${target} did not come about: ${cause.message}`, { cause });
    });
    findings.push(...(await revived(scene, `${kind} of ${target}`)));
    const { readySeconds, lagSeconds } = await watch.recovered(RECOVERY_TIMEOUT_MS).catch((cause: Error) => {
      throw new Error(`no recovery from ${kind} of ${target}: ${cause.message}`, { cause });
    });
    blows.push({ kind, target, detail, readySeconds, lagSeconds });
    if (lagSeconds > (options.recoveryLimitS ?? RECOVERY_LIMIT_S)) {
      findings.push(`after ${kind} of ${target} it took ${lagSeconds.toFixed(1)} s until everything had arrived`);
    }
    log(
      `${String(blows.length).padStart(4)}  ${perSecond.toFixed(0).padStart(4)}/s, then ${kind}: ${target}${detail === undefined ? '' : `, ${detail}`}; ` +
        `ready after ${readySeconds.toFixed(1)} s, everything arrived after ${lagSeconds.toFixed(1)} s`,
    );
  }
  await work();
  return { blows, calm, findings };
}

function drawing(kinds: readonly FaultKind[], scene: Scene, random: Random) {
  const usable = kinds.flatMap((kind) => {
    const faults = kind.faults(scene);
    return faults.length === 0
      ? []
      : [{ kind: kind.name, weight: kind.weight, targets: new Bag<Fault>(faults, random) }];
  });
  const bag = new Bag(
    usable.flatMap((one) => Array.from({ length: one.weight }, () => one)),
    random,
  );
  return () => {
    const { kind, targets } = bag.draw();
    // Numbers of its own: how many it takes must not change what comes after it.
    return { kind, fault: targets.draw(), own: new Random(random.integer(0, 2 ** 32 - 1)) };
  };
}

/** A process may lose its connections, but never end by itself. One that did is started again, and it is a finding. */
async function revived({ system, stack }: Scene, after: string): Promise<readonly string[]> {
  const findings: string[] = [];
  for (const one of system.processes.filter(({ pid }) => pid === undefined)) {
    findings.push(`${one.name} ended by itself after ${after}: ${lastWords(one.tail())}`);
    await one.start();
  }
  for (const [name, part] of Object.entries({ kafka: stack.kafka, postgres: stack.postgres })) {
    if (part.pid !== undefined) continue;
    findings.push(`${name} ended by itself after ${after}`);
    await part.restart();
  }
  return findings;
}
