import { Unreadable } from '../consumer/incoming.ts';

/** "Everything this service committed up to `at` lies below these offsets of its topic": a message of its control topic, as JSON. */
export interface Watermark {
  readonly source: string;
  /** By the clock of the service's database: UTC, six fraction digits. */
  readonly at: string;
  readonly epoch: number;
  readonly offsets: readonly { readonly partition: number; readonly next_offset: number }[];
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/;

/**
 * Reads a message of a control topic.
 * @throws Unreadable where it is no watermark
 */
export function watermarkOf(value: Buffer | null): Watermark {
  let read: Partial<Watermark> | null;
  try {
    read = JSON.parse(value?.toString('utf8') ?? 'null');
  } catch (cause) {
    throw new Unreadable('the watermark is not JSON', { cause });
  }
  const { source, at, offsets } = read ?? {};
  const whole =
    typeof source === 'string' &&
    INSTANT.test(at ?? '') &&
    Array.isArray(offsets) &&
    offsets.every(({ partition, next_offset }) => Number.isInteger(partition) && Number.isInteger(next_offset));
  if (!whole) throw new Unreadable('the watermark lacks source, at or offsets');
  return read as Watermark;
}
