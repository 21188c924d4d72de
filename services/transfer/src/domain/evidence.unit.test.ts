import { refuse } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import { evidenceFault, type GivenEvidence, givenBy, MAX_GIVEN, made } from './evidence.ts';
import { DOCUMENT, documents, frozen, HOLDER, NOW, SHA, TARGET } from './test/samples.ts';

const GIVER = { by: TARGET, now: NOW };
const there = (count: number) => givenBy(documents(count), GIVER);
const AT_A_TIME = refuse('LIMIT_EXCEEDED', { field: 'evidence', limit: '20 at a time' });
const IN_ALL = refuse('LIMIT_EXCEEDED', { field: 'evidence', limit: '50 of one identity' });
const MEDIA_TYPE = refuse('LIMIT_EXCEEDED', { field: 'mediaType', limit: '127 characters' });
const STORAGE_REF = refuse('LIMIT_EXCEEDED', { field: 'storageRef', limit: '1024 characters' });

describe('how much', () => {
  test.each([
    [0, 0, undefined],
    [20, 0, undefined],
    [21, 0, AT_A_TIME],
    [20, 30, undefined],
    [20, 31, IN_ALL],
    [1, 49, undefined],
    [1, 50, IN_ALL],
    [0, 50, undefined],
    // Where both hold, what is wrong with this time is said first.
    [21, 50, AT_A_TIME],
  ])('%i beside %i of the same', (now, before, fault) => {
    expect(evidenceFault(documents(now), TARGET, there(before))).toEqual(fault);
  });

  test('nobody takes the place of another', () => {
    expect(evidenceFault(documents(20), HOLDER, there(MAX_GIVEN))).toBeUndefined();
  });

  test('what the system made takes no place of theirs', () => {
    const ofSystem = Array.from({ length: 60 }, () => made('SESSION', SHA.session, GIVER));
    expect(evidenceFault(documents(1), TARGET, [...there(MAX_GIVEN - 1), ...ofSystem])).toBeUndefined();
    expect(evidenceFault(documents(1), TARGET, [...ofSystem, ...there(MAX_GIVEN)])).toEqual(IN_ALL);
  });
});

describe('of what form', () => {
  test.each(['DOCUMENT', 'STATEMENT', 'REFERENCE'])('a party gives a %s', (kind) => {
    expect(evidenceFault([{ ...DOCUMENT, kind }], TARGET)).toBeUndefined();
  });

  test.each(['REGISTER_ENTRY', 'SESSION', 'CREDENTIAL_CHECK', 'document', ''])('a party does not give a %s', (kind) => {
    expect(evidenceFault([DOCUMENT, { ...DOCUMENT, kind }], TARGET)).toEqual(
      refuse('EVIDENCE_KIND_NOT_ALLOWED', { kind }),
    );
  });

  test.each<[string, Partial<GivenEvidence>, unknown]>([
    ['a media type of 127 characters', { mediaType: 'x'.repeat(127) }, undefined],
    ['a media type of 128 characters', { mediaType: 'x'.repeat(128) }, MEDIA_TYPE],
    ['characters of two units, counted once each', { mediaType: '\u{1f4dc}'.repeat(127) }, undefined],
    ['one of them too many', { mediaType: '\u{1f4dc}'.repeat(128) }, MEDIA_TYPE],
    ['a storage reference of 1,024 characters', { storageRef: 'x'.repeat(1_024) }, undefined],
    ['a storage reference of 1,025 characters', { storageRef: 'x'.repeat(1_025) }, STORAGE_REF],
    ['references of two units, counted once each', { storageRef: '\u{1f4dc}'.repeat(1_024) }, undefined],
    ['neither', { mediaType: null, storageRef: null }, undefined],
    ['both too long', { mediaType: 'x'.repeat(128), storageRef: 'x'.repeat(1_025) }, MEDIA_TYPE],
    [
      'both too long, and of the system',
      { kind: 'SESSION', mediaType: 'x'.repeat(128), storageRef: 'x'.repeat(1_025) },
      refuse('EVIDENCE_KIND_NOT_ALLOWED', { kind: 'SESSION' }),
    ],
  ])('%s', (_, change, fault) => {
    expect(evidenceFault([DOCUMENT, { ...DOCUMENT, ...change }, DOCUMENT], TARGET)).toEqual(fault);
  });
});

describe('as it is kept', () => {
  test('of a party: all it said, by whom and when; what it did not say is null', () => {
    const reference = { kind: 'REFERENCE', sha256: SHA.entry, mediaType: 'application/pdf', storageRef: 'deed 4711' };
    expect(givenBy(frozen([DOCUMENT, reference]), GIVER)).toEqual([
      {
        source: 'PARTY',
        kind: 'DOCUMENT',
        sha256: SHA.given,
        mediaType: null,
        storageRef: null,
        addedBy: TARGET,
        addedAt: NOW,
      },
      { source: 'PARTY', ...reference, addedBy: TARGET, addedAt: NOW },
    ]);
  });

  test('of the system: a hash, of which no bytes are kept', () => {
    expect(made('CREDENTIAL_CHECK', SHA.credential, GIVER)).toEqual({
      source: 'SYSTEM',
      kind: 'CREDENTIAL_CHECK',
      sha256: SHA.credential,
      mediaType: null,
      storageRef: null,
      addedBy: TARGET,
      addedAt: NOW,
    });
  });
});
