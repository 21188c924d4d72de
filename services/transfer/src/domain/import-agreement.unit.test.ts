import { describe, expect, test } from 'vitest';
import {
  againstEntry,
  againstOther,
  entryContradiction,
  settingTransfer,
  transferContradiction,
  untoldVersion,
} from './import-agreement.ts';
import type { EntryFile, TransferFile, Transition } from './layout.ts';
import { FAR, PEOPLE, uuidOf } from './test/histories.ts';
import { ENTRY, FILES } from './test/layouts.ts';
import { NOW } from './test/samples.ts';

const { first, rejected, second, voided, accepted } = FILES;
const ANOTHER = uuidOf(9, 9);
const EARLIER = '2020-01-01T00:00:00.000000Z';

test('an entry says which transfer set it, where one did', () => {
  expect(settingTransfer(ENTRY.setBy)).toBe(second.transferId);
  expect(settingTransfer('onboarding:1')).toBeUndefined();
});

describe('an entry', () => {
  const AT_FIRST: EntryFile = { identityId: ANOTHER, registerVersion: 1, setBy: 'the founders', updatedAt: NOW };

  test.each([ENTRY, AT_FIRST])('that can be so contradicts nothing', (entry) => {
    expect(entryContradiction(entry, FAR)).toBeUndefined();
    expect(entryContradiction(entry, entry.updatedAt)).toBeUndefined();
  });

  test.each<[string, EntryFile, string]>([
    ['later than now', ENTRY, EARLIER],
    ['names no transfer', { ...ENTRY, setBy: 'onboarding:1' }, FAR],
    ['names a transfer', { ...AT_FIRST, setBy: ENTRY.setBy }, FAR],
  ])('contradicts itself: %s', (what, entry, now) => {
    expect(entryContradiction(entry, now)).toContain(what);
  });
});

