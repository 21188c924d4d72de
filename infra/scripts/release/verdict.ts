import { readContract } from '../generate/contract.ts';
import { readBaseline } from './baseline.ts';
import type { Change } from './change.ts';
import { compareReleases } from './compare.ts';
import { presentRelease } from './promises.ts';

export interface Verdict {
  /** What breaks a promise, one line each, and what to do about it; none where nothing breaks. */
  readonly problems: readonly string[];
  /** What the next release adds, and who may do what from then on. */
  readonly notes: readonly string[];
}

const ADVICE = `keep what was promised and put the new beside it: a further field, a further version of the event (\`<event>.v2.json\`);
where it must break all the same: npm run release:contract -- --break "<why, and what readers do now>"`;

/**
 * The contract below `root/schema` beside what was last released.
 * @throws ContractError where it cannot be read
 */
export async function verdictOn(root: string): Promise<Verdict> {
  const baseline = readBaseline(root);
  if (baseline === undefined) return { problems: [], notes: ['nothing is released yet: npm run release:contract'] };
  const changes = await compareReleases(baseline, presentRelease(root, readContract(root)));
  const broken = linesOf(changes, 'breaking');
  return {
    problems: broken.length === 0 ? [] : [...broken, ...ADVICE.split('\n')],
    notes: [...linesOf(changes, 'additive'), ...linesOf(changes, 'authority')],
  };
}

/** Changes of one level as lines, each with what it does to the promise. */
export function linesOf(changes: readonly Change[], level: Change['level']): string[] {
  const verb = { breaking: 'breaks', additive: 'adds', authority: 'authority' }[level];
  return changes.filter((change) => change.level === level).map(({ where, what }) => `${verb}: ${where}: ${what}`);
}
