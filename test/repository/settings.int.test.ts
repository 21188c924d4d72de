import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { freePorts, NODE, ROOT, servicesHere } from '@qtm/local';
import type { SettingsSpec } from '@qtm/service-kit/door';
import { migrate } from '@qtm/service-kit/migrate';
import { epochSettings, migrationSettings, PARKING_SETTINGS, SERVICE_SETTINGS } from '@qtm/service-kit/settings';
import { expect, test } from 'vitest';
import { gatewaySettings, stepSettings } from '../../infra/scripts/settings/processes.ts';
import { uniqueName } from '../harness/names.ts';
import { sharedStack } from '../harness/stack.ts';

const [service = ''] = servicesHere();
const subgraphs = await gatewaySettings(ROOT, servicesHere());
const { QTM_SUPERGRAPH_FILE, ...gateway } = subgraphs;
const steps = Object.entries(await stepSettings(ROOT));

function run(main: string, env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const ended = spawnSync(NODE, [main, ...args], { cwd: ROOT, env, encoding: 'utf8', timeout: 60_000 });
  return { code: ended.status, lines: `${ended.stdout}${ended.stderr}`.trimEnd().split('\n') };
}

test.each<[string, string, SettingsSpec, readonly string[]]>([
  ['a service', `services/${service}/src/main.ts`, SERVICE_SETTINGS, []],
  ['the gateway', 'gateway/src/main.ts', gateway, []],
  [
    'the gateway without a supergraph',
    'gateway/src/main.ts',
    { QTM_SUPERGRAPH_FILE: subgraphs.QTM_SUPERGRAPH_FILE } as SettingsSpec,
    [],
  ],
  ['migrate', 'infra/scripts/migrate.ts', migrationSettings(service), [service]],
  ['epoch', 'infra/scripts/epoch.ts', epochSettings(service), [service]],
  ['parked', 'infra/scripts/parked.ts', PARKING_SETTINGS, [service]],
  ...steps.map(([name, settings]): [string, string, SettingsSpec, readonly string[]] => [
    `container ${name}`,
    `infra/docker/${name}.ts`,
    settings,
    [service],
  ]),
])('%s ends at its start with one line that names every wrong setting', (_, main, settings, args) => {
  const env = Object.fromEntries(Object.keys(settings).map((name) => [name, 'no value !']));
  const { code, lines } = run(main, env, args);
  expect(code).toBeGreaterThan(0);
  expect(lines).toHaveLength(1);
  for (const name of Object.keys(settings)) expect(lines[0]).toContain(`${name}: `);
  expect(lines[0]).not.toContain(join(ROOT, 'infra/service-kit'));
});

/** Right settings of a service on a database of its own. */
async function rightSettings(): Promise<Record<string, string>> {
  const { provision, kafka, issuer } = sharedStack();
  const { ownerUrl, appUrl, relayUrl } = await provision(service, { database: uniqueName(`${service}_`) });
  await migrate({ service, ownerUrl, appRole: `${service}_app`, relayRole: `${service}_relay` });
  return {
    QTM_ISSUER: issuer.issuer,
    QTM_AUDIENCE: issuer.audience,
    QTM_JWKS_URL: issuer.jwksUrl,
    QTM_DATABASE_URL: appUrl,
    QTM_RELAY_DATABASE_URL: relayUrl,
    QTM_KAFKA_BROKERS: kafka.brokers,
    QTM_TOPIC_PREFIX: `${uniqueName('s')}.`,
    QTM_CONSISTENCY_SECRET: 'x'.repeat(32),
    QTM_LOG_LEVEL: 'fatal',
  };
}

test('a service that cannot use what a setting names ends at its start with one line that names the setting', async () => {
  const right = await rightSettings();
  const { nobody } = await freePorts('nobody');
  const closed = new URL(right.QTM_DATABASE_URL ?? '');
  closed.port = String(nobody);
  const mistyped = new URL(right.QTM_RELAY_DATABASE_URL ?? '');
  mistyped.password = 'mistyped';
  const taken = new URL(right.QTM_JWKS_URL ?? '').port;
  for (const [names, wrong] of [
    ['QTM_DATABASE_URL', { QTM_DATABASE_URL: closed.href }],
    ['QTM_RELAY_DATABASE_URL', { QTM_RELAY_DATABASE_URL: mistyped.href }],
    ['QTM_HOST, QTM_PORT', { QTM_PORT: taken }],
    ['QTM_HOST, QTM_PORT', { QTM_HOST: '203.0.113.1' }],
  ] as const) {
    const { code, lines } = run(`services/${service}/src/main.ts`, { ...right, ...wrong });
    expect(code, names).toBe(1);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '').msg).toMatch(new RegExp(`^did not start: ${names}: `));
    expect(lines[0]).not.toContain('mistyped');
  }
});
