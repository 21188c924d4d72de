import { join } from 'node:path';
import { LOCAL_SETTINGS } from '@qtm/local';
import type { SettingsSpec } from '@qtm/service-kit/door';
import { epochSettings, migrationSettings, PARKING_SETTINGS, SERVICE_SETTINGS } from '@qtm/service-kit/settings';

/** One kind of process, and everything that the environment can tell it. */
export interface DeclaredProcess {
  readonly name: string;
  readonly settings: SettingsSpec;
}

/** Settings of a gateway over these subgraphs, as it declares them itself. */
export async function gatewaySettings(root: string, subgraphs: readonly string[]): Promise<SettingsSpec> {
  return (await import(join(root, 'gateway/src/settings.ts'))).gatewaySettings(subgraphs);
}

/** Settings of what runs in containers beside services and gateway, by the name of its file in `infra/docker`. */
export async function stepSettings(root: string): Promise<Readonly<Record<string, SettingsSpec>>> {
  return (await import(join(root, 'infra/docker/settings.ts'))).STEP_SETTINGS;
}

/** Every process that reads settings, with the declarations it reads them by; `<service>` stands for the name of any service. */
export async function declaredProcesses(root: string): Promise<readonly DeclaredProcess[]> {
  const steps = Object.entries(await stepSettings(root));
  return [
    { name: 'services', settings: SERVICE_SETTINGS },
    { name: 'gateway', settings: await gatewaySettings(root, ['service']) },
    { name: '`migrate`', settings: migrationSettings('<service>') },
    { name: '`epoch`', settings: epochSettings('<service>') },
    { name: '`parked`', settings: PARKING_SETTINGS },
    { name: '`start`, tests', settings: LOCAL_SETTINGS },
    ...steps.map(([name, settings]) => ({ name: `container \`${name}\``, settings })),
  ];
}
