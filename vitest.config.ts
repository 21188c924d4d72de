import { defineConfig } from 'vitest/config';

/** The cost of a test is in its file's name; see docs of the test commands in the README. */
const project = (name: string, testTimeoutMs: number) => ({
  test: {
    name,
    include: [`**/*.${name}.test.ts`],
    exclude: ['**/node_modules/**', '.local/**'],
    testTimeout: testTimeoutMs,
    hookTimeout: 120_000,
  },
});

export default defineConfig({
  test: {
    projects: [project('unit', 20_000), project('int', 120_000), project('e2e', 300_000)],
    passWithNoTests: true,
    reporters: ['default'],
  },
});
