import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SeenVersion, TokenSigner } from './token.ts';

const signer = new TokenSigner('a secret of the services');
const SEEN: SeenVersion = { service: 'operator', type: 'delegation', id: 'nypd:7b0a:EXECUTE', epoch: 1, version: 4 };

describe('consistency tokens', () => {
  test('every id survives the way to the client and back', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.integer({ min: 1, max: 999_999_999 }),
        (id, version) => {
          const seen = { ...SEEN, id, version };
          expect(signer.verify(signer.sign(seen))).toEqual([seen]);
        },
      ),
    );
  });

  test('an id with the sign that begins a signature', () => {
    const seen = { ...SEEN, id: 'a~b' };
    expect(signer.verify(signer.sign(seen))).toEqual([seen]);
  });

  test('the newest of an aggregate is what counts, whatever the order', () => {
    const tokens = [2, 5, 4].map((version) => signer.sign({ ...SEEN, version }));
    expect(signer.verify(tokens.join(', '))).toEqual([{ ...SEEN, version: 5 }]);
    const restored = signer.sign({ ...SEEN, epoch: 2, version: 1 });
    expect(signer.verify([...tokens, restored].join(','))).toEqual([{ ...SEEN, epoch: 2, version: 1 }]);
  });

  test('a token that was changed, or signed by somebody else, is left out', () => {
    const token = signer.sign(SEEN);
    expect(signer.verify(token.replace('@1.4', '@1.5'))).toEqual([]);
    expect(signer.verify(new TokenSigner('another secret').sign(SEEN))).toEqual([]);
  });

  test.each(['', ',,,', 'x', 'a/b/c@1.1', '~', `operator/delegation/%E0@1.1~${'a'.repeat(22)}`])(
    '%j says nothing',
    (header) => {
      expect(signer.verify(header)).toEqual([]);
    },
  );

  test('at most 256 are read', () => {
    const tokens = Array.from({ length: 300 }, (_, index) => signer.sign({ ...SEEN, id: `op-${index}` }));
    expect(signer.verify(tokens.join(','))).toHaveLength(256);
  });
});
