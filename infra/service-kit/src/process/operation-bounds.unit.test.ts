import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { OPERATION_BOUNDS } from './operation-bounds.ts';

const schema = buildSchema('type Query { a: Int, b: Query }');
const faults = (document: string) =>
  validate(schema, parse(document), OPERATION_BOUNDS.validationRules).map(({ message }) => message);
const aliases = (count: number, of = 'a') => Array.from({ length: count }, (_, i) => `a${i}: ${of}`).join(' ');

const TOO_MANY = /^an operation asks at most 100 root fields; this one asks 101$/;

test('a hundred root fields are asked, one more is not', () => {
  expect(faults(`{ ${aliases(100)} }`)).toEqual([]);
  expect(faults(`{ ${aliases(101)} }`)).toEqual([expect.stringMatching(TOO_MANY)]);
});

test('fields of fragments count as often as they are spread, those below the root do not', () => {
  expect(faults(`{ b { ${aliases(200)} } }`)).toEqual([]);
  expect(faults(`{ a ...F ... { ...F } } fragment F on Query { ${aliases(50)} }`)).toEqual([
    expect.stringMatching(TOO_MANY),
  ]);
  const doubling = Array.from({ length: 40 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`);
  expect(faults(`{ ...F0 } ${doubling.join(' ')} fragment F40 on Query { a }`)[0]).toMatch(/this one asks/);
});

test('fragments in a circle end', () => {
  expect(faults('{ ...A } fragment A on Query { a ...B } fragment B on Query { a ...A }')).toEqual([]);
});

test('an operation of a kind that the schema does not have is refused as such', () => {
  expect(faults('subscription { a }')).toEqual(['there are no operations of the kind subscription']);
});
