import { setTimeout as sleep } from 'node:timers/promises';
import { lastWords, type Managed, type System } from '@qtm/local';

const MAX_RESTARTS = 5;
const WINDOW_MS = 60_000;
const FIRST_PAUSE_MS = 500;

/**
 * Starts a process again that ended without being asked to, after a pause that grows; gives up on one that keeps ending.
 * @returns what ends the supervision, before the processes are stopped
 */
export function supervise(system: System, say: (line: string) => void): () => void {
  let over = false;
  for (const one of system.processes) void watch(one);
  return () => {
    over = true;
  };

  async function watch(one: Managed): Promise<void> {
    let ends: number[] = [];
    while (!over) {
      const how = await one.ended;
      if (over) return;
      ends = [...ends.filter((at) => at > performance.now() - WINDOW_MS), performance.now()];
      say(`${one.name} ended (${how}): ${lastWords(one.tail())}`);
      if (ends.length > MAX_RESTARTS) {
        say(`${one.name} keeps ending and is left alone; its log: ${one.logFile}`);
        return;
      }
      await sleep(FIRST_PAUSE_MS * 2 ** (ends.length - 1));
      if (over) return;
      await one.start();
      say(`${one.name} started again`);
    }
  }
}
