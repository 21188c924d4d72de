import { describe, expect, test } from 'vitest';
import type { ShownRegister, TopicEvent } from './facts.ts';
import { COMPLETED, entryOf, FOLLOWED, MOVED, ONBOARDED, TOLD, withChange } from './planted/transferred.ts';
import { registerFolds } from './register.ts';

const ENTRY = { id: 'operator:crew', version: 2, holderIdentityId: 'bob', registerVersion: 2, setById: 't-1' };
const SHOWN: ShownRegister = { entries: [ENTRY], verification: { objects: 1, holds: true } };
const showing = (change: Partial<typeof ENTRY>): ShownRegister => ({ ...SHOWN, entries: [{ ...ENTRY, ...change }] });
const findingsOf = (shown: ShownRegister, events: readonly TopicEvent[] = TOLD) =>
  registerFolds(shown, events).findings;

test('onboarding and completed transfers lead to the holder that everybody names, repeats or not', () => {
  expect(registerFolds(SHOWN, [...TOLD, ...TOLD])).toMatchObject({ checked: 2, findings: [] });
});

const stateOf = ({ state }: TopicEvent, change: object) => ({ state: { ...state, ...change } });
const NOBODYS = entryOf(1, 'dora', 'x');

describe('finds', () => {
  test.each<[string, readonly TopicEvent[], string]>([
    [
      'authority that moved without a transfer',
      withChange({ [COMPLETED.eventId]: { newState: 'voided', ...stateOf(COMPLETED, { state: 'voided' }) } }),
      'operator:crew: its entry moved by [t-1], the completed transfers are []',
    ],
    [
      'a completed transfer that moved nothing',
      withChange({ [MOVED.eventId]: undefined }),
      'operator:crew: its entry names ann at 1, its history bob at 2',
    ],
    [
      'an entry that names somebody else',
      withChange({ [MOVED.eventId]: stateOf(MOVED, { holder_identity_id: 'carol' }) }),
      'operator:crew: its entry names carol at 2, its history bob at 2',
    ],
    [
      'a transfer from somebody who did not hold it',
      withChange({ [COMPLETED.eventId]: stateOf(COMPLETED, { from_identity_id: 'carol' }) }),
      'operator:crew: transfer t-1 leads from carol at 1 to version 2, ann held it at 1',
    ],
    [
      'a version that was skipped',
      withChange({ [COMPLETED.eventId]: stateOf(COMPLETED, { to_register_version: 3 }) }),
      'operator:crew: transfer t-1 leads from ann at 1 to version 3, ann held it at 1',
    ],
    [
      'an onboarding that never entered',
      TOLD.filter(({ aggregateType }) => aggregateType !== 'register_entry'),
      'operator:crew: it is not in the register',
    ],
    [
      'an entry of what nobody onboarded',
      [...TOLD, { ...NOBODYS, eventId: 'x', aggregateId: 'operator:ghost' }],
      'operator:ghost: nobody onboarded it',
    ],
    [
      'an operator that does not follow',
      withChange({ [FOLLOWED.eventId]: undefined }),
      'operator:crew: the operator names ann at 1, its history bob at 2',
    ],
    [
      'an onboarding that named another',
      withChange({ [ONBOARDED.eventId]: stateOf(ONBOARDED, { holder_identity_id: 'carol' }) }),
      'operator:crew: transfer t-1 leads from ann at 1 to version 2, carol held it at 1',
    ],
  ])('%s', (_, events, finding) => {
    expect(findingsOf(SHOWN, events)).toContain(finding);
  });

  test.each<[string, ShownRegister, string]>([
    ['another holder shown', showing({ holderIdentityId: 'ann' }), 'shown as held by ann at 2, not bob at 2'],
    ['an old version shown', showing({ registerVersion: 1 }), 'shown as held by bob at 1, not bob at 2'],
    ['another transfer shown as its cause', showing({ setById: 't-2' }), 'shown as set by t-2, not by t-1'],
    ['another version of the aggregate', showing({ version: 3 }), "shown in version 3, the topic's last is 2"],
    ['an entry that is not shown', { ...SHOWN, entries: [] }, 'clients are shown no entry of it'],
  ])('%s', (_, shown, finding) => {
    expect(findingsOf(shown)).toEqual([`operator:crew: ${finding}`]);
  });

  test('what the register finds itself, and objects that it did not fold', () => {
    expect(findingsOf({ ...SHOWN, verification: { objects: 0, holds: false } })).toEqual([
      'the register finds that it is not what its history makes it',
      'the register folded 0 objects, its topic tells of 1',
    ]);
  });
});
