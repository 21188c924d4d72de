import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from '../scene.ts';
import { familyOf } from './family.ts';
import type { FaultKind } from './fault.ts';

/** Something with a process number that can be killed and started again. */
interface Victim {
  readonly name: string;
  pid(): number | undefined;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

function victims({ system, stack }: Scene): readonly Victim[] {
  return [
    ...system.processes.map((managed) => ({
      name: managed.name,
      pid: () => managed.pid,
      kill: () => managed.kill(),
      restart: () => managed.start(),
    })),
    { name: 'kafka', pid: () => stack.kafka.pid, kill: stack.kafka.kill, restart: stack.kafka.restart },
    { name: 'postgres', pid: () => stack.postgres.pid, kill: stack.postgres.kill, restart: stack.postgres.restart },
  ];
}

const MAX_DOWN_MS = 2_000;
const STOPPED_MS = { min: 1_000, max: 30_000 } as const;

/** kill -9, and the start again a moment later. */
export const KILL: FaultKind = {
  name: 'kill -9',
  weight: 2,
  faults: (scene) =>
    victims(scene).map(({ name, kill, restart }) => ({
      target: name,
      async strike(random) {
        await kill();
        await sleep(random.integer(0, MAX_DOWN_MS));
        await restart();
        return undefined;
      },
    })),
};

/** SIGSTOP: the process is there, holds what it holds, and does nothing. */
export const STOP: FaultKind = {
  name: 'SIGSTOP',
  weight: 1,
  faults: (scene) =>
    victims(scene).map(({ name, pid }) => ({
      target: name,
      async strike(random) {
        const first = pid();
        if (first === undefined) throw new Error(`${name} does not run`);
        const family = [first, ...familyOf(first)];
        const stoppedMs = random.duration(STOPPED_MS.min, STOPPED_MS.max);
        try {
          for (const one of family) signal(one, 'SIGSTOP');
          await sleep(stoppedMs);
        } finally {
          for (const one of family.toReversed()) signal(one, 'SIGCONT');
        }
        return `for ${(stoppedMs / 1_000).toFixed(1)} s`;
      },
    })),
};

/** A restart in good order, as for an upgrade of the broker. */
export const RESTART_BROKER: FaultKind = {
  name: 'restart of Kafka',
  weight: 1,
  faults: ({ stack }) => [{ target: 'kafka', strike: () => stack.kafka.restart().then(() => undefined) }],
};

export const RESTART_DATABASE: FaultKind = {
  name: 'restart of PostgreSQL',
  weight: 1,
  faults: ({ stack }) => [{ target: 'postgres', strike: () => stack.postgres.restart().then(() => undefined) }],
};

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // A child that has ended in the meantime.
  }
}
