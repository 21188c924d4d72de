import { defineConfig } from 'vitest/config';

const STACK = './test/harness/global-setup.ts';

/** The cost of a test is in its file's name; see docs of the test commands in the README. */
const project = (name: string, testTimeoutMs: number, further: object = {}) => ({
  // It has two builds. Libraries get the one Node picks; tests must get the same, or its errors are not known for what they are.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    name,
    include: [`**/*.${name}.test.ts`],
    exclude: ['**/node_modules/**', '.local/**'],
    testTimeout: testTimeoutMs,
    hookTimeout: 120_000,
    ...further,
  },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', 20_000),
      project('int', 120_000, { globalSetup: STACK }),
      // A whole system is many processes: one at a time.
      project('e2e', 300_000, { globalSetup: STACK, fileParallelism: false }),
    ],
    // Two cores give one by default, and most tests wait more than they reckon.
    maxWorkers: 2,
    passWithNoTests: true,
    reporters: ['default'],
  },
});
