import { isRefusal } from '@qtm/service-kit/domain';
import { expect, test } from 'vitest';
import { register, reinstate, suspend } from './identity.ts';
import { identityIn, NOW, OTHER, personal } from './test/samples.ts';

const REGISTRATION = { id: OTHER, kind: 'HUMAN', subject: personal('subject'), displayName: null, now: NOW } as const;

test('a principal makes itself known', () => {
  const decision = register(undefined, REGISTRATION);
  if (isRefusal(decision)) throw new Error(decision.code);
  expect(decision.map(({ name, after }) => [name, after])).toEqual([['identity_registered', identityIn('ACTIVE')]]);
});

test.each(['ACTIVE', 'SUSPENDED'] as const)('once: not where it is %s', (state) => {
  const decision = register(identityIn(state), REGISTRATION);
  expect(isRefusal(decision) && decision.code).toBe('ALREADY_REGISTERED');
});

test.each([
  ['ACTIVE', suspend, 'SUSPENDED'],
  ['SUSPENDED', suspend, undefined],
  ['SUSPENDED', reinstate, 'ACTIVE'],
  ['ACTIVE', reinstate, undefined],
] as const)('%s, %o → %s', (state, command, to) => {
  const decision = command(identityIn(state));
  if (isRefusal(decision)) expect([decision.code, to]).toEqual(['WRONG_STATE', undefined]);
  else expect(decision[0]?.after).toEqual(identityIn(to as 'ACTIVE'));
});
