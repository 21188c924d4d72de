import { refuse } from '@qtm/service-kit/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frozen, LATER, microsAfter, NOW, policyWith, SUPER_ADMIN } from './test/samples.ts';
import { later, type Settled, setPolicy, TRANSITIONS, type TransferPolicy, termsOf } from './transfer-policy.ts';

const YEAR_S = 31_536_000;
const SETTLED: Settled = frozen({
  distinctActors: 'literal',
  waiverAllowed: false,
  reviewRequired: true,
  recoveryBySuperAdmin: true,
  requiredCredentials: ['bonded', 'insured.marine_2-a'],
  voidable: false,
  lockable: false,
  proposedExpiresS: 60,
  acceptedExpiresS: null,
  coolOffS: 3_600,
});
const BY = frozen({ by: SUPER_ADMIN, now: LATER });
const { version: _, ...IN_FORCE } = policyWith();

const setting = (change: Partial<Settled>) => setPolicy(IN_FORCE, { ...SETTLED, ...change }, BY);

describe('a policy that is set', () => {
  test('says what is settled and nothing of what was before, by whom and when', () => {
    const after: TransferPolicy = { id: 'operator', state: 'IN_FORCE', ...SETTLED, setBy: SUPER_ADMIN, setAt: LATER };
    expect(setting({})).toEqual([
      { kind: 'event', name: 'transfer_policy_set', aggregate: 'transfer_policy', after, data: {} },
    ]);
  });

  test('stays in force; only the release brings the first of a class', () => {
    expect(TRANSITIONS).toEqual({ NONE: {}, IN_FORCE: { set: 'IN_FORCE' } });
  });
});

describe('limits', () => {
  const seconds = (field: string, least: number) => refuse('LIMIT_EXCEEDED', { field, limit: `${least} to 31536000` });
  const names = refuse('LIMIT_EXCEEDED', { field: 'requiredCredentials', limit: '20 names of credentials' });
  const proposed = seconds('proposedExpiresSeconds', 1);
  const accepted = seconds('acceptedExpiresSeconds', 1);
  const coolOff = seconds('coolOffSeconds', 0);
  const contradiction = (s: number) => refuse('DEADLINES_CONTRADICT', { acceptedExpiresSeconds: String(s) });
  const credentials = (count: number) => Array.from({ length: count }, (_, index) => `credential-${index}`);

  test.each<[Partial<Settled>, ReturnType<typeof refuse>]>([
    [{ proposedExpiresS: 0 }, proposed],
    [{ proposedExpiresS: -1 }, proposed],
    [{ proposedExpiresS: YEAR_S + 1 }, proposed],
    [{ acceptedExpiresS: 0 }, accepted],
    [{ acceptedExpiresS: YEAR_S + 1 }, accepted],
    [{ coolOffS: -1 }, coolOff],
    [{ coolOffS: YEAR_S + 1 }, coolOff],
    [{ requiredCredentials: credentials(21) }, names],
    ...['', 'Bonded', '4you', 'two words', 'bonded!', ' bonded', 'bonded\n', 'x'.repeat(101)].map(
      (name): [Partial<Settled>, ReturnType<typeof refuse>] => [{ requiredCredentials: ['bonded', name] }, names],
    ),
    // In this order where several hold.
    [{ proposedExpiresS: 0, acceptedExpiresS: 0, coolOffS: -1, requiredCredentials: [''] }, proposed],
    [{ acceptedExpiresS: 0, coolOffS: -1, requiredCredentials: [''] }, accepted],
    [{ coolOffS: -1, requiredCredentials: [''] }, coolOff],
    [{ requiredCredentials: [''], acceptedExpiresS: 1 }, names],
    // Both deadlines count from the proposal.
    [{ proposedExpiresS: 60, acceptedExpiresS: 60, coolOffS: 0 }, contradiction(60)],
    [{ proposedExpiresS: null, acceptedExpiresS: 60, coolOffS: 60 }, contradiction(60)],
    // Cooling off begins with the acceptance, which may come at the last moment.
    [{ proposedExpiresS: 60, acceptedExpiresS: 120, coolOffS: 60 }, contradiction(120)],
  ])('refuses %j', (change, refusal) => {
    expect(setting(change)).toEqual(refusal);
  });

  test.each<Partial<Settled>>([
    { proposedExpiresS: 1 },
    { proposedExpiresS: YEAR_S },
    { proposedExpiresS: null },
    { proposedExpiresS: null, acceptedExpiresS: 1, coolOffS: 0 },
    { acceptedExpiresS: YEAR_S },
    { proposedExpiresS: 60, acceptedExpiresS: 121, coolOffS: 60 },
    { acceptedExpiresS: null },
    { coolOffS: 0 },
    { coolOffS: YEAR_S },
    { requiredCredentials: [] },
    { requiredCredentials: credentials(20) },
    { requiredCredentials: ['x'.repeat(100)] },
    { requiredCredentials: ['a0_.-'] },
  ])('takes %j', (change) => {
    expect(setting(change)).toMatchObject([{ after: change }]);
  });
});

