import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_LENGTH, type TextField, textFault } from './limits.ts';
import { decide } from './submission.ts';
import type { SubmitRequest } from './submit-request.ts';
import { given, SUBMISSION } from './test/samples.ts';

const submit = (rest: Partial<SubmitRequest>) =>
  decide({ ...SUBMISSION, ...rest }, { packVersion: 1, knownActorId: null, addresseeKnown: true });

/** A request whose one text is this. */
const WITH: Record<TextField, (text: string) => Partial<SubmitRequest>> = {
  what: (text) => ({ what: given(text) }),
  channel: (channel) => ({ channel }),
  category: (category) => ({ category }),
  'actor.reference': (text) => ({ actor: { ...ACTOR, reference: given(text) } }),
  'actor.name': (text) => ({ actor: { ...ACTOR, name: given(text) } }),
  'actor.contact': (text) => ({ actor: { ...ACTOR, contact: given(text) } }),
  'location.address': (address) => ({ location: { ...PLACE, address } }),
  'location.city': (city) => ({ location: { ...PLACE, city } }),
  'location.postalCode': (postalCode) => ({ location: { ...PLACE, postalCode } }),
  'location.region': (region) => ({ location: { ...PLACE, region } }),
  'attributes.value': (text) => ({ attributes: [{ name: 'descriptor', value: given(text) }] }),
};
const ACTOR = { reference: given('x'), kind: 'PERSON', name: null, contact: null } as const;
const PLACE = { ...(SUBMISSION.location as NonNullable<SubmitRequest['location']>) };

describe('every text', () => {
  test.each(Object.keys(WITH) as TextField[])('%s: its limit is the last that passes', (field) => {
    const limit = MAX_LENGTH[field];
    expect(submit(WITH[field]('x'.repeat(limit)))).toHaveLength(3);
    expect(submit(WITH[field]('x'.repeat(limit + 1)))).toEqual({
      kind: 'refusal',
      code: 'LIMIT_EXCEEDED',
      details: [
        { name: 'field', value: field },
        { name: 'limit', value: `${limit} characters` },
      ],
    });
  });

  test.each(Object.keys(WITH) as TextField[])('%s: neither NUL nor half of a surrogate pair', (field) => {
    for (const text of ['a\0b', 'a\ud800', '\udc00b']) {
      const details = [{ name: 'field', value: field }];
      expect(submit(WITH[field](text))).toEqual({ kind: 'refusal', code: 'TEXT_NOT_ALLOWED', details });
    }
  });

  test('is counted in characters, not in UTF-16 units', () => {
    expect(textFault('category', '🚚'.repeat(200))).toBeUndefined();
    expect(textFault('category', '🚚'.repeat(201))).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  test('is otherwise kept as given: C0 but NUL, C1, and any well-formed Unicode', () => {
    const controls = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code))
      .join('')
      .replace('\0', '');
    expect(textFault('what', controls)).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(textFault('what', text) === undefined).toBe(!text.includes('\0'));
      }),
    );
  });
});

describe('what stands in topics as it is', () => {
  test.each(['PHONE', 'nyc311:online', 'walk-in', '311 app', 'Größe/1'])('channel %s', (channel) => {
    expect(submit({ channel })).toHaveLength(3);
  });

  test.each([' PHONE', '-x', 'a@b', 'a\u0085b', 'a\nb'])('not the channel %j', (channel) => {
    expect(submit({ channel })).toMatchObject({ code: 'TEXT_NOT_ALLOWED', details: [{ value: 'channel' }] });
  });

  test.each(['descriptor', 'A1', 'community_board', 'x.y-z'])('attribute %s', (name) => {
    expect(submit({ attributes: [{ name, value: given('') }] })).toHaveLength(3);
  });

  test.each(['', '1a', 'a b', 'é', 'x'.repeat(65)])('not the attribute %j', (name) => {
    const refusal = { code: 'TEXT_NOT_ALLOWED', details: [{ value: 'attributes.name' }] };
    expect(submit({ attributes: [{ name, value: given('v') }] })).toMatchObject(refusal);
  });
});

describe('attributes', () => {
  const attributes = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `a${i}`, value: given('v') }));

  test('fifty, and no more', () => {
    expect(submit({ attributes: attributes(50) })).toHaveLength(3);
    expect(submit({ attributes: attributes(51) })).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  test('each name once', () => {
    const refusal = { code: 'ATTRIBUTE_REPEATED', details: [{ name: 'name', value: 'a0' }] };
    expect(submit({ attributes: [...attributes(2), ...attributes(1)] })).toMatchObject(refusal);
  });
});

test.each([
  [{ latitude: 90, longitude: -180 }, undefined],
  [{ latitude: null, longitude: null }, undefined],
  [{ latitude: 90.1 }, 'location.latitude'],
  [{ latitude: -91 }, 'location.latitude'],
  [{ longitude: 180.5 }, 'location.longitude'],
  [{ longitude: -181 }, 'location.longitude'],
])('a place at %j', (degrees, field) => {
  const decision = submit({ location: { ...PLACE, ...degrees } });
  if (field === undefined) expect(decision).toHaveLength(3);
  else expect(decision).toMatchObject({ code: 'LIMIT_EXCEEDED', details: [{ value: field }, {}] });
});
