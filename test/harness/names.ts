import { randomBytes } from 'node:crypto';

/** A name that nothing else in this run has: for databases, topics, subjects. */
export function uniqueName(prefix: string): string {
  return `${prefix}${randomBytes(4).toString('hex')}`;
}
