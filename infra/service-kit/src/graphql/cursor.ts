import { createHash } from 'node:crypto';
import { badUserInput } from '../command/errors.ts';

/** Where a page goes on: the sort value and the id of the last row of the page before. */
export interface Keyset {
  readonly value: string | number;
  readonly id: string;
}

const BINDING_LENGTH = 16;

/** What a cursor belongs to: list, filter, sort and whose view it is. The same list in another form is another list. */
export function bindingOf(parts: object): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, BINDING_LENGTH);
}

export function encodeCursor(binding: string, { value, id }: Keyset): string {
  return Buffer.from(JSON.stringify([binding, value, id])).toString('base64url');
}

/** @throws GraphQLError BAD_USER_INPUT where the text is no cursor, or belongs to another filter, sort or viewer */
export function decodeCursor(binding: string, cursor: string): Keyset {
  const [of, value, id] = contentOf(cursor);
  if ((typeof value !== 'string' && typeof value !== 'number') || typeof id !== 'string') {
    throw badUserInput('this is not a cursor of a list', { argument: 'after' });
  }
  if (of !== binding) {
    throw badUserInput('this cursor belongs to another filter, sort or session; start again without it', {
      argument: 'after',
    });
  }
  return { value, id };
}

function contentOf(cursor: string): readonly unknown[] {
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(content) ? content : [];
  } catch {
    return [];
  }
}
