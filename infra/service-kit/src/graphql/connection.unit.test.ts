import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connectionOf, MAX_PAGE, pageSize } from './connection.ts';
import { bindingOf, decodeCursor, encodeCursor } from './cursor.ts';

const binding = bindingOf({ list: 'jobs', filter: { state: 'QUEUED' }, sort: 'CREATED_AT', viewer: 'a' });

describe('cursors', () => {
  test('every keyset comes back as it was', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.integer()), fc.string(), (value, id) => {
        expect(decodeCursor(binding, encodeCursor(binding, { value, id }))).toEqual({ value, id });
      }),
    );
  });

  test('a cursor of another filter, sort or viewer is told apart from a text that is none', () => {
    const other = bindingOf({ list: 'jobs', filter: { state: 'QUEUED' }, sort: 'CREATED_AT', viewer: 'b' });
    expect(() => decodeCursor(other, encodeCursor(binding, { value: 1, id: 'x' }))).toThrow('belongs to another');
    for (const text of ['', 'x', 'e30', 'W10', Buffer.from('["a",null,1]').toString('base64url')]) {
      expect(() => decodeCursor(binding, text), text).toThrow('not a cursor');
    }
  });
});

describe('pages', () => {
  const page = (rows: readonly string[], size: number) =>
    connectionOf({
      rows,
      size,
      binding,
      after: false,
      keyOf: (id) => ({ value: id, id }),
      nodeOf: (id) => ({ id }),
      totalCount: async () => rows.length,
    });

  test('one row more than the page says that there is a next one, and is not shown', () => {
    expect(page(['a', 'b', 'c'], 2).pageInfo.hasNextPage).toBe(true);
    expect(page(['a', 'b', 'c'], 2).edges.map(({ node }) => node.id)).toEqual(['a', 'b']);
    expect(page(['a', 'b'], 2).pageInfo.hasNextPage).toBe(false);
  });

  test('an empty page has no cursors', () => {
    expect(page([], 2).pageInfo).toMatchObject({ startCursor: null, endCursor: null, hasNextPage: false });
  });

  test.each([0, -1, 1.5, MAX_PAGE + 1])('%d rows are refused', (first) => {
    expect(() => pageSize(first)).toThrow(`from 1 to ${MAX_PAGE}`);
  });

  test('25 rows where nothing was said', () => {
    expect([pageSize(undefined), pageSize(null), pageSize(MAX_PAGE)]).toEqual([25, 25, MAX_PAGE]);
  });
});
