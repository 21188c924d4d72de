import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, type System } from '@qtm/local';
import type { Arena } from './arena.ts';
import type { Attack, Volley } from './attacks/attack.ts';
import type { Attempt, Violation } from './attempt.ts';
import { baselinesOf } from './baselines.ts';
import { readContract } from './contract.ts';
import { Findings } from './findings.ts';
import { acceptedIn, answerProblems, codesIn } from './invariants/answer.ts';
import { drawFrom } from './values/draw.ts';
import { Watch } from './watch.ts';
import { Wire } from './wire.ts';
import type { WireAnswer } from './wire-answer.ts';
import { Databases } from './world/databases.ts';
import { registerOutsiders } from './world/outsiders.ts';
import { Sessions, type Sign } from './world/people.ts';
import { plantWorld } from './world/plant.ts';
import { Supply } from './world/supply.ts';

export interface HostileOptions {
  readonly system: System;
  readonly sign: Sign;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  /** Put into names, so that several runs can share one system. */
  readonly run: string;
  readonly seed: number;
  readonly attacks: readonly Attack[];
  /** Longest time for all attacks of one round together; each gets a like share, and what it leaves goes to the next. */
  readonly roundMs: number;
  /** Rounds begin until this much time has passed; at least one is run. */
  readonly minimumMs: number;
  readonly log: (line: string) => void;
}

export interface HostileResult {
  readonly seed: number;
  readonly rounds: number;
  readonly requests: number;
  /** By attack: requests, and how often a command was accepted. */
  readonly attacks: Readonly<Record<string, { requests: number; accepted: number }>>;
  /** How often which code was answered; `ok` where there was none. */
  readonly codes: Readonly<Record<string, number>>;
  readonly operations: number;
  /** Commands that no sound call was accepted with: what is hostile about their inputs did not get past their rules. */
  readonly neverAccepted: readonly string[];
  readonly logLines: number;
  readonly parkedEvents: number;
  readonly peakResidentMib: Readonly<Record<string, number>>;
  readonly violations: number;
  readonly findings: readonly Violation[];
}

const SUPERGRAPH = join(ROOT, 'schema/generated/supergraph.graphql');
/** Seeds of rounds lie apart, so that two runs with neighbouring seeds do not try the same. */
const ROUND_STRIDE = 7_919;

/** Plants a world in a running system, attacks it, and looks after every answer, and after every attack at rows, logs and processes. */
export async function runHostile(options: HostileOptions): Promise<HostileResult> {
  const { system, sign, run, seed, log } = options;
  const contract = readContract(readFileSync(SUPERGRAPH, 'utf8'));
  const databases = new Databases(new Map([...system.databases].map(([name, { ownerUrl }]) => [name, ownerUrl])));
  const wire = new Wire();
  const findings = new Findings();
  try {
    const world = await plantWorld(system.endpoint, sign, run);
    const outsiders = await registerOutsiders(system.endpoint, sign, run);
    const supply = await Supply.open(databases, contract, world);
    const arena: Arena = {
      contract,
      world,
      supply,
      sessions: new Sessions(sign),
      sign,
      publicJwk: options.publicJwk,
      outsiders,
      gateway: { name: 'gateway', url: system.gateway.url },
      services: new Map(
        [...system.services].flatMap(([name, [first]]) => (first ? [[name, { name, url: first.url }]] : [])),
      ),
    };
    log(
      `planted: ${world.chains.length} chains, ${world.canaries.ids.size} ids, ${contract.operations.length} operations`,
    );
    const watch = await Watch.start(system, databases, world, findings);
    const tally = new Tally();
    const startedMs = performance.now();
    let rounds = 0;
    do {
      const roundEndsMs = performance.now() + options.roundMs;
      for (const [place, attack] of options.attacks.entries()) {
        const nowMs = performance.now();
        const shareMs = Math.max(0, roundEndsMs - nowMs) / (options.attacks.length - place);
        const draw = drawFrom((seed + rounds * ROUND_STRIDE + place) >>> 0);
        await wage(attack, attack.volleys(arena, draw), nowMs + shareMs);
        await watch.look(attack.name);
        log(
          `${attack.name}: ${tally.of(attack.name)}, ${findings.total} violations, ${((performance.now() - nowMs) / 1_000).toFixed(1)} s`,
        );
        await supply.refresh();
      }
      rounds += 1;
    } while (performance.now() - startedMs < options.minimumMs);
    return {
      seed,
      rounds,
      requests: tally.requests,
      attacks: tally.attacks,
      codes: tally.codes,
      operations: contract.operations.length,
      neverAccepted: baselinesOf(arena).missing.map(({ name }) => name),
      logLines: watch.logLines,
      parkedEvents: await watch.parkedEvents(),
      peakResidentMib: watch.peakResidentMib,
      violations: findings.total,
      findings: findings.list,
    };

    async function wage(attack: Attack, volleys: ReturnType<Attack['volleys']>, endsMs: number): Promise<void> {
      const worker = async () => {
        while (performance.now() < endsMs) {
          const { value, done } = await volleys.next();
          if (done === true) return;
          await fire(attack.name, value);
        }
      };
      await Promise.all(Array.from({ length: attack.atATime }, worker));
      await volleys.return(undefined);
    }

    async function fire(name: string, { attempts, verdict }: Volley): Promise<void> {
      const answers = await Promise.all(attempts.map(({ door, request }) => wire.send(door.url, request)));
      for (const [index, attempt] of attempts.entries()) judge(name, attempt, answers[index] as WireAnswer);
      const what = verdict?.(answers);
      const [first] = attempts;
      if (what !== undefined) findings.add({ invariant: 'as promised', what }, first?.label ?? name, first, answers[0]);
    }

    function judge(name: string, attempt: Attempt, answer: WireAnswer): void {
      tally.count(name, answer);
      attempt.heard?.(answer);
      for (const problem of answerProblems(attempt, answer, world.canaries)) {
        findings.add(problem, attempt.label, attempt, answer);
      }
    }
  } finally {
    await wire.close();
    await databases.close();
  }
}

class Tally {
  readonly attacks: Record<string, { requests: number; accepted: number }> = {};
  readonly codes: Record<string, number> = {};
  requests = 0;

  count(name: string, answer: WireAnswer): void {
    this.requests += 1;
    const { requests, accepted } = this.attacks[name] ?? { requests: 0, accepted: 0 };
    this.attacks[name] = { requests: requests + 1, accepted: accepted + (acceptedIn(answer) ? 1 : 0) };
    const codes = codesIn(answer);
    const [code = answer.status === 200 ? 'ok' : `HTTP ${answer.status}`] = codes;
    this.codes[code] = (this.codes[code] ?? 0) + 1;
  }

  of(name: string): string {
    const { requests = 0, accepted = 0 } = this.attacks[name] ?? {};
    return `${requests} requests, ${accepted} accepted`;
  }
}
