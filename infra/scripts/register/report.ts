import type { Plan } from './compare.ts';
import type { Imported } from './import.ts';
import type { Checked, Note } from './layout.ts';

const MAX_LINES = 200;

/** What is in the files: how many of what, and whatever there is to say of one. */
export function reportChecked(folder: string, checked: Checked, manifestSha256: string): string {
  const { files, entries, transfers, memberships, indexes, stale, recovered, broken, faults } = checked;
  const pairs = memberships.reduce((sum, { file }) => sum + file.operatorSlugs.length, 0);
  const active = transfers.filter(({ file }) => file.state === 'proposed' || file.state === 'accepted').length;
  return [
    `${folder}: ${files} files`,
    `  ${entries.length} entries, ${transfers.length} transfers (${active} active), ${pairs} memberships of ${memberships.length} identities`,
    `  index files: ${indexes} consistent, ${stale.length} stale, ${recovered.length} recovered, ${broken.length} broken`,
    `  manifest of entries and transfers: ${manifestSha256}`,
    ...notes('stale', stale),
    ...notes('recovered', recovered),
    ...notes('broken', broken),
    ...notes('fault', faults),
  ].join('\n');
}

/** What an import would do, or will. */
export function reportPlan({ entries, transfers, memberships, waiting, before, faults }: Plan): string {
  const toDo = `${entries.length} entries, ${transfers.length} transfers, ${memberships.length} memberships`;
  return [
    `against the running system: to be taken over: ${toDo}; in it before: ${before} files`,
    ...notes('waits', waiting),
    ...notes('fault', faults),
  ].join('\n');
}

export function reportImported({ importId, complete, given, waiting }: Imported, plan: Plan): string {
  const { entries, transfers } = plan;
  const which =
    importId === null ? 'nothing was left to take in' : `import ${importId} is ${complete ? 'complete' : 'INCOMPLETE'}`;
  return [
    `imported: ${entries.length} entries, ${transfers.length} transfers; ${which}`,
    `memberships: ${given} given, ${waiting.length} wait`,
    ...notes('waits', waiting),
    ...(waiting.length > 0 ? ['the same command again gives those that wait, once what they wait for is there'] : []),
  ].join('\n');
}

function notes(kind: string, all: readonly Note[]): readonly string[] {
  const lines = all.slice(0, MAX_LINES).map(({ path, what }) => `${kind.padEnd(10)} ${path}: ${what}`);
  return all.length > MAX_LINES ? [...lines, `${kind.padEnd(10)} and ${all.length - MAX_LINES} more`] : lines;
}
