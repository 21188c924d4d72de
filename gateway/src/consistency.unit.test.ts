import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConsistencyTokens } from './consistency.ts';

function collected(...headers: string[]): ConsistencyTokens {
  const tokens = new ConsistencyTokens();
  for (const header of headers) tokens.add(header);
  return tokens;
}

const token = (id: string, epoch: number, version: number) =>
  `a/thing/${id}@${epoch}.${version}~mac${epoch}-${version}`;

describe('consistency tokens', () => {
  test('nothing is no header', () => {
    const tokens = collected();
    expect(tokens.header).toBeUndefined();
    expect(tokens.incomplete).toBe(false);
    tokens.add(undefined);
    expect(tokens.tokens).toEqual([]);
  });

  test('keeps one per aggregate, in the order learned, and repeats them letter by letter', () => {
    const header = `${token('1', 1, 1)},${token('2', 1, 1)},b/other/1@1.9~m`;
    expect(collected(header).header).toBe(header);
  });

  test.each([
    ['a later version', token('1', 1, 2), token('1', 1, 10), token('1', 1, 10)],
    ['not an earlier version', token('1', 1, 10), token('1', 1, 2), token('1', 1, 10)],
    ['a later epoch with a lower version', token('1', 1, 10), token('1', 2, 1), token('1', 2, 1)],
    ['not an earlier epoch with a higher version', token('1', 2, 1), token('1', 1, 10), token('1', 2, 1)],
  ])('takes %s', (_, first, second, kept) => {
    expect(collected(first, second).tokens).toEqual([kept]);
    expect(collected(`${first}, ${second}`).tokens).toEqual([kept]);
  });

  test('knows encoded parts and several header lines', () => {
    const tokens = new ConsistencyTokens();
    tokens.add(['operator/delegation/nypd%3Aid%40x%3AEXECUTE@1.4~aB_-9', token('1', 1, 1)]);
    expect(tokens.tokens).toHaveLength(2);
  });

  test.each([
    '',
    ' ',
    'a',
    'a/b/c',
    'a/b@1.1~m',
    'a/b/c@1~m',
    'a/b/c@1.1',
    'a/b/c/d@1.1~m',
    'a/b/c@-1.1~m',
    'a/b/ü@1.1~m',
    'a/b/c@1.1~m x',
  ])('skips what is not a token: %j', (text) =>
    expect(collected(`${text},${token('1', 1, 1)}`).tokens).toEqual([token('1', 1, 1)]),
  );

  test('drops those learned first beyond 256, and says so', () => {
    const tokens = new ConsistencyTokens();
    for (let id = 0; id < 256; id += 1) tokens.add(`a/b/${id}@1.1~m`);
    expect(tokens.incomplete).toBe(false);
    tokens.add('a/b/0@1.2~m'); // learned again: now the latest
    tokens.add('a/b/256@1.1~m');
    expect(tokens.tokens).toHaveLength(256);
    expect(tokens.incomplete).toBe(true);
    expect(tokens.tokens).not.toContain('a/b/1@1.1~m');
    expect(tokens.tokens).toContain('a/b/0@1.2~m');
  });

  test('stays below the length that a header may have', () => {
    const tokens = new ConsistencyTokens();
    for (let id = 0; id < 200; id += 1) tokens.add(`a/b/${id}${'x'.repeat(100)}@1.1~m`);
    expect(tokens.header?.length).toBeLessThanOrEqual(10_000);
    expect(tokens.tokens.at(-1)).toMatch(/^a\/b\/199/);
    expect(tokens.incomplete).toBe(true);
  });

  test('the order of arrival does not change which token of an aggregate is kept', () => {
    const arrivals = fc.array(fc.record({ id: fc.constantFrom('1', '2'), epoch: fc.nat(3), version: fc.nat(20) }));
    fc.assert(
      fc.property(arrivals, (given) => {
        const texts = given.map(({ id, epoch, version }) => token(id, epoch, version));
        const forwards = [...collected(...texts).tokens].sort();
        expect([...collected(...texts.reverse()).tokens].sort()).toEqual(forwards);
      }),
    );
  });
});
