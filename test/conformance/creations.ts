import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { parseMatrix } from '../../infra/service-kit/src/authority/matrix.ts';

/** The transitions by which anybody at all creates an aggregate of a service, as its matrix gives them. */
export function creationsOf(service: string): readonly string[] {
  const { rows } = parseMatrix(readFileSync(join(ROOT, 'schema', service, 'authority.yaml'), 'utf8'));
  return [...rows.values()].filter(({ from }) => from.includes('NONE')).map(({ transition }) => transition);
}
