import { type Decision, type DomainEvent, isRefusal, type Refusal, refuse } from '@qtm/service-kit/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { propose } from './propose.ts';
import { afterOf, PROPOSAL, PROPOSE_FACTS, policyWith } from './test/samples.ts';
import { run, STEPS, type Step } from './test/steps.ts';
import { REASON_TYPES, type ReasonType } from './transfer.ts';

/** S2:57-62, typed from it. */
const SEED = ['sale', 'delegation', 'internal_reassignment', 'succession', 'recovery', 'dispute_resolution'];
const ALL: readonly (ReasonType | null)[] = [...REASON_TYPES, null];

test('T-TR-16 allow: there are exactly the six of the doctrine', () => {
  expect(REASON_TYPES).toEqual(SEED);
});

test.each(ALL)('T-TR-14 allow: %s is kept as it was given, absent as null', (reasonType) => {
  const transfer = afterOf(propose({ ...PROPOSAL, reasonType, reason: null }, PROPOSE_FACTS));
  expect(transfer).toMatchObject({ state: 'proposed', reasonType, reason: null });
});

/** The same decision with every mention of the reason type taken out. */
function withoutReason(decision: Decision<DomainEvent, Refusal>): unknown {
  if (isRefusal<DomainEvent, Refusal>(decision)) return decision;
  return decision.map(({ after, data, ...rest }) => ({
    ...rest,
    after: { ...after, reasonType: 'any' },
    data: 'reasonType' in data ? { ...data, reasonType: 'any' } : data,
  }));
}

type Setting = { readonly recoveryBySuperAdmin: boolean; readonly bySuperAdmin: boolean };

/** Everything that is decided of one transfer, step by step, whatever its reason type is called. */
function decided(reasonType: ReasonType | null, steps: readonly Step[], setting: Setting) {
  const { recoveryBySuperAdmin, bySuperAdmin } = setting;
  return run(steps, { reasonType }, { policy: policyWith({ recoveryBySuperAdmin }), bySuperAdmin }).decisions.map(
    withoutReason,
  );
}

describe('whatever is done to a transfer', () => {
  const steps = fc.array(fc.constantFrom(...STEPS), { maxLength: 8 });
  const forEveryRun = (check: (steps: readonly Step[]) => void) => fc.assert(fc.property(steps, check));

  test.each([
    { recoveryBySuperAdmin: false, bySuperAdmin: false },
    { recoveryBySuperAdmin: false, bySuperAdmin: true },
    { recoveryBySuperAdmin: true, bySuperAdmin: true },
  ])('T-TR-17 allow: the six types and none give equal decisions (%j)', (setting) => {
    forEveryRun((path) => {
      const unclassified = decided(null, path, setting);
      for (const reasonType of REASON_TYPES) expect(decided(reasonType, path, setting)).toEqual(unclassified);
    });
  });

  test('T-TR-17 deny: where recovery is left to super_admins, a holder is refused that one, and only that', () => {
    const setting = { recoveryBySuperAdmin: true, bySuperAdmin: false };
    forEveryRun((path) => {
      const unclassified = decided(null, path, setting);
      for (const reasonType of REASON_TYPES) {
        const expected = reasonType === 'recovery' ? [refuse('RECOVERY_BY_SUPER_ADMIN_ONLY')] : unclassified;
        expect(decided(reasonType, path, setting)).toEqual(expected);
      }
    });
  });

  test('T-TR-17 allow: the runs come to every end', () => {
    const ends = new Set<string | undefined>();
    const check = fc.property(steps, (path) => void ends.add(run(path).transfer?.state));
    fc.assert(check, { numRuns: 500, seed: 1 });
    expect([...ends].sort()).toEqual(
      ['accepted', 'canceled', 'completed', 'expired', 'proposed', 'rejected', 'voided'].sort(),
    );
  });
});
