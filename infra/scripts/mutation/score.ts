/** What became of one changed place, as Stryker tells it. */
export interface Mutant {
  readonly fileName: string;
  readonly status: string;
  readonly statusReason?: string | undefined;
  readonly location: { readonly start: { readonly line: number } };
}

export interface Score {
  /** Noticed by a test, or running for ever. */
  readonly noticed: number;
  /** Not noticed, whether a test ran it, none did, or it was left out. */
  readonly survived: number;
  readonly percent: number;
}

const NOTICED = ['Killed', 'Timeout'];
/** Places whose change is no program: nothing to notice. */
const NO_PROGRAM = ['CompileError', 'RuntimeError'];

/** The share of changes that a test notices. What was left out on purpose counts as not noticed. */
export function scoreOf(mutants: readonly Pick<Mutant, 'status'>[]): Score {
  const programs = mutants.filter(({ status }) => !NO_PROGRAM.includes(status));
  const noticed = programs.filter(({ status }) => NOTICED.includes(status)).length;
  const percent = programs.length === 0 ? 100 : (100 * noticed) / programs.length;
  return { noticed, survived: programs.length - noticed, percent };
}

/** Places that were left out without saying why, one line each. */
export function unexplained(mutants: readonly Mutant[]): readonly string[] {
  return mutants
    .filter(({ status, statusReason = '' }) => status === 'Ignored' && /^(?:Ignored|$)/.test(statusReason.trim()))
    .map(({ fileName, location }) => `${fileName}:${location.start.line}: left out without a reason`);
}
