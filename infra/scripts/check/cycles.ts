/** Circles in a graph of modules, each once, beginning and ending with its first module by name. */
export function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles = new Map<string, string[]>();
  const finished = new Set<string>();
  const visit = (node: string, path: readonly string[]): void => {
    const start = path.indexOf(node);
    if (start >= 0) {
      const cycle = fromSmallest(path.slice(start));
      cycles.set(cycle.join(), cycle);
      return;
    }
    if (finished.has(node)) return;
    for (const next of graph.get(node) ?? []) visit(next, [...path, node]);
    finished.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return [...cycles.values()];
}

function fromSmallest(cycle: readonly string[]): string[] {
  const [smallest = ''] = [...cycle].sort();
  const at = cycle.indexOf(smallest);
  return [...cycle.slice(at), ...cycle.slice(0, at), smallest];
}
