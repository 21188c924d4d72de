import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { MARK } from '../values/hostile.ts';
import { holdsPersonal } from '../world/canaries.ts';
import type { Problem } from './answer.ts';

const TOKEN = /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/;
const INVARIANT = 'logs are whole and say nothing of people';

/** What is wrong with one line of a log. */
export function lineProblems(process: string, line: string): readonly Problem[] {
  const faults: string[] = [];
  const entry = entryOf(line);
  if (entry === undefined) faults.push('is no JSON object with level, time and service');
  else if (entry.service !== process) faults.push(`says it is of ${String(entry.service)}`);
  if (TOKEN.test(line)) faults.push('holds a token');
  if (holdsPersonal(line)) faults.push('holds a planted personal value');
  if (line.includes(MARK)) faults.push('repeats what a hostile request said');
  return faults.map((fault) => ({ invariant: INVARIANT, what: `${process}: a line ${fault}: ${line.slice(0, 300)}` }));
}

function entryOf(line: string): { service?: unknown } | undefined {
  try {
    const entry = JSON.parse(line) as { level?: unknown; time?: unknown; service?: unknown } | null;
    const whole =
      typeof entry?.level === 'string' && typeof entry.time === 'string' && typeof entry.service === 'string';
    return whole ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a growing log from where it was read to before. */
export class LogReader {
  readonly #process: string;
  readonly #file: string;
  #position = 0;
  #rest = '';
  #lines = 0;

  /** @param process name of the process, as its lines say it */
  constructor(process: string, file: string) {
    this.#process = process;
    this.#file = file;
  }

  /** Lines read so far. */
  get lines(): number {
    return this.#lines;
  }

  /** What is wrong with the lines since the last time. */
  problems(): readonly Problem[] {
    const file = openSync(this.#file, 'r');
    try {
      const chunk = Buffer.alloc(Math.max(0, fstatSync(file).size - this.#position));
      this.#position += readSync(file, chunk, 0, chunk.length, this.#position);
      const lines = (this.#rest + chunk.toString('utf8')).split('\n');
      this.#rest = lines.pop() ?? '';
      const written = lines.filter((line) => line !== '');
      this.#lines += written.length;
      return written.flatMap((line) => lineProblems(this.#process, line));
    } finally {
      closeSync(file);
    }
  }
}
