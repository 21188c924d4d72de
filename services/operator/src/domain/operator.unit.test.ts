import { isRefusal, refuse } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import type { Operator, OperatorCommand, OperatorState } from './operator.ts';
import * as rules from './operator.ts';
import { GOVERNOR, HOLDER, NOW, OTHER, operatorIn, personal } from './test/samples.ts';

const LATER = '2026-01-06T10:00:00.000000Z';
const STATES: readonly OperatorState[] = ['ONBOARDING', 'ACTIVE', 'SUSPENDED', 'RETIRED'];

/** The life of an operator, typed and not read from the table: what each command leads to, from where, and what it changes beside. */
const LIFE: Readonly<
  Record<
    Exclude<OperatorCommand, 'onboard'>,
    {
      readonly run: (operator: Operator) => ReturnType<typeof rules.retire>;
      readonly event: string;
      readonly cells: Partial<Record<OperatorState, OperatorState>>;
      readonly change?: Partial<Operator>;
    }
  >
> = {
  activate: {
    run: (operator) => rules.activate(operator, { by: GOVERNOR, now: LATER }),
    event: 'operator_activated',
    cells: { ONBOARDING: 'ACTIVE' },
    change: { activatedBy: GOVERNOR, activatedAt: LATER },
  },
  suspend: { run: rules.suspend, event: 'operator_suspended', cells: { ACTIVE: 'SUSPENDED' } },
  reinstate: { run: rules.reinstate, event: 'operator_reinstated', cells: { SUSPENDED: 'ACTIVE' } },
  retire: {
    run: rules.retire,
    event: 'operator_retired',
    cells: { ONBOARDING: 'RETIRED', ACTIVE: 'RETIRED', SUSPENDED: 'RETIRED' },
  },
  set_readiness: {
    run: (operator) => rules.setReadiness(operator, 'READY'),
    event: 'operator_readiness_set',
    cells: { ONBOARDING: 'ONBOARDING', ACTIVE: 'ACTIVE', SUSPENDED: 'SUSPENDED' },
    change: { readiness: 'READY' },
  },
};

