import { refuse } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import { type CompletionFacts, complete } from './move.ts';
import {
  COMPLETING,
  COMPLETION_FACTS,
  codeOf,
  entryWith,
  factsOf,
  frozen,
  HOLDER,
  LAST,
  LATER,
  microsAfter,
  OTHER,
  SHA,
  SUPER_ADMIN,
  TARGET,
  TRANSFER_ID,
  transferIn,
} from './test/samples.ts';
import type { Transfer } from './transfer.ts';
import type { Settled } from './transfer-policy.ts';

const ACCEPTED_UNTIL = '2026-01-15T10:00:00.123456Z';

describe('a completion', () => {
  const before = transferIn('accepted');
  const system = (kind: string, sha256: string) => {
    const by = { addedBy: SUPER_ADMIN, addedAt: LAST };
    return { source: 'SYSTEM', kind, sha256, mediaType: null, storageRef: null, ...by };
  };

  test('T-TR-19 allow: is two facts of one decision: the transfer is completed, and the register says so', () => {
    const entry = entryWith({ setBy: 'import', setById: 'file-1' });
    const evidence = [
      ...before.evidence,
      system('CREDENTIAL_CHECK', SHA.credential),
      system('SESSION', SHA.session),
    ] as Transfer['evidence'];
    expect(complete(before, COMPLETING, { ...COMPLETION_FACTS, entry })).toEqual([
      {
        kind: 'event',
        name: 'transfer_completed',
        aggregate: 'transfer',
        after: {
          ...before,
          state: 'completed',
          toRegisterVersion: 5,
          endedBy: SUPER_ADMIN,
          endedAt: LAST,
          waivedBy: null,
          evidence,
        },
        data: { priorHolderIdentityId: HOLDER, evidenceSha256: evidence.map(({ sha256 }) => sha256) },
      },
      {
        kind: 'event',
        name: 'operator_transferred',
        aggregate: 'register_entry',
        after: {
          ...entry,
          holderIdentityId: TARGET,
          registerVersion: 5,
          setBy: 'transfer',
          setById: TRANSFER_ID,
          since: LAST,
        },
        data: { transferId: TRANSFER_ID, fromIdentityId: HOLDER, reasonType: 'sale' },
      },
    ]);
  });

  test('T-TR-19 deny: where it is refused, neither of them is there', () => {
    expect(complete(before, COMPLETING, { ...COMPLETION_FACTS, target: undefined })).toEqual(
      refuse('IDENTITY_UNKNOWN', { identityId: TARGET }),
    );
  });

  test('T-TR-35 allow: the class has its own word for it', () => {
    const [, moved] = factsOf(complete(before, COMPLETING, { ...COMPLETION_FACTS, classEvent: 'asset_transferred' }));
    expect(moved?.name).toBe('asset_transferred');
  });

  test('T-TR-09 allow: a waiver is recorded with who waived', () => {
    const [completed] = factsOf(complete(before, COMPLETING, { ...COMPLETION_FACTS, waived: true }));
    expect(completed?.after).toMatchObject({ waivedBy: SUPER_ADMIN });
  });
});

/** One thing that stands in the way: terms, time and facts, and what comes just short of it. */
interface Obstacle {
  readonly title: string;
  readonly state?: 'proposed';
  readonly policy?: Partial<Settled>;
  readonly now?: string;
  readonly facts?: Partial<CompletionFacts>;
  readonly refusal: ReturnType<typeof refuse>;
  readonly beside: {
    readonly policy?: Partial<Settled>;
    readonly now?: string;
    readonly facts?: Partial<CompletionFacts>;
  };
}

const target = (kind: string, state: string) => ({ target: { kind, state } });
const cooling = { coolOffS: 864_000 };
/** An hour after the acceptance, and ten days. */
const COMPLETABLE = '2026-01-15T11:00:00.123456Z';
const endless = { acceptedExpiresS: null };

