import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { loadMatrix } from '../../infra/service-kit/src/authority/matrix.ts';
import { TABLE } from './authority-table.ts';

/**
 * Services of which the sources speak: those with a row in the table, so that each of their rows must be in it and each of their
 * entities must be tried. A service that no row knows yet, such as one that was just written, answers to its own tests.
 */
export const SOURCED: readonly string[] = readdirSync(join(ROOT, 'services'))
  .filter((name) => {
    const { rows } = loadMatrix(join(ROOT, 'schema', name, 'authority.yaml'));
    return [...rows.keys()].some((transition) => transition in TABLE);
  })
  .sort();