describe.each(STATES)('an operator that is %s', (state) => {
  // Who it is, who holds it and how it came in stay the same through everything (T-WF-05).
  test.each(Object.keys(LIFE) as (keyof typeof LIFE)[])('%s', (command) => {
    const { run, event, cells, change } = LIFE[command];
    const before = operatorIn(state);
    const to = cells[state];
    expect(run(before)).toEqual(
      to === undefined
        ? { kind: 'refusal', code: 'WRONG_STATE', details: [] }
        : [{ kind: 'event', name: event, aggregate: 'operator', after: { ...before, ...change, state: to }, data: {} }],
    );
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
const FACTS: rules.OnboardingFacts = { existing: undefined, holderKind: 'HUMAN', register: undefined };

const named = (value: string) => ({ value, personal: personal(value) });
const surfaces = (count: number) => Array.from({ length: count }, (_, index) => `surface-${index}`);
const NAME_LIMIT = { field: 'name', limit: '1 to 200 characters' };
const SURFACES_LIMIT = { field: 'surfaces', limit: '1 to 20' };

describe('onboarding', () => {
  test('takes in an operator that cannot act yet, with its holder', () => {
    const decision = rules.onboard(ONBOARDING, FACTS);
    if (isRefusal(decision)) throw new Error(decision.code);
    expect(decision.map(({ name, aggregate }) => [name, aggregate])).toEqual([['operator_onboarded', 'operator']]);
    expect(decision[0]?.after).toEqual({
      ...operatorIn('ONBOARDING'),
      name: personal('Police'),
      surfaces: ['freight', 'municipal'],
    });
  });

  test.each<[string, Partial<rules.Onboarding>, Partial<rules.OnboardingFacts>, string, object]>([
    ...STATES.map((existing): [string, object, Partial<rules.OnboardingFacts>, string, object] => {
      return [`a slug of one that is ${existing}`, {}, { existing }, 'SLUG_TAKEN', { slug: 'nypd' }];
    }),
    ['a holder nobody knows', {}, { holderKind: undefined }, 'IDENTITY_UNKNOWN', { holderIdentityId: HOLDER }],
    ['a machine as holder', {}, { holderKind: 'SERVICE' }, 'HOLDER_NOT_HUMAN', { holderIdentityId: HOLDER }],
    ['a name of white space', { name: named(' ') }, {}, 'LIMIT_EXCEEDED', NAME_LIMIT],
    ['a name too long', { name: named('x'.repeat(201)) }, {}, 'LIMIT_EXCEEDED', NAME_LIMIT],
    ['no surface', { surfaces: [] }, {}, 'LIMIT_EXCEEDED', SURFACES_LIMIT],
    ['too many surfaces', { surfaces: surfaces(21) }, {}, 'LIMIT_EXCEEDED', SURFACES_LIMIT],
    ['a surface that is no word', { surfaces: ['The Moon'] }, {}, 'SURFACE_NOT_ALLOWED', { surface: 'The Moon' }],
    ['a surface of two words', { surfaces: ['the moon'] }, {}, 'SURFACE_NOT_ALLOWED', { surface: 'the moon' }],
    [
      'another holder than an imported register names',
      {},
      { register: { holderIdentityId: OTHER, registerVersion: 3 } },
      'HOLDER_DIFFERS',
      { slug: 'nypd', holder: OTHER },
    ],
    ['a slug that is no slug', { slug: 'Nypd' }, {}, 'SLUG_NOT_ALLOWED', { slug: 'Nypd', fault: 'FORM' }],
  ])('refuses %s, and says what is wrong', (_, command, facts, code, details) => {
    expect(rules.onboard({ ...ONBOARDING, ...command }, { ...FACTS, ...facts })).toEqual(
      refuse(code, details as never),
    );
  });

  test('takes the version of an imported register where that names the same holder', () => {
    const decision = rules.onboard(ONBOARDING, {
      ...FACTS,
      register: { holderIdentityId: HOLDER, registerVersion: 3 },
    });
    if (isRefusal(decision)) throw new Error(decision.code);
    expect(decision[0]?.after).toMatchObject({ holderIdentityId: HOLDER, registerVersion: 3 });
  });

  test('takes what is just within its limits', () => {
    for (const change of [
      { name: named('x'.repeat(200)) },
      { surfaces: surfaces(20) },
      { surfaces: ['x'.repeat(63)] },
    ]) {
      expect(isRefusal(rules.onboard({ ...ONBOARDING, ...change }, FACTS))).toBe(false);
    }
  });
});

describe('what the register says', () => {
  const moved = { holderIdentityId: OTHER, registerVersion: 3 };

  test.each(STATES)('names another holder where the operator is %s, and changes nothing else', (state) => {
    expect(rules.changeHolder(operatorIn(state), moved)).toEqual([
      {
        kind: 'event',
        name: 'operator_holder_changed',
        aggregate: 'operator',
        after: { ...operatorIn(state), ...moved },
        data: {},
      },
    ]);
  });

  test('told again changes nothing', () => {
    expect(rules.changeHolder({ ...operatorIn('ACTIVE'), ...moved }, moved)).toEqual([]);
  });

  test('is taken where either differs: an import brings another version, a restored register may bring either back', () => {
    const before = { ...operatorIn('ACTIVE'), ...moved };
    for (const held of [
      { holderIdentityId: OTHER, registerVersion: 7 },
      { holderIdentityId: OTHER, registerVersion: 1 },
      { holderIdentityId: HOLDER, registerVersion: 3 },
    ]) {
      const [changed] = rules.changeHolder(before, held);
      expect(changed?.after).toEqual({ ...before, ...held });
    }
  });
});
