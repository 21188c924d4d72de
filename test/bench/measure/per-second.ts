import { table } from '../report.ts';

/** What came of acts of one kind and how long each took, by the second in which it was known. */
export class PerSecond {
  readonly #startedMs = performance.now();
  /** Times in milliseconds, by second and outcome. */
  readonly #seconds = new Map<number, Map<string, number[]>>();

  add(outcome: string, ms: number): void {
    const second = Math.floor((performance.now() - this.#startedMs) / 1_000);
    const outcomes = this.#seconds.get(second) ?? new Map<string, number[]>();
    const times = outcomes.get(outcome) ?? [];
    times.push(ms);
    outcomes.set(outcome, times);
    this.#seconds.set(second, outcomes);
  }

  /** A row for each second in which something came of one. */
  table(): string[] {
    const outcomes = [...new Set([...this.#seconds.values()].flatMap((one) => [...one.keys()]))].toSorted();
    const columns = outcomes.flatMap((outcome) => [outcome, 'p50 ms', 'p99 ms']);
    const rows = [...this.#seconds].map(([second, times]) => {
      const decided = [...times.values()].reduce((sum, { length }) => sum + length, 0);
      return [String(second), String(decided), ...outcomes.flatMap((outcome) => cellsOf(times.get(outcome) ?? []))];
    });
    return table([['second', 'decided', ...columns], ...rows]);
  }
}

function cellsOf(times: readonly number[]): string[] {
  const inOrder = times.toSorted((a, b) => a - b);
  const at = (part: number) => inOrder[Math.ceil(part * inOrder.length) - 1]?.toFixed(1) ?? '-';
  return [String(times.length), at(0.5), at(0.99)];
}
