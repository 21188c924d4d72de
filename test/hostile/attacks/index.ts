import type { Attack } from './attack.ts';
import { baseline } from './baseline.ts';
import { entities } from './entities.ts';
import { mutants } from './mutants.ts';
import { sessions } from './sessions.ts';
import { sweep } from './sweep.ts';

/** Every way to be hostile, in the order of a round. */
export const ATTACKS: readonly Attack[] = [baseline, sweep, entities, sessions, mutants];
