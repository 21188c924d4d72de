import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromWire, toWire } from './keys.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9]*(_[a-z][a-z0-9]*){0,3}$/);

test('names map onto each other letter by letter, in both directions and at every depth', () => {
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('tree')), fc.dictionary(name, tie('tree'))),
  }));
  fc.assert(
    fc.property(fc.dictionary(name, tree), (value) => {
      expect(toWire(fromWire(value))).toEqual(value);
    }),
  );
});

test('values are left as they are', () => {
  expect(toWire({ heldBy: 'Some_Text', list: [{ aB: 'x_y' }] })).toEqual({
    held_by: 'Some_Text',
    list: [{ a_b: 'x_y' }],
  });
});
