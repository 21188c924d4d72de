import { expect, test } from 'vitest';
import { DEVELOPMENT_PRINCIPALS } from './principals.ts';

test('each is somebody else', () => {
  const names = DEVELOPMENT_PRINCIPALS.map(({ name }) => name);
  const subjects = DEVELOPMENT_PRINCIPALS.map(({ subject }) => subject);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(subjects).size).toBe(subjects.length);
});

test('there are two governors, since nobody activates the operator they onboarded', () => {
  expect(DEVELOPMENT_PRINCIPALS.filter(({ roles }) => roles.includes('admin_governor'))).toHaveLength(2);
});

test('whoever executes has no role: relations alone let them', () => {
  for (const name of ['holder', 'executor']) {
    expect(DEVELOPMENT_PRINCIPALS.find((principal) => principal.name === name)).toMatchObject({
      kind: 'HUMAN',
      roles: [],
    });
  }
});