describe('a transfer', () => {
  test.each(Object.entries(FILES))('that was %s contradicts nothing', (_, file) => {
    expect(transferContradiction(file, FAR)).toBeUndefined();
  });

  const [proposal] = rejected.transitions as [Transition];
  const proposed: TransferFile = {
    ...rejected,
    state: 'proposed',
    endedBy: null,
    endedAt: null,
    endReason: null,
    transitions: [proposal],
    evidence: rejected.evidence.slice(0, proposal.evidenceSha256.length),
  };
  const canceled: TransferFile = {
    ...rejected,
    state: 'canceled',
    transitions: [
      proposal,
      { ...(rejected.transitions[1] as Transition), transition: 'transfer.cancel', newState: 'canceled' },
    ],
  };
  const expired: TransferFile = {
    ...accepted,
    state: 'expired',
    endedAt: accepted.acceptedAt,
    transitions: [
      ...accepted.transitions,
      {
        ...(accepted.transitions[1] as Transition),
        transition: 'transfer.expire',
        priorState: 'accepted',
        newState: 'expired',
        actorId: 'transfer',
      },
    ],
  };

  const neverAccepted = [
    accepted.transitions[0] as Transition,
    { ...(expired.transitions[2] as Transition), priorState: 'proposed' as const },
  ];

  test.each([proposed, canceled, expired])('in another state does not, either: $state', (file) => {
    expect(transferContradiction(file, FAR)).toBeUndefined();
  });

  const literal = { ...second.terms, distinctActors: 'literal' } as const;
  const waived = { ...second, endedBy: second.acceptedBy, waivedBy: second.acceptedBy } as TransferFile;
  const completedBy = (file: TransferFile) => ({
    ...file,
    transitions: file.transitions.map((one) =>
      one.newState === 'completed' ? { ...one, actorId: file.endedBy as string } : one,
    ),
  });

  test('may have been made by one identity alone, where its terms were literal, or that was waived', () => {
    const alone = { ...second, acceptedBy: second.proposedBy, endedBy: second.proposedBy, terms: literal };
    const transitions = second.transitions.map((one) => ({ ...one, actorId: second.proposedBy }));
    expect(transferContradiction({ ...alone, transitions }, FAR)).toBeUndefined();
    expect(transferContradiction(completedBy(waived), FAR)).toBeUndefined();
  });

  test.each<[string, TransferFile, Partial<TransferFile>]>([
    ['to_identity_id is from_identity_id', first, { toIdentityId: first.fromIdentityId }],
    ['accepted_by and accepted_at', second, { acceptedAt: null }],
    ['accepted_by and accepted_at', rejected, { acceptedAt: rejected.endedAt }],
    ['accepted_by does not fit the state proposed', proposed, { acceptedBy: ANOTHER, acceptedAt: FAR }],
    ['accepted_by does not fit the state accepted', accepted, { acceptedBy: null, acceptedAt: null }],
    ['accepted_by does not fit the state completed', second, { acceptedBy: null, acceptedAt: null }],
    ['accepted_by does not fit the state voided', voided, { acceptedBy: null, acceptedAt: null }],
    ['accepted_by does not fit the state rejected', rejected, { acceptedBy: ANOTHER, acceptedAt: rejected.endedAt }],
    ['accepted_by does not fit the state canceled', canceled, { acceptedBy: ANOTHER, acceptedAt: rejected.endedAt }],
    ['ended_at does not fit the state proposed', proposed, { endedAt: FAR }],
    ['ended_at does not fit the state accepted', accepted, { endedAt: FAR }],
    ['ended_at does not fit the state completed', second, { endedAt: null }],
    ['ended_at does not fit the state rejected', rejected, { endedAt: null }],
    ['ended_at does not fit the state canceled', canceled, { endedAt: null }],
    ['ended_at does not fit the state expired', expired, { endedAt: null }],
    ['ended_at does not fit the state voided', voided, { endedAt: null }],
    ['ended_by does not fit the state proposed', proposed, { endedBy: ANOTHER }],
    ['ended_by does not fit the state accepted', accepted, { endedBy: ANOTHER }],
    ['ended_by does not fit the state completed', second, { endedBy: null }],
    ['ended_by does not fit the state rejected', rejected, { endedBy: null }],
    ['ended_by does not fit the state canceled', canceled, { endedBy: null }],
    ['ended_by does not fit the state expired', expired, { endedBy: ANOTHER }],
    ['ended_by does not fit the state voided', voided, { endedBy: null }],
    ['end_reason does not fit the state completed', second, { endReason: voided.endReason }],
    ['end_reason does not fit the state proposed', proposed, { endReason: voided.endReason }],
    ['end_reason does not fit the state accepted', accepted, { endReason: voided.endReason }],
    ['end_reason does not fit the state expired', expired, { endReason: voided.endReason }],
    ['voiding takes a reason', voided, { endReason: null }],
    ['to_register_version', second, { toRegisterVersion: null }],
    ['to_register_version', second, { toRegisterVersion: second.fromRegisterVersion + 2 }],
    ['to_register_version', rejected, { toRegisterVersion: rejected.fromRegisterVersion + 1 }],
    ['waived_by did not complete it', second, { waivedBy: ANOTHER }],
    ['waived_by did not complete it', accepted, { waivedBy: accepted.acceptedBy }],
    ['waived_by did not complete it', rejected, { waivedBy: rejected.endedBy }],
    ['terms do not allow to waive', waived, { terms: { ...waived.terms, waiverAllowed: false } }],
    ['accepted_by proposed it', second, { acceptedBy: second.proposedBy }],
    ['ended_by took part before', second, { endedBy: second.proposedBy }],
    ['ended_by took part before', second, { endedBy: second.acceptedBy }],
    ['do not follow each other', second, { proposedAt: second.endedAt as string }],
    ['do not follow each other', second, { acceptedAt: EARLIER }],
    ['do not follow each other', rejected, { endedAt: EARLIER }],
    [
      'evidence[0].source',
      first,
      { evidence: [{ ...first.evidence[0], source: 'PARTY' } as never, ...first.evidence.slice(1)] },
    ],
    ['evidence[2].source', first, { evidence: first.evidence.map((one) => ({ ...one, source: 'SYSTEM' })) }],
    ['do not lead to the state', second, { transitions: second.transitions.slice(0, 2) }],
    ['do not lead to the state', second, { transitions: [] }],
    ['do not tell of all evidence', first, { evidence: [...first.evidence, first.evidence[0] as never] }],
    ['actor_id is not whom the state names', expired, { acceptedBy: null, acceptedAt: null }],
    ['accepted_by accepted it in no transition', expired, { transitions: neverAccepted }],
  ])('contradicts itself: %s', (what, file, change) => {
    expect(transferContradiction({ ...file, ...change }, FAR)).toContain(what);
  });

  test('contradicts itself: later than now', () => {
    expect(transferContradiction(second, second.acceptedAt as string)).toContain('later than now');
    expect(transferContradiction(second, second.endedAt as string)).toBeUndefined();
    const evidence = second.evidence.map((one) => ({ ...one, addedAt: FAR }));
    expect(transferContradiction({ ...second, evidence }, second.endedAt as string)).toContain('later than now');
  });

  test.each<[string, number, Partial<Transition>]>([
    ['prior_state is not the new_state before', 0, { priorState: 'proposed' }],
    ['prior_state is not the new_state before', 1, { priorState: null }],
    ['prior_state is not the new_state before', 2, { priorState: 'accepted' }],
    ['transition does not lead', 0, { transition: 'transfer.import' }],
    ['transition does not lead', 0, { transition: 'task.propose' }],
    ['transition does not lead', 0, { transition: 'propose' }],
    ['transition does not lead', 0, { newState: 'accepted' }],
    ['transition does not lead', 1, { newState: 'accepted' }],
    ['transition does not lead', 2, { transition: 'transfer.complete' }],
    ['actor_id is not whom the state names', 0, { actorId: ANOTHER }],
    ['actor_id is not whom the state names', 2, { actorId: ANOTHER }],
    ['actor_id is not whom the state names', 3, { actorId: ANOTHER }],
    ['at is not when the state says', 0, { at: EARLIER }],
    ['at is not when the state says', 3, { at: FAR }],
    ['do not follow each other', 1, { at: EARLIER }],
    ['prior_holder_identity_id is not the from-party', 2, { priorHolderIdentityId: ANOTHER }],
    ['evidence_sha256 is not what had been given', 0, { evidenceSha256: ['0'.repeat(64)] }],
    ['evidence_sha256 is not what had been given', 2, { evidenceSha256: [] }],
    [
      'evidence_sha256 is not what had been given',
      0,
      { evidenceSha256: [first.evidence[0]?.sha256 ?? '', '0'.repeat(64)] },
    ],
  ])('tells a transition that cannot be: %s (%i)', (what, place, change) => {
    const transitions = first.transitions.map((one, index) => (index === place ? { ...one, ...change } : one));
    expect(transferContradiction({ ...first, transitions }, FAR)).toContain(what);
  });

  test('was given evidence by whoever it was: the state does not name them', () => {
    const transitions = first.transitions.map((one, index) => (index === 1 ? { ...one, actorId: ANOTHER } : one));
    expect(transferContradiction({ ...first, transitions }, FAR)).toBeUndefined();
  });
});

