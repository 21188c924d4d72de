import { describe, expect, test } from 'vitest';
import {
  type Asked,
  asksOf,
  basisWith,
  type Confirmed,
  confirmedValues,
  type Held,
  NOTHING_HELD,
} from './confirmed.ts';

const PERSON: Asked = { service: 'people', type: 'person', id: 'ada' };
const HOUSE: Asked = { service: 'houses', type: 'house', id: 'one' };
const ASKS = new Map([
  ['person', PERSON],
  ['house', HOUSE],
]);

const at = (version: number, epoch = 1): Confirmed => ({ version, epoch, value: { state: 'ACTIVE' } });
const held = (...answers: readonly [name: string, asked: Asked, confirmed: Confirmed | undefined][]): Held =>
  new Map(answers.map(([name, asked, confirmed]) => [name, { asked, confirmed }]));

describe('whom to ask for what', () => {
  const confirmations = {
    person: ({ person }: { readonly person: string }) => ({ ...PERSON, id: person }),
    house: (_: unknown, { house }: { readonly house: string }) => ({ ...HOUSE, id: house }),
  };

  test('follows from the row that is acted on, and from the input; of each name that the matrix has', () => {
    const asks = asksOf(['house', 'person'], confirmations, { person: 'bob' }, { house: 'two' });
    expect([...asks]).toEqual([
      ['house', { ...HOUSE, id: 'two' }],
      ['person', { ...PERSON, id: 'bob' }],
    ]);
    expect(asksOf(['person'], confirmations, { person: 'bob' }, { house: 'two' }).size).toBe(1);
  });

  test('is nobody where no row is acted on, or nothing is to be confirmed', () => {
    expect(asksOf(['person'], confirmations, undefined, { house: 'two' }).size).toBe(0);
    expect(asksOf([], undefined, { person: 'bob' }, {}).size).toBe(0);
  });

  test('must be said of every name', () => {
    expect(() => asksOf(['pet'], confirmations, { person: 'bob' }, { house: 'two' })).toThrow("'pet' is asked of");
  });
});

describe('what a decision reads', () => {
  test('is what the owners said, with nothing left open', () => {
    const confirmed = confirmedValues(ASKS, held(['person', PERSON, at(3)], ['house', HOUSE, undefined]));
    expect(confirmed.values).toEqual({ person: at(3), house: undefined });
    expect(confirmed.open).toEqual(new Set());
    expect(confirmed.touchedOpen()).toBe(false);
  });

  test('is noted, once, where nobody was asked', () => {
    const { values, open, touchedOpen } = confirmedValues(ASKS, held(['house', HOUSE, at(1)]));
    expect(open).toEqual(new Set(['person']));
    expect(values.house).toEqual(at(1));
    expect(touchedOpen()).toBe(false);
    expect(values.person).toBeUndefined();
    expect(touchedOpen()).toBe(true);
    expect(touchedOpen()).toBe(false);
  });

  test.each<Partial<Asked>>([{ id: 'bob' }, { type: 'child' }, { service: 'houses' }])(
    'is not what was said of another one: %j',
    (change) => {
      const { values, open, touchedOpen } = confirmedValues(ASKS, held(['person', { ...PERSON, ...change }, at(3)]));
      expect(open).toEqual(new Set(['person', 'house']));
      expect(values.person).toBeUndefined();
      expect(touchedOpen()).toBe(true);
    },
  );

  test('of a command that confirms nothing is nothing, and nothing is open', () => {
    const { values, open, touchedOpen } = confirmedValues(new Map(), NOTHING_HELD);
    expect([values, open, touchedOpen()]).toEqual([{}, new Set(), false]);
  });
});

describe('the basis', () => {
  const person = held(['person', PERSON, at(3, 2)]);

  test.each<[string, readonly string[], readonly string[]]>([
    ['gains what was confirmed', ['a/b/c@1.1'], ['a/b/c@1.1', 'people/person/ada@2.3']],
    ['names it once where the copy is as new', ['people/person/ada@2.3'], ['people/person/ada@2.3']],
    ['names it instead of an older copy', ['people/person/ada@2.2'], ['people/person/ada@2.3']],
    ['counts versions as numbers', ['people/person/ada@1.20'], ['people/person/ada@2.3']],
    ['names the copy where that is newer', ['people/person/ada@2.10'], ['people/person/ada@2.10']],
    ['names the copy of a later epoch', ['people/person/ada@3.1'], ['people/person/ada@3.1']],
    [
      'takes no other aggregate for it',
      ['people/person/ada@b@1.1'],
      ['people/person/ada@2.3', 'people/person/ada@b@1.1'],
    ],
  ])('%s', (_, basis, expected) => {
    expect(basisWith(basis, person)).toEqual(expected);
  });

  test('has nothing of what the owner has not, and is in order', () => {
    const answers = held(['person', PERSON, undefined], ['house', HOUSE, at(1)]);
    expect(basisWith(['x/y/z@1.1'], answers)).toEqual(['houses/house/one@1.1', 'x/y/z@1.1']);
    expect(basisWith(['a/b/c@1.1'], NOTHING_HELD)).toEqual(['a/b/c@1.1']);
  });

  test('names an aggregate that two names confirm once', () => {
    const answers = held(['person', PERSON, at(3)], ['house', PERSON, at(4)]);
    expect(basisWith([], answers)).toEqual(['people/person/ada@1.4']);
  });
});