describe('terms', () => {
  test('are what the policy says at that moment, with deadlines as instants', () => {
    const policy = { ...policyWith({ ...SETTLED, acceptedExpiresS: 86_400 }), version: 8 };
    expect(termsOf(policy, NOW)).toEqual({
      policyVersion: 8,
      distinctActors: 'literal',
      waiverAllowed: false,
      reviewRequired: true,
      requiredCredentials: ['bonded', 'insured.marine_2-a'],
      voidable: false,
      proposedUntil: '2026-01-05T10:01:00.123456Z',
      acceptedUntil: '2026-01-06T10:00:00.123456Z',
      coolOffS: 3_600,
    });
  });

  test('have no deadline where the policy has none, each by itself', () => {
    const until = (proposedExpiresS: number | null, acceptedExpiresS: number | null) =>
      termsOf(policyWith({ proposedExpiresS, acceptedExpiresS }), NOW);
    expect(until(null, 60)).toMatchObject({ proposedUntil: null, acceptedUntil: '2026-01-05T10:01:00.123456Z' });
    expect(until(60, null)).toMatchObject({ proposedUntil: '2026-01-05T10:01:00.123456Z', acceptedUntil: null });
    expect(until(null, null)).toMatchObject({ proposedUntil: null, acceptedUntil: null });
  });
});

describe('so many seconds later', () => {
  test.each([
    ['2026-01-05T10:00:00.123456Z', 0, '2026-01-05T10:00:00.123456Z'],
    ['2026-01-05T10:00:00.000000Z', 1, '2026-01-05T10:00:01.000000Z'],
    ['2026-01-05T10:00:00.999999Z', 1, '2026-01-05T10:00:01.999999Z'],
    ['2026-01-31T23:59:59.000001Z', 1, '2026-02-01T00:00:00.000001Z'],
    ['2026-02-28T12:00:00.500000Z', 86_400, '2026-03-01T12:00:00.500000Z'],
    ['2028-02-28T12:00:00.500000Z', 86_400, '2028-02-29T12:00:00.500000Z'],
    ['2028-02-29T12:00:00.654321Z', YEAR_S, '2029-02-28T12:00:00.654321Z'],
    ['2100-02-28T00:00:00.000009Z', 86_400, '2100-03-01T00:00:00.000009Z'],
    ['2026-12-31T23:59:59.999999Z', 1, '2027-01-01T00:00:00.999999Z'],
    ['2026-01-05T10:00:00.100000Z', YEAR_S, '2027-01-05T10:00:00.100000Z'],
    // Where clocks of humans change, those of the system do not.
    ['2026-03-08T06:59:59.000000Z', 3_600, '2026-03-08T07:59:59.000000Z'],
  ])('%s and %i', (instant, seconds, expected) => {
    expect(later(instant, seconds)).toBe(expected);
  });

  test('what is later is later as text, by exactly as much', () => {
    const micros = fc.integer({ min: 0, max: 4_000_000_000 * 500 });
    const seconds = fc.integer({ min: 1, max: YEAR_S });
    fc.assert(
      fc.property(micros, seconds, (offset, length) => {
        const instant = microsAfter('2026-01-01T00:00:00.000000Z', offset * 1_000);
        expect(later(instant, length)).toBe(microsAfter(instant, length * 1_000_000));
        expect(later(instant, length) > instant).toBe(true);
      }),
    );
  });
});
