import { isRefusal, next } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import * as rules from './operator.ts';
import { type Operator, type OperatorCommand, type OperatorState, TRANSITIONS } from './operator.ts';
import { GOVERNOR, HOLDER, NOW, OTHER, operatorIn, personal } from './test/samples.ts';

const STATES: readonly OperatorState[] = ['ONBOARDING', 'ACTIVE', 'SUSPENDED', 'RETIRED'];
const COMMANDS: Record<Exclude<OperatorCommand, 'onboard'>, (operator: Operator) => ReturnType<typeof rules.retire>> = {
  activate: (operator) => rules.activate(operator, { by: OTHER, now: NOW }),
  suspend: rules.suspend,
  reinstate: rules.reinstate,
  retire: rules.retire,
  set_readiness: (operator) => rules.setReadiness(operator, 'READY'),
};

describe.each(STATES)('an operator that is %s', (state) => {
  test.each(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[])('%s', (command) => {
    const before = operatorIn(state);
    const decision = COMMANDS[command](before);
    const to = next<OperatorState | 'NONE', OperatorCommand>(TRANSITIONS, state, command);
    if (to === undefined) {
      expect(decision).toEqual({ kind: 'refusal', code: 'WRONG_STATE', details: [] });
      return;
    }
    if (isRefusal(decision)) throw new Error(decision.code);
    expect(decision).toHaveLength(1);
    const after = decision[0]?.after as Operator;
    expect(after.state).toBe(to);
    // Who it is, who holds it and how it came in stay the same through everything (T-WF-05).
    for (const field of [
      'id',
      'name',
      'type',
      'surfaces',
      'holderIdentityId',
      'registerVersion',
      'onboardedBy',
      'onboardedAt',
    ] as const) {
      expect(after[field]).toEqual(before[field]);
    }
  });
});

const ONBOARDING: rules.Onboarding = {
  slug: 'nypd',
  name: { value: 'Police', personal: personal('Police') },
  type: 'AGENCY',
  surfaces: ['municipal', 'freight', 'municipal'],
  holderIdentityId: HOLDER,
  by: GOVERNOR,
  now: NOW,
};
const FACTS: rules.OnboardingFacts = { existing: false, holderKind: 'HUMAN' };

describe('onboarding', () => {
  test('takes in an operator that cannot act yet, with its holder', () => {
    const decision = rules.onboard(ONBOARDING, FACTS);
    if (isRefusal(decision)) throw new Error(decision.code);
    expect(decision.map(({ name }) => name)).toEqual(['operator_onboarded']);
    expect(decision[0]?.after).toEqual({
      ...operatorIn('ONBOARDING'),
      name: personal('Police'),
      surfaces: ['freight', 'municipal'],
    });
  });

  test.each<[string, Partial<rules.Onboarding>, Partial<rules.OnboardingFacts>, string]>([
    ['a slug that is taken', {}, { existing: true }, 'SLUG_TAKEN'],
    ['a holder nobody knows', {}, { holderKind: undefined }, 'IDENTITY_UNKNOWN'],
    ['a machine as holder', {}, { holderKind: 'SERVICE' }, 'HOLDER_NOT_HUMAN'],
    ['a name of white space', { name: { value: ' ', personal: personal('') } }, {}, 'LIMIT_EXCEEDED'],
    ['a name too long', { name: { value: 'x'.repeat(201), personal: personal('x') } }, {}, 'LIMIT_EXCEEDED'],
    ['no surface', { surfaces: [] }, {}, 'LIMIT_EXCEEDED'],
    ['a surface that is no word', { surfaces: ['The Moon'] }, {}, 'SURFACE_NOT_ALLOWED'],
    ['a slug that is no slug', { slug: 'Nypd' }, {}, 'SLUG_NOT_ALLOWED'],
  ])('refuses %s', (_, command, facts, code) => {
    const decision = rules.onboard({ ...ONBOARDING, ...command }, { ...FACTS, ...facts });
    expect(isRefusal(decision) && decision.code).toBe(code);
  });
});
