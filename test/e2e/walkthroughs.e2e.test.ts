import { DEVELOPMENT_PRINCIPALS, registerPrincipals } from '@qtm/local';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestSystem, type TestSystem } from '../harness/system.ts';
import type { Visitor } from '../harness/visitor.ts';
import { stepsOf, Values } from '../harness/walkthrough.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await startTestSystem();
  await registerPrincipals(system.endpoint, system.stack.issuer.sign);
});
afterAll(() => system?.stop());

const AN_HOUR_AGO = 'proved an hour ago';

/** A development principal; each tells the next what was seen, as people who do this together would. */
function visitorAs(as: string): Visitor {
  const [name, session] = as.split(', ');
  const principal = DEVELOPMENT_PRINCIPALS.find((one) => one.name === name);
  if (principal === undefined) throw new Error(`there is no development principal ${name}`);
  const { subject, kind, roles } = principal;
  const authTime = Math.floor(Date.now() / 1_000) - 3_600;
  return system.visitor({
    subject,
    kind,
    roles,
    ...(session === AN_HOUR_AGO ? { extra: { auth_time: authTime } } : {}),
  });
}

test('an operator changes hands as docs/walkthroughs/transfer.md tells it', async () => {
  const steps = stepsOf('transfer');
  expect(steps.length).toBeGreaterThan(15);
  const values = new Values();
  let before: Visitor | undefined;
  for (const { as, operation, answer } of steps) {
    const visitor = visitorAs(as);
    if (before !== undefined) visitor.learn(before);
    const { data, errors } = await visitor.send(values.in(operation));
    const actual =
      errors.length === 0 ? data : { ...(data as object), errors: errors.map((one) => one.extensions.code) };
    const expected = JSON.parse(values.in(answer));
    values.learn(expected, actual);
    expect(actual, `${as}: ${operation}`).toEqual(JSON.parse(values.in(answer)));
    before = visitor;
  }
});
