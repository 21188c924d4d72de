import { describe, expect, test } from 'vitest';
import { contentText, type EvidenceItem, isComplete, itemFault, locationOf } from './evidence-form.ts';
import { EVIDENCE_KINDS, type EvidenceKind } from './pack.ts';
import { at, bare, item, refusal, sha256 } from './test/samples.ts';

const NOW = at(15);
const FILES = ['DOCUMENT', 'PHOTO', 'SIGNATURE'] as const;

function faultOf(what: EvidenceItem) {
  const fault = itemFault(what, NOW);
  return fault === undefined ? undefined : refusal(fault);
}

test.each(EVIDENCE_KINDS)('a %s with all it consists of is well-formed and complete', (kind) => {
  expect([faultOf(item(kind)), isComplete(item(kind))]).toEqual([undefined, true]);
});

describe('what a kind consists of', () => {
  test.each(EVIDENCE_KINDS)('a %s with none of it is refused', (kind) => {
    expect(faultOf(bare(kind))).toMatchObject({ code: 'EVIDENCE_EMPTY', kind });
    expect(isComplete(bare(kind))).toBe(false);
  });

  test.each(FILES)('a %s may lack a part, and is incomplete then', (kind) => {
    for (const field of ['sha256', 'sizeBytes', 'mediaType', 'storageRef']) {
      const what = item(kind, { [field]: null });
      expect([faultOf(what), isComplete(what)]).toEqual([undefined, false]);
    }
  });

  const foreign: [EvidenceKind, Partial<EvidenceItem>, string][] = [
    ['NOTE', { sha256: sha256('x') }, 'sha256'],
    ['NOTE', { location: { latitude: 1, longitude: 1, accuracyM: null } }, 'location'],
    ['LOCATION', { note: 'here' }, 'note'],
    ['LOCATION', { storageRef: 's3://x' }, 'storageRef'],
    ['DOCUMENT', { note: 'the proof' }, 'note'],
    ['PHOTO', { location: { latitude: 1, longitude: 1, accuracyM: null } }, 'location'],
    ['SIGNATURE', { note: 'signed' }, 'note'],
  ];
  test.each(foreign)('a %s has no %j', (kind, more, field) => {
    expect(faultOf(item(kind, more))).toEqual({ code: 'FIELD_NOT_OF_KIND', kind, field });
  });
});

describe('a note', () => {
  test.each(['a', 'a'.repeat(20_000), '😀'.repeat(20_000), 'C1 \u0080\u0085\u0096\u009f kept', '\u0001\u001b[0m'])(
    'is kept as given (case %#)',
    (note) => {
      expect(faultOf(item('NOTE', { note }))).toBeUndefined();
      expect(contentText(item('NOTE', { note }))).toBe(note);
    },
  );

  test.each([
    ['', 'TEXT_MISSING'],
    [' \t\n', 'TEXT_MISSING'],
    ['NUL \0', 'TEXT_NOT_ALLOWED'],
    ['half \ud83d', 'TEXT_NOT_ALLOWED'],
    ['other half \ude00', 'TEXT_NOT_ALLOWED'],
    ['a'.repeat(20_001), 'LIMIT_EXCEEDED'],
    ['😀'.repeat(20_001), 'LIMIT_EXCEEDED'],
  ])('is refused (case %#)', (note, code) => {
    expect(faultOf(item('NOTE', { note }))).toMatchObject({ code, field: 'note' });
  });
});

describe('a place', () => {
  const place = (latitude: number, longitude: number, accuracyM: number | null = null) =>
    item('LOCATION', { location: { latitude, longitude, accuracyM } });

  test.each([place(0, 0), place(90, 180, 0), place(-90, -180, 1.5), place(40.58507695307629, -73.92773945669528)])(
    'is kept as canonical JSON and read again (case %#)',
    (what) => {
      expect(faultOf(what)).toBeUndefined();
      expect(locationOf(contentText(what) ?? '')).toEqual(what.location);
    },
  );

  test('has one text', () => {
    expect(contentText(place(40.5, -73.9, 12))).toBe('{"accuracy_m":12,"latitude":40.5,"longitude":-73.9}');
    expect(contentText(place(40.5, -73.9))).toBe('{"accuracy_m":null,"latitude":40.5,"longitude":-73.9}');
  });

  test.each([
    [place(90.1, 0), 'location.latitude'],
    [place(-91, 0), 'location.latitude'],
    [place(Number.NaN, 0), 'location.latitude'],
    [place(0, 180.1), 'location.longitude'],
    [place(0, Number.POSITIVE_INFINITY), 'location.longitude'],
    [place(0, 0, -1), 'location.accuracyM'],
    [place(0, 0, Number.POSITIVE_INFINITY), 'location.accuracyM'],
  ])('is refused, and has no text (case %#)', (what, field) => {
    expect(faultOf(what)).toMatchObject({ code: 'LIMIT_EXCEEDED', field });
    expect(contentText(what)).toBeNull();
  });
});

