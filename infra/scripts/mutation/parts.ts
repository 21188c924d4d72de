import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Rules that are tested together, by tests of one folder. */
export interface Part {
  readonly name: string;
  /** The folder of its tests. */
  readonly folder: string;
  /** What is changed. */
  readonly sources: readonly string[];
}

/** The rules of every service, and the law they stand on. */
export function partsOf(root: string): readonly Part[] {
  const services = readdirSync(join(root, 'services')).sort();
  return [
    ...services.map((name) => {
      return { name, folder: `services/${name}`, sources: [`services/${name}/src/domain/**/*.ts`] };
    }),
    {
      name: 'service-kit',
      folder: 'infra/service-kit',
      sources: ['infra/service-kit/src/authority/**/*.ts', 'infra/service-kit/src/domain.ts'],
    },
  ];
}
