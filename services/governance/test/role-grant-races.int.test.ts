import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTown, PEOPLE, type Town } from './town.ts';

const { superAdmin, member, rival } = PEOPLE;

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town?.stop());

test('a role that is granted many times at once is granted once, and the others are told so', async () => {
  for (const { identityId } of [member, rival]) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => town.attempt(superAdmin, 'grantRole', { identityId, role: 'auditor' })),
    );
    const codes = answers.map(({ data, errors }) => errors[0]?.extensions?.code ?? data.grantRole.refusal?.code);
    expect(codes.filter((code) => code === undefined)).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set([undefined, 'WRONG_STATE']));
  }
});
