import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Settled } from './domain/transfer-policy.ts';

/** A class of objects whose authority is governed here. Adding one is a file, not code. */
export interface ObjectClass {
  readonly class: string;
  /** Whose aggregate an object of it is. */
  readonly owner: { readonly service: string; readonly type: string };
  /** The fact of the owner by which an object enters the register, and the keys of its state that name holder and time. */
  readonly seed: { readonly event: string; readonly holder: string; readonly since: string };
  /** What the completed transfer of one is called. */
  readonly event: string;
  /** States of the object in which it cannot be transferred. */
  readonly ended: readonly string[];
  /** The policy that the release brings. */
  readonly policy: Settled;
}

/** Where the classes of this release lie: one file each, `<class>.yaml`. */
const FOLDER = fileURLToPath(new URL('../object-classes/', import.meta.url));

/**
 * Reads every class of a folder, in the order of their names.
 * @throws Error for a file that says what belongs into another, or leaves something out
 */
export function readObjectClasses(folder = FOLDER): readonly ObjectClass[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const read = parse(readFileSync(join(folder, name), 'utf8')) as Partial<ObjectClass> | null;
      const missing = KEYS.filter((key) => read?.[key] === undefined);
      if (missing.length > 0) throw new Error(`the object class in ${name} does not say ${missing.join(', ')}`);
      const whole = read as ObjectClass;
      if (name !== `${whole.class}.yaml`) throw new Error(`${name} says what belongs in ${whole.class}.yaml`);
      return whole;
    });
}
const KEYS = ['class', 'owner', 'seed', 'event', 'ended', 'policy'] as const satisfies (keyof ObjectClass)[];
