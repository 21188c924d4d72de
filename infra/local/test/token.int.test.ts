import { join } from 'node:path';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { signingKey } from '../src/issuer/key.ts';
import { DEVELOPMENT_AUDIENCE, DEVELOPMENT_ISSUER } from '../src/issuer/token.ts';
import { NODE, ROOT } from '../src/layout.ts';
import { run } from '../src/process/run.ts';
import { dataFolder } from './data-folder.ts';

const token = (...args: string[]) =>
  run({ command: NODE, args: [join(ROOT, 'infra', 'scripts', 'token.ts'), ...args] }, { timeoutMs: 30_000 });

test('npm run token prints a token of the stack, which need not run', async () => {
  const data = dataFolder();
  const { publicJwk } = await signingKey(data);
  const { ok, output } = await token('--as', 'auditor', '--data', data);
  expect(ok).toBe(true);
  const options = { issuer: DEVELOPMENT_ISSUER, audience: DEVELOPMENT_AUDIENCE };
  const { payload } = await jwtVerify(output, createLocalJWKSet({ keys: [publicJwk] }), options);
  expect(payload).toMatchObject({ sub: 'dev-auditor', qtm_kind: 'HUMAN', roles: ['auditor'] });
});

test('subject, kind and lifetime can be others', async () => {
  const data = dataFolder();
  await signingKey(data);
  const args = ['--as', 'requester', '--subject', 'ann', '--kind', 'AGENT', '--ttl', '60', '--data', data];
  const { sub, qtm_kind: kind, roles, exp = 0, iat = 0 } = decodeJwt((await token(...args)).output);
  expect({ sub, kind, roles, lifetime: exp - iat }).toEqual({
    sub: 'ann',
    kind: 'AGENT',
    roles: ['requester'],
    lifetime: 60,
  });
});

test.each([
  [['--as', 'nobody'], '--as nobody: none of super_admin, '],
  [[], '--as is missing'],
  [['--as', 'auditor', '--kind', 'ROBOT'], '--kind ROBOT: none of HUMAN, SERVICE, AGENT'],
  [['--as', 'auditor', '--ttl', '901'], '--ttl 901: not a whole number of seconds from 1 to 900'],
  [['--az', 'auditor'], "Unknown option '--az'"],
])('%j is answered with what is wrong and how it is used', async (args, problem) => {
  const { ok, output } = await token(...args, '--data', dataFolder());
  expect(ok).toBe(false);
  expect(output).toContain(`token: ${problem}`);
  expect(output).toContain('usage: npm run token');
});

test('no stack has been started yet: one line says so, and no key is made', async () => {
  const data = dataFolder();
  const { ok, output } = await token('--as', 'auditor', '--data', data);
  expect({ ok, output }).toEqual({ ok: false, output: `token: no issuer's key in ${data} yet: npm start makes it` });
  expect((await token('--as', 'auditor', '--data', data)).output).toBe(output);
});
