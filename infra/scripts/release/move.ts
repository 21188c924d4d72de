import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readContract } from '../generate/contract.ts';
import { composeSupergraph } from '../generate/supergraph.ts';
import { readBaseline, writeBaseline } from './baseline.ts';
import { compareReleases } from './compare.ts';
import { presentRelease } from './promises.ts';
import { linesOf } from './verdict.ts';

export interface Outcome {
  /** Whether the contract as it is now is the baseline; not where a promise would be broken and no reason was given. */
  readonly released: boolean;
  /** What breaks, one line each. */
  readonly broken: readonly string[];
  /** What is added, and who may do what from now on. */
  readonly told: readonly string[];
}

/** Where the reasons are kept for which a promise was broken, for those who relied on it. */
export const BREAKS = 'schema/released/BREAKS.md';

const BREAKS_HEAD = `# Promises broken

What a release of the contract took back, and why; the last one at the end.
`;

/**
 * Makes the contract below `root` the baseline. A broken promise needs a reason, which is kept with what broke and the `day`
 * (YYYY-MM-DD).
 * @throws ContractError where the contract cannot be read or does not compose
 */
export async function moveBaseline(root: string, day: string, why = ''): Promise<Outcome> {
  const contract = readContract(root);
  composeSupergraph(contract);
  const [baseline, present] = [readBaseline(root), presentRelease(root, contract)];
  const changes = baseline === undefined ? [] : await compareReleases(baseline, present);
  const broken = linesOf(changes, 'breaking');
  const told = [...linesOf(changes, 'additive'), ...linesOf(changes, 'authority')];
  const reason = why.replaceAll(/\s+/g, ' ').trim();
  if (broken.length > 0 && reason === '') return { released: false, broken, told };
  writeBaseline(root, present);
  if (broken.length > 0) {
    const file = join(root, BREAKS);
    if (!existsSync(file)) writeFileSync(file, BREAKS_HEAD);
    appendFileSync(file, `\n## ${day}: ${reason}\n${broken.map((line) => `- ${line}\n`).join('')}`);
  }
  return { released: true, broken, told };
}