describe('a transfer and the entry of its object', () => {
  test.each(Object.entries(FILES))('agree: %s', (_, file) => {
    expect(againstEntry(file, ENTRY)).toBeUndefined();
  });

  test.each<[string, TransferFile, Partial<TransferFile>, Partial<EntryFile>]>([
    ['from_register_version is beyond', accepted, { fromRegisterVersion: 4 }, {}],
    ['from_identity_id does not hold', accepted, {}, { identityId: ANOTHER }],
    ['from_identity_id does not hold', voided, { fromIdentityId: ANOTHER }, {}],
    ['version of the entry that has gone by', accepted, { fromRegisterVersion: 2 }, {}],
    ['says that it set version 3', first, {}, { setBy: `transfer:${first.transferId}` }],
    ['set version 3', second, {}, { setBy: `transfer:${ANOTHER}` }],
    ['to_identity_id does not hold', second, { toIdentityId: ANOTHER }, {}],
    ['is not the entry', second, {}, { updatedAt: FAR }],
  ])('contradict each other: %s', (what, file, change, entry) => {
    expect(againstEntry({ ...file, ...change }, { ...ENTRY, ...entry })).toContain(what);
  });
});

describe('two transfers of one object', () => {
  const all = Object.values(FILES);

  test('agree, whichever comes first', () => {
    for (const one of all) {
      for (const other of all) if (one !== other) expect(againstOther(one, other)).toBeUndefined();
    }
  });

  test.each<[string, TransferFile, TransferFile]>([
    ['is accepted, too', { ...accepted, transferId: ANOTHER }, accepted],
    ['is accepted, too', { ...rejected, state: 'proposed', fromRegisterVersion: 3 }, accepted],
    ['was completed on the same version', { ...second, transferId: ANOTHER }, second],
    ['names another holder at version 2', { ...rejected, fromIdentityId: ANOTHER }, second],
    ['made another identity the holder at version 2', { ...second, fromIdentityId: ANOTHER }, first],
    ['names another holder at version 2', { ...first, toIdentityId: ANOTHER }, second],
  ])('contradict each other: %s', (what, one, other) => {
    expect(againstOther(one, other)).toContain(what);
  });
});

test('each version of an entry takes a completed transfer that made it', () => {
  expect(untoldVersion(ENTRY, Object.values(FILES))).toBeUndefined();
  expect(untoldVersion(ENTRY, [second, rejected])).toBe(2);
  expect(untoldVersion(ENTRY, [first, accepted])).toBe(3);
  expect(untoldVersion({ ...ENTRY, registerVersion: 1 }, [])).toBeUndefined();
  expect(PEOPLE).toContain(ENTRY.identityId);
});
