import type { Attack } from './attack.ts';
import { baseline } from './baseline.ts';
import { consistency } from './consistency.ts';
import { entities } from './entities.ts';
import { keys } from './keys.ts';
import { mutants } from './mutants.ts';
import { oversize } from './oversize.ts';
import { sessions } from './sessions.ts';
import { sweep } from './sweep.ts';
import { transport } from './transport.ts';

/** Every way to be hostile, in the order of a round. */
export const ATTACKS: readonly Attack[] = [
  baseline,
  sweep,
  entities,
  sessions,
  mutants,
  keys,
  consistency,
  transport,
  oversize,
];
