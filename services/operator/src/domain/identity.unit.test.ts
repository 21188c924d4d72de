import { refuse } from '@qtm/service-kit/domain';
import { expect, test } from 'vitest';
import { register, reinstate, suspend } from './identity.ts';
import { identityIn, NOW, OTHER, personal } from './test/samples.ts';

const REGISTRATION = { id: OTHER, kind: 'HUMAN', subject: personal('subject'), displayName: null, now: NOW } as const;

const fact = (name: string, after: object) => [{ kind: 'event', name, aggregate: 'identity', after, data: {} }];

test('a principal makes itself known', () => {
  expect(register(undefined, REGISTRATION)).toEqual(fact('identity_registered', identityIn('ACTIVE')));
});

test.each(['ACTIVE', 'SUSPENDED'] as const)('once: not where it is %s', (state) => {
  expect(register(identityIn(state), REGISTRATION)).toEqual(refuse('ALREADY_REGISTERED', { id: OTHER, state }));
});

test.each([
  ['ACTIVE', suspend, 'SUSPENDED', 'identity_suspended'],
  ['SUSPENDED', suspend, undefined, ''],
  ['SUSPENDED', reinstate, 'ACTIVE', 'identity_reinstated'],
  ['ACTIVE', reinstate, undefined, ''],
] as const)('%s, %o → %s', (state, command, to, name) => {
  const expected = to === undefined ? refuse('WRONG_STATE') : fact(name, identityIn(to));
  expect(command(identityIn(state))).toEqual(expected);
});
