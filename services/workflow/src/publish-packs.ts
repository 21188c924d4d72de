import { type OwnActs, sql, storedOf } from '@qtm/service-kit';
import { isRefusal } from '@qtm/service-kit/domain';
import { type Pack, packId, publish } from './domain/pack.ts';
import { type PackFile, readPackFiles } from './pack-files.ts';

/**
 * Publishes what this release brings and was not published before, each version once.
 * @throws Error where a published version says something else now: the service does not start
 */
export async function publishPacks(acts: OwnActs): Promise<void> {
  for (const file of await readPackFiles()) {
    // Where another replica publishes it at the same moment, what it wrote is compared in a second look.
    if (!(await publishOne(acts, file))) await publishOne(acts, file);
  }
}

async function publishOne(acts: OwnActs, { definition, sha256 }: PackFile): Promise<boolean> {
  const id = packId(definition.surface, definition.version);
  const [row] = await acts.rows(sql`select id, version, published, occurred_at from pack where id = ${id}`);
  const published = row && storedOf<Pack>(row as never).value;
  const decision = publish(published, definition, { sha256, now: await acts.now() });
  if (isRefusal(decision)) {
    throw new Error(`the pack ${id} was published with another content; a change needs a new version`);
  }
  return acts.write('pack.publish', decision);
}
