import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brokerEnvironment, brokerSettings, imagesOfStack, serverSettings, servicesHere } from '@qtm/local';
import type { SettingsSpec } from '@qtm/service-kit/door';
import { SERVICE_SETTINGS } from '@qtm/service-kit/settings';
import { gatewaySettings, stepSettings } from '../settings/processes.ts';
import { environmentOf, type Instruction, ignoredBy, stagesOf } from './dockerfile.ts';

export const DOCKERFILE = 'infra/docker/service.Dockerfile';
export const STEPS = 'infra/docker';

/** What is true of the code: the deployment is held against it. */
export interface Ground {
  /** Folders of services that can be run. */
  readonly services: readonly string[];
  /** What each process reads from its environment, by the file it runs. */
  readonly settings: ReadonlyMap<string, SettingsSpec>;
  /** Stages of the one Dockerfile, the image's own last. */
  readonly stages: readonly (readonly Instruction[])[];
  readonly imageEnvironment: Readonly<Record<string, string>>;
  /** The Node of package.json. */
  readonly nodeVersion: string;
  readonly images: Readonly<Record<'postgres' | 'kafka', string>>;
  readonly postgresSettings: Readonly<Record<string, string>>;
  readonly kafkaEnvironment: Readonly<Record<string, string>>;
  /** Whether a path is there, and reaches the builder. */
  exists(path: string): boolean;
  isIgnored(path: string): boolean;
}

export async function groundOf(root: string): Promise<Ground> {
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const services = servicesHere();
  const steps = Object.entries(await stepSettings(root));
  const stages = stagesOf(read(DOCKERFILE));
  const ports = { kafka: 9_092, controller: 9_093 };
  const place = { host: '', ports, folder: '/var/lib/kafka/data', advertised: 'kafka:9092' };
  return {
    services,
    settings: new Map([
      ...services.map((name) => [`services/${name}/src/main.ts`, SERVICE_SETTINGS] as const),
      ['gateway/src/main.ts', await gatewaySettings(root, services)] as const,
      ...steps.map(([name, settings]) => [`${STEPS}/${name}.ts`, settings] as const),
    ]),
    stages,
    imageEnvironment: environmentOf(stages.at(-1) ?? []),
    nodeVersion: JSON.parse(read('package.json')).dependencies.node,
    images: imagesOfStack(),
    postgresSettings: serverSettings(false),
    kafkaEnvironment: brokerEnvironment(brokerSettings(place)),
    exists: (path) => existsSync(join(root, path)),
    isIgnored: ignoredBy(read('.dockerignore')),
  };
}