test.each(FILES)('a %s has no personal text', (kind) => {
  expect(contentText(item(kind, { note: 'a note that is refused' }))).toBeNull();
});

test('a place that is missing has no text', () => {
  expect(contentText(bare('LOCATION'))).toBeNull();
});

describe('a file', () => {
  test.each<[Partial<EvidenceItem>, string, string]>([
    [{ sha256: 'A'.repeat(64) }, 'VALUE_MALFORMED', 'sha256'],
    [{ sha256: 'a'.repeat(63) }, 'VALUE_MALFORMED', 'sha256'],
    [{ sha256: '' }, 'VALUE_MALFORMED', 'sha256'],
    [{ sizeBytes: 0 }, 'LIMIT_EXCEEDED', 'sizeBytes'],
    [{ sizeBytes: -1 }, 'LIMIT_EXCEEDED', 'sizeBytes'],
    [{ sizeBytes: 1.5 }, 'VALUE_MALFORMED', 'sizeBytes'],
    [{ sizeBytes: Number.NaN }, 'VALUE_MALFORMED', 'sizeBytes'],
    [{ sizeBytes: 5_368_709_121 }, 'LIMIT_EXCEEDED', 'sizeBytes'],
    [{ mediaType: 'jpeg' }, 'VALUE_MALFORMED', 'mediaType'],
    [{ mediaType: 'image/JPEG' }, 'VALUE_MALFORMED', 'mediaType'],
    [{ mediaType: 'image/jpeg; q=1' }, 'VALUE_MALFORMED', 'mediaType'],
    [{ mediaType: `image/${'j'.repeat(101)}` }, 'VALUE_MALFORMED', 'mediaType'],
    [{ storageRef: '' }, 'VALUE_MALFORMED', 'storageRef'],
    [{ storageRef: 'a file' }, 'VALUE_MALFORMED', 'storageRef'],
    [{ storageRef: 'datei/ö' }, 'VALUE_MALFORMED', 'storageRef'],
    [{ storageRef: 'r'.repeat(1_025) }, 'VALUE_MALFORMED', 'storageRef'],
  ])('is refused with %j', (more, code, field) => {
    expect(faultOf(item('PHOTO', more))).toMatchObject({ code, field });
  });

  test.each<[Partial<EvidenceItem>]>([
    [{ sizeBytes: 1 }],
    [{ sizeBytes: 5_368_709_120 }],
    [{ storageRef: 'r'.repeat(1_024) }],
  ])('is accepted at its limits (case %#)', (more) => {
    expect(faultOf(item('PHOTO', more))).toBeUndefined();
  });

  const mediaTypes: [EvidenceKind, string, boolean][] = [
    ['PHOTO', 'image/heic', true],
    ['PHOTO', 'application/pdf', false],
    ['PHOTO', 'text/plain', false],
    ['SIGNATURE', 'image/svg+xml', true],
    ['SIGNATURE', 'application/pdf', true],
    ['SIGNATURE', 'application/pdf2', false],
    ['SIGNATURE', 'text/plain', false],
    ['DOCUMENT', 'application/vnd.oasis.opendocument.text', true],
    ['DOCUMENT', 'image/tiff', true],
    ['DOCUMENT', 'text/csv', true],
    ['DOCUMENT', 'video/mp4', false],
    ['DOCUMENT', 'audio/ogg', false],
  ];
  test.each(mediaTypes)('a %s of %s: %s', (kind, mediaType, fits) => {
    expect(faultOf(item(kind, { mediaType }))).toEqual(fits ? undefined : { code: 'MEDIA_TYPE_NOT_OF_KIND', kind });
  });
});

describe('the time of capture', () => {
  test.each(EVIDENCE_KINDS)('of a %s may be given, up to five minutes ahead', (kind) => {
    expect(faultOf(item(kind, { capturedAt: at(-10_000) }))).toBeUndefined();
    expect(faultOf(item(kind, { capturedAt: at(20) }))).toBeUndefined();
    expect(faultOf(item(kind, { capturedAt: at(21) }))).toEqual({ code: 'CAPTURED_IN_FUTURE', now: NOW });
  });

  test.each(['', 'now', '2026-01-05', '2026-01-05T10:00:00Z', '2026-13-05T10:00:00.000000Z'])(
    'is refused as %j',
    (capturedAt) => {
      expect(faultOf(item('NOTE', { capturedAt }))).toMatchObject({ code: 'VALUE_MALFORMED', field: 'capturedAt' });
    },
  );
});
