/** Times of the requests that succeeded, by their name, and how often one had to be sent again. */
export class Latencies {
  readonly #times = new Map<string, number[]>();
  readonly #retries = new Map<string, number>();

  add(name: string, ms: number): void {
    const times = this.#times.get(name);
    if (times === undefined) this.#times.set(name, [ms]);
    else times.push(ms);
  }

  retried(name: string): void {
    this.#retries.set(name, (this.#retries.get(name) ?? 0) + 1);
  }

  /** One line per name: count, retries, p50, p95, p99 in milliseconds. */
  table(): readonly (readonly string[])[] {
    return [...this.#times].map(([name, times]) => {
      const sorted = times.toSorted((a, b) => a - b);
      const quantile = (q: number) =>
        (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0).toFixed(1);
      const retries = String(this.#retries.get(name) ?? 0);
      return [name, String(times.length), retries, quantile(0.5), quantile(0.95), quantile(0.99)];
    });
  }
}
