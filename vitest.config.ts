import { defineConfig } from 'vitest/config';

const NOWHERE = ['**/node_modules/**', '.local/**'];

/** The cost of a test is in its file's name; see docs of the test commands in the README. */
const project = (name: string, testTimeoutMs: number, further: object = {}) => ({
  // It has two builds. Libraries get the one Node picks; tests must get the same, or its errors are not known for what they are.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    name,
    include: [`**/*.${name}.test.ts`],
    exclude: NOWHERE,
    testTimeout: testTimeoutMs,
    hookTimeout: 120_000,
    ...further,
  },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', 20_000),
      project('int', 120_000),
      project('e2e', 300_000, { exclude: [...NOWHERE, '**/*.alone.e2e.test.ts'] }),
      // Load, faults and what is measured in waits: nothing else runs beside them, and they run last.
      project('alone.e2e', 300_000, { maxWorkers: 1, sequence: { groupOrder: 1 } }),
    ],
    globalSetup: './test/harness/global-setup.ts',
    // Two cores give one by default, and most tests wait more than they reckon.
    maxWorkers: 2,
    passWithNoTests: true,
    reporters: ['default'],
  },
});
