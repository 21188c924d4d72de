import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { NODE, ROOT, servicesHere } from '@qtm/local';
import type { SettingsSpec } from '@qtm/service-kit/door';
import { epochSettings, migrationSettings, PARKING_SETTINGS, SERVICE_SETTINGS } from '@qtm/service-kit/settings';
import { expect, test } from 'vitest';
import { gatewaySettings, stepSettings } from '../../infra/scripts/settings/processes.ts';

const [service = ''] = servicesHere();
const subgraphs = await gatewaySettings(ROOT, servicesHere());
const { QTM_SUPERGRAPH_FILE, ...gateway } = subgraphs;
const steps = Object.entries(await stepSettings(ROOT));

function run(main: string, settings: SettingsSpec, args: readonly string[] = []) {
  const env = Object.fromEntries(Object.keys(settings).map((name) => [name, 'no value !']));
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
  const { code, lines } = run(main, settings, args);
  expect(code).toBeGreaterThan(0);
  expect(lines).toHaveLength(1);
  for (const name of Object.keys(settings)) expect(lines[0]).toContain(`${name}: `);
  expect(lines[0]).not.toContain(join(ROOT, 'infra/service-kit'));
});
