import type { System } from '@qtm/local';
import type { Findings } from './findings.ts';
import { LogReader } from './invariants/logs.ts';
import { type Vitals, vitalProblems, vitalsOf } from './invariants/processes.ts';
import { changedRows, type Standings, standingsOf, unjournaled } from './invariants/rows.ts';
import type { Databases } from './world/databases.ts';
import type { World } from './world/plant.ts';

/** Looks at what is behind the answers: rows against journals, rows of the planted world, logs, and whether processes live. */
export class Watch {
  readonly #system: System;
  readonly #databases: Databases;
  readonly #world: World;
  readonly #findings: Findings;
  readonly #logs: readonly LogReader[];
  readonly #peaks = new Map<string, number>();
  #first: readonly Vitals[] = [];
  #planted: Standings = new Map();

  private constructor(system: System, databases: Databases, world: World, findings: Findings) {
    this.#system = system;
    this.#databases = databases;
    this.#world = world;
    this.#findings = findings;
    this.#logs = system.processes.map(({ name, logFile }) => new LogReader(name, logFile));
  }

  static async start(system: System, databases: Databases, world: World, findings: Findings): Promise<Watch> {
    const watch = new Watch(system, databases, world, findings);
    watch.#first = await Promise.all(system.processes.map(vitalsOf));
    watch.#planted = await watch.#standings();
    return watch;
  }

  get logLines(): number {
    return this.#logs.reduce((sum, { lines }) => sum + lines, 0);
  }

  /** The most each process was seen to take. */
  get peakResidentMib(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#peaks].map(([name, bytes]) => [name, Math.round(bytes / 1024 ** 2)]));
  }

  /** @param after what was done just before, for what is found */
  async look(after: string): Promise<void> {
    const now = await Promise.all(this.#system.processes.map(vitalsOf));
    for (const { name, residentBytes } of now) {
      this.#peaks.set(name, Math.max(residentBytes, this.#peaks.get(name) ?? 0));
    }
    const problems = [
      ...now.flatMap((vitals, index) => vitalProblems(this.#first[index] ?? vitals, vitals)),
      ...this.#logs.flatMap((log) => log.problems()),
      ...(await unjournaled(this.#databases)),
      ...changedRows(this.#planted, await this.#standings()),
    ];
    for (const problem of problems) this.#findings.add(problem, `after ${after}`);
  }

  /** Events that some follower could not apply and keeps for a human: what hostile input must not bring about, either. */
  async parkedEvents(): Promise<number> {
    const counts = await Promise.all(
      this.#databases.services.map((service) =>
        this.#databases.rows<{ parked: number }>(service, 'select count(*)::integer as parked from parked_event'),
      ),
    );
    return counts.flat().reduce((sum, { parked }) => sum + parked, 0);
  }

  #standings(): Promise<Standings> {
    const { canaries, operators } = this.#world;
    const entries = operators.map((slug) => `operator:${slug}`);
    return standingsOf(this.#databases, [...canaries.ids.keys(), ...operators, ...entries]);
  }
}
