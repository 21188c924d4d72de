import { defineConfig } from 'vitest/config';

const SWITCH_OFF = './test/conformance/faults/switch-off.ts';

const project = (name: string, further: object = {}) => ({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    name,
    include: [`**/*.${name}.test.ts`],
    exclude: ['**/node_modules/**', '.local/**'],
    setupFiles: [SWITCH_OFF],
    fsModuleCache: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    ...further,
  },
});

/** The tests as they are, each begun with one guard switched off. */
export default defineConfig({
  test: {
    projects: [project('unit'), project('int', { globalSetup: './test/harness/global-setup.ts' })],
    // One worker per run, which ends with it and takes what was switched off along.
    pool: 'threads',
    // Other runs beside this one clear it.
    fsModuleCache: false,
    isolate: false,
    maxWorkers: 1,
  },
});
