import { describe, expect, test } from 'vitest';
import { type AllottedItem, attach, MAX_EVIDENCE, TRANSITIONS } from './evidence.ts';
import { EVIDENCE_KINDS } from './pack.ts';
import type { ServiceEvent, ServiceEventState } from './service-event.ts';
import { accepted, allotted, at, BY, IN_STATE, item, only, refusal, started } from './test/samples.ts';

function attaching(
  serviceEvent: ServiceEvent,
  what: AllottedItem,
  { stage = null, attached = 0 }: { stage?: string | null; attached?: number } = {},
) {
  return attach(serviceEvent, { ...what, stage, by: BY, now: at(15) }, { attached });
}

test('attaches at the current stage, with references in place of what is personal', () => {
  const what = allotted(0x30, item('NOTE', { capturedAt: at(14) }));
  const [fact] = accepted(attaching(started(), what, { stage: 'inspection' }));
  expect(fact).toMatchObject({ name: 'evidence_attached', aggregate: 'evidence', data: {} });
  expect(fact?.after).toEqual({
    id: what.id,
    state: 'VALIDATED',
    serviceEventId: started().id,
    recordId: null,
    stage: 'inspection',
    kind: 'NOTE',
    content: what.content,
    sha256: null,
    sizeBytes: null,
    mediaType: null,
    storageRef: null,
    capturedAt: at(14),
    attachedBy: BY,
    attachedAt: at(15),
  });
  expect(JSON.stringify(fact)).not.toContain(what.item.note);
});

test('is never attached before its stage was entered, even where the clock of the start ran ahead', () => {
  const serviceEvent = {
    ...started(),
    stages: [{ name: 'inspection', enteredAt: at(16), enteredBy: BY, leftAt: null }],
  };
  expect(only(attaching(serviceEvent, allotted(0x30, item('NOTE'))))).toMatchObject({ attachedAt: at(16) });
});

test.each(EVIDENCE_KINDS)('a complete %s counts, whether the stage requires one or not (T-SP-14 allow)', (kind) => {
  expect(only(attaching(started(), allotted(0x30, item(kind))))).toMatchObject({ kind, state: 'VALIDATED' });
});

test.each(['sha256', 'sizeBytes', 'mediaType', 'storageRef'])(
  'a file without %s is kept, but does not count',
  (field) => {
    const document = allotted(0x30, item('DOCUMENT', { [field]: null }));
    expect(only(attaching(started(), document))).toMatchObject({ state: 'ATTACHED', [field]: null, content: null });
  },
);

test('the stage, where it is named, must be the current one', () => {
  const decision = attaching(started(), allotted(0x30, item('NOTE')), { stage: 'resolution' });
  expect(refusal(decision)).toEqual({ code: 'STAGE_NOT_CURRENT', stage: 'inspection' });
});

test('what is malformed is refused', () => {
  const decision = attaching(started(), allotted(0x30, item('PHOTO', { mediaType: 'video/mp4' })));
  expect(refusal(decision)).toMatchObject({ code: 'MEDIA_TYPE_NOT_OF_KIND' });
});

test(`a service event holds ${MAX_EVIDENCE} pieces`, () => {
  const note = allotted(0x30, item('NOTE'));
  expect(only(attaching(started(), note, { attached: MAX_EVIDENCE - 1 }))).toMatchObject({ state: 'VALIDATED' });
  expect(refusal(attaching(started(), note, { attached: MAX_EVIDENCE }))).toEqual({
    code: 'LIMIT_EXCEEDED',
    field: 'evidence',
    limit: '200 pieces',
  });
});

describe('only to a service event that is under way', () => {
  const cells: [ServiceEventState, string][] = [
    ['STARTED', 'accepted'],
    ['IN_STAGE', 'accepted'],
    ['COMPLETED', 'WRONG_STATE'],
    ['ABORTED', 'WRONG_STATE'],
  ];
  test.each(cells)('%s: %s', (state, expected) => {
    const decision = attaching(IN_STATE[state](), allotted(0x30, item('NOTE')));
    if (expected === 'accepted') expect(accepted(decision)).toHaveLength(1);
    else expect(refusal(decision)).toEqual({ code: expected });
  });
});

test('no command changes evidence', () => {
  expect(TRANSITIONS).toEqual({ NONE: { attach: 'ATTACHED' }, ATTACHED: {}, VALIDATED: {} });
});
