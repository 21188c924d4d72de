import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { createVitest, type Vitest } from 'vitest/node';
import type { Fault } from './fault.ts';
import type { Guard } from './guards.ts';

/** What became of a guard that was switched off. */
export interface Finding {
  readonly guard: Guard;
  /** The test that failed; undefined where all passed. */
  readonly noticedBy: string | undefined;
}

const NOTHING: Fault = { kind: 'nothing' };

/**
 * Switches the guards off one after the other and runs their tests each time.
 * @throws Error where tests fail although nothing is switched off, or cannot be run
 */
export async function switchOff(
  guards: readonly Guard[],
  tell: (finding: Finding) => void,
): Promise<readonly Finding[]> {
  const vitest = await createVitest('test', {
    root: ROOT,
    config: join(ROOT, 'test/conformance/faults/vitest.config.ts'),
    watch: false,
    reporters: [{}],
  });
  try {
    for (const tests of new Set(guards.map((guard) => guard.tests.join(' ')))) {
      const failed = await firstFailure(vitest, tests.split(' '), NOTHING);
      if (failed !== undefined) throw new Error(`with nothing switched off: ${failed}`);
    }
    const findings: Finding[] = [];
    for (const guard of guards) {
      const finding = { guard, noticedBy: await firstFailure(vitest, guard.tests, guard.fault) };
      findings.push(finding);
      tell(finding);
    }
    return findings;
  } finally {
    await vitest.close();
  }
}

/** The first test that fails. A test file that cannot be run at all says nothing about a guard. */
async function firstFailure(vitest: Vitest, tests: readonly string[], fault: Fault): Promise<string | undefined> {
  vitest.provide('fault', fault);
  const specifications = await vitest.globTestSpecifications([...tests]);
  if (specifications.length === 0) throw new Error(`there are no tests in ${tests.join(', ')}`);
  const { testModules: all, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  // It remembers what ran before, under another fault.
  const testModules = all.filter(({ moduleId }) => specifications.some((one) => one.moduleId === moduleId));
  if (testModules.length < specifications.length) throw new Error(`not all of ${tests.join(', ')} ran`);
  for (const module of testModules) {
    for (const test of module.children.allTests('failed')) return `${module.relativeModuleId}: ${test.fullName}`;
  }
  const [error] = [...testModules.flatMap((module) => module.errors()), ...(unhandledErrors as Error[])];
  if (error !== undefined) throw new Error(`${tests.join(', ')} cannot be run: ${error.message}`);
  return undefined;
}
