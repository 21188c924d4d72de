import type { Counts } from '../../infra/scripts/replay/counts.ts';
import { type Observed, rowsOf } from '../harness/topics.ts';

/** Number of rows of each kind. */
export type Totals = Readonly<Record<keyof typeof TABLES, number>>;

/** What the rows of a file become, and whose table holds it. */
const TABLES = {
  requests: ['jobs', 'request'],
  tasks: ['governance', 'task'],
  jobs: ['jobs', 'job'],
  serviceEvents: ['workflow', 'service_event'],
  records: ['workflow', 'record'],
} as const;

/** What is in the databases, whether a replay knows of it or not. */
export async function totalsOf(observed: Observed): Promise<Totals> {
  const counted = Object.entries(TABLES).map(async ([what, [service, table]]) => {
    const [row] = await rowsOf<{ rows: number }>(observed, service, `select count(*)::integer as rows from ${table}`);
    return [what, row?.rows] as const;
  });
  return Object.fromEntries(await Promise.all(counted)) as Totals;
}

/** What the databases must hold: as much as the rows of one replay became, once per lap. */
export function expectedTotals(counts: Counts, laps: number): Totals {
  const { states: _, ...numbers } = counts;
  return Object.fromEntries(Object.entries(numbers).map(([what, number]) => [what, number * laps])) as Totals;
}