/** In the order in which they are told where several hold. */
const OBSTACLES: readonly Obstacle[] = [
  {
    title: 'another state',
    state: 'proposed',
    refusal: refuse('WRONG_STATE'),
    beside: {},
  },
  {
    title: 'a deadline that has passed',
    now: ACCEPTED_UNTIL,
    refusal: refuse('DEADLINE_PASSED'),
    beside: { now: microsAfter(ACCEPTED_UNTIL, -1) },
  },
  {
    title: 'a cool-off that lasts',
    policy: cooling,
    refusal: refuse('COOLING_OFF', { completableFrom: COMPLETABLE }),
    beside: { policy: { ...cooling, ...endless }, now: COMPLETABLE },
  },
  {
    title: 'a review that is missing',
    policy: { reviewRequired: true },
    facts: { reviewed: false },
    refusal: refuse('REVIEW_MISSING'),
    beside: { policy: { reviewRequired: true }, facts: { reviewed: true } },
  },
  {
    title: 'a target nobody knows any more',
    facts: { target: undefined },
    refusal: refuse('IDENTITY_UNKNOWN', { identityId: TARGET }),
    beside: { facts: target('HUMAN', 'ACTIVE') },
  },
  {
    title: 'a target that is no human',
    facts: target('SERVICE', 'ACTIVE'),
    refusal: refuse('IDENTITY_NOT_HUMAN', { identityId: TARGET }),
    beside: { facts: target('HUMAN', 'ACTIVE') },
  },
  {
    title: 'a target that was suspended',
    facts: target('HUMAN', 'SUSPENDED'),
    refusal: refuse('IDENTITY_NOT_ACTIVE', { identityId: TARGET, state: 'SUSPENDED' }),
    beside: { facts: target('HUMAN', 'ACTIVE') },
  },
  {
    title: 'an object its owner does not know',
    facts: { object: undefined },
    refusal: refuse('OBJECT_UNKNOWN'),
    beside: { facts: { object: { state: 'SUSPENDED' } } },
  },
  {
    title: 'an object that was retired',
    facts: { object: { state: 'RETIRED' } },
    refusal: refuse('OBJECT_NOT_TRANSFERABLE', { state: 'RETIRED' }),
    beside: { facts: { object: { state: 'RETIRED' }, endedStates: [] } },
  },
];

type Attempt = Pick<Obstacle, 'state' | 'policy' | 'now' | 'facts'>;
const completing = ({ state, policy = {}, now = LAST, facts = {} }: Attempt) =>
  complete(transferIn(state ?? 'accepted', policy), { ...COMPLETING, now }, { ...COMPLETION_FACTS, ...facts });

describe('what stands in the way of a completion', () => {
  test.each(OBSTACLES)('$title', (obstacle) => {
    expect(completing(obstacle)).toEqual(obstacle.refusal);
  });

  test.each(OBSTACLES)('what comes just short of $title does not', ({ beside }) => {
    expect(codeOf(completing(beside))).toBeUndefined();
  });

  const pairs = OBSTACLES.flatMap((first, index) => OBSTACLES.slice(index + 1).map((second) => ({ first, second })));
  const both = pairs.filter(({ first, second }) => {
    const changed = Object.keys(first.facts ?? {});
    return changed.length === 0 || !changed.some((key) => Object.keys(second.facts ?? {}).includes(key));
  });
  test.each(both)('$first.title is told before $second.title', ({ first, second }) => {
    const merged = {
      ...second,
      ...first,
      policy: { ...second.policy, ...first.policy },
      facts: { ...second.facts, ...first.facts },
    };
    expect(completing(merged)).toEqual(first.refusal);
  });

  test('a review that nobody asks for is not missed', () => {
    expect(codeOf(completing({ policy: { reviewRequired: false }, facts: { reviewed: false } }))).toBeUndefined();
  });
});

describe('cooling off', () => {
  const at = (coolOffS: number, now: string) => completing({ policy: { coolOffS, ...endless }, now });

  test('lasts from the acceptance, to the microsecond', () => {
    const until = '2026-01-05T11:01:30.123456Z';
    expect(at(90, LATER)).toEqual(refuse('COOLING_OFF', { completableFrom: until }));
    expect(at(90, microsAfter(until, -1))).toEqual(refuse('COOLING_OFF', { completableFrom: until }));
    expect(codeOf(at(90, until))).toBeUndefined();
    expect(codeOf(at(90, microsAfter(until, 1)))).toBeUndefined();
  });

  test('of no seconds is none, even by a clock that has gone back a little', () => {
    expect(codeOf(at(0, LATER))).toBeUndefined();
    expect(codeOf(at(0, microsAfter(LATER, -1)))).toBeUndefined();
    expect(codeOf(at(1, microsAfter(LATER, -1)))).toBe('COOLING_OFF');
  });

  test('has nothing to be measured from where nobody knows when it was accepted', () => {
    const imported = frozen({ ...transferIn('accepted', cooling), acceptedAt: null });
    expect(codeOf(complete(imported, COMPLETING, COMPLETION_FACTS))).toBeUndefined();
  });
});

test('the fact of a completion names who held the object as the register has it', () => {
  const entry = entryWith({ holderIdentityId: OTHER });
  const [completed] = factsOf(complete(transferIn('accepted'), COMPLETING, { ...COMPLETION_FACTS, entry }));
  expect(completed?.data).toMatchObject({ priorHolderIdentityId: OTHER });
});
