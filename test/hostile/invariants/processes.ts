import type { Problem } from './answer.ts';

/** A process as it was found, looked at from outside. */
export interface Vitals {
  readonly name: string;
  /** Undefined where it has ended. */
  readonly pid: number | undefined;
  readonly ready: boolean;
  /** What its readiness page says where it is not. */
  readonly reasons: string;
  readonly residentBytes: number;
}

/** What a process may take, under whatever is sent: several times what it takes under an ordinary load. */
export const MAX_RESIDENT_BYTES = 900 * 1024 ** 2;

/** What is wrong with a process, against how it was at first. */
export function vitalProblems(first: Vitals, now: Vitals): readonly Problem[] {
  const { name } = now;
  if (now.pid === undefined) return [{ invariant: 'processes live', what: `${name} has ended` }];
  if (now.pid !== first.pid) return [{ invariant: 'processes live', what: `${name} is another process than at first` }];
  const problems: Problem[] = [];
  if (!now.ready) problems.push({ invariant: 'processes are ready', what: `${name}: ${now.reasons}` });
  if (now.residentBytes > MAX_RESIDENT_BYTES) {
    const what = `${name} takes ${Math.round(now.residentBytes / 1024 ** 2)} MiB`;
    problems.push({ invariant: 'memory is bounded', what });
  }
  return problems;
}

export interface Observable {
  readonly name: string;
  readonly url: string;
  readonly pid: number | undefined;
}

const PATIENCE_MS = 10_000;

/** Looks at a process through its own pages. */
export async function vitalsOf({ name, url, pid }: Observable): Promise<Vitals> {
  if (pid === undefined) return { name, pid, ready: false, reasons: 'it has ended', residentBytes: 0 };
  try {
    const [readiness, metrics] = await Promise.all([page(`${url}/readyz`), page(`${url}/metrics`)]);
    const [, bytes] = /^process_resident_memory_bytes(?:\{[^}]*\})? (\S+)/m.exec(metrics.text) ?? [];
    return { name, pid, ready: readiness.ok, reasons: readiness.text, residentBytes: Number(bytes ?? Number.NaN) };
  } catch (error) {
    return { name, pid, ready: false, reasons: (error as Error).message, residentBytes: 0 };
  }
}

async function page(url: string): Promise<{ readonly ok: boolean; readonly text: string }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  return { ok: response.ok, text: await response.text() };
}
