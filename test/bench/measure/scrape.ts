/** A histogram of a process's metrics: how many observations lie at or below each bound. */
export type Buckets = ReadonlyMap<number, number>;

/** The buckets of one histogram, its labels summed over. */
export async function bucketsOf(url: string, metric: string): Promise<Buckets> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const buckets = new Map<number, number>();
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${metric}_bucket{`)) continue;
    const bound = /le="([^"]+)"/.exec(line)?.[1] ?? '';
    const upper = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound);
    buckets.set(upper, (buckets.get(upper) ?? 0) + Number(line.slice(line.lastIndexOf(' ') + 1)));
  }
  return buckets;
}

export function difference(after: Buckets, before: Buckets): Buckets {
  return new Map([...after].map(([bound, count]) => [bound, count - (before.get(bound) ?? 0)]));
}

/** The bound below which so large a part of the observations lies: as exact as the buckets are. */
export function quantile(buckets: Buckets, part: number): number | undefined {
  const bounds = [...buckets.keys()].toSorted((a, b) => a - b);
  const total = buckets.get(Number.POSITIVE_INFINITY) ?? 0;
  return total === 0 ? undefined : bounds.find((bound) => (buckets.get(bound) ?? 0) >= part * total);
}
