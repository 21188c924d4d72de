import { expect, test } from 'vitest';
import { keyOf } from '../command/idempotency.ts';
import type { Session } from '../process/session.ts';
import { ownSession } from '../service/own-acts.ts';
import { isOwnClock } from './own-clock.ts';

const OWN = ownSession('things');
const { own: _, ...ASSERTED } = OWN;

test('own_clock holds of the session that a service makes of itself, which names the service and no identity', () => {
  expect(isOwnClock(OWN)).toBe(true);
  expect(OWN).toMatchObject({ kind: 'SERVICE', identityId: 'things', roles: [], sessionHash: '' });
});

test.each<[string, Session]>([
  ['says the same and was verified', ASSERTED],
  ['is of a service with every role', { ...ASSERTED, roles: ['super_admin', 'admin_governor'] }],
  ['is of a human', { ...ASSERTED, kind: 'HUMAN' }],
  ['says so in another way', { ...ASSERTED, own: 'true' } as never],
])('own_clock does not hold of a session that %s', (_, session) => {
  expect(isOwnClock(session)).toBe(false);
});

test('the keys of a service stand under an id of its name, those of an identity under its own', () => {
  const key = keyOf(OWN, 'thing.end', 'key');
  expect(key).toMatchObject({ transition: 'thing.end', key: 'key' });
  expect(key.identityId).toMatch(/^[0-9a-f-]{36}$/);
  expect(keyOf(ownSession('others'), 'thing.end', 'key').identityId).not.toBe(key.identityId);
  const identityId = '019b8d2e-7a00-7000-8000-000000000001';
  expect(keyOf({ ...ASSERTED, identityId }, 'thing.end', 'key').identityId).toBe(identityId);
});
