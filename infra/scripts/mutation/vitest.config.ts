import { defineConfig } from 'vitest/config';

/** Tests of rules, in the folder of one part, run in a copy of the repository for every changed place. */
const root = process.cwd();

export default defineConfig({
  root,
  resolve: {
    alias: [
      { find: /^graphql$/, replacement: 'graphql/index.js' },
      // The workspace's link would lead out of the copy, to rules that were not changed.
      { find: /^@qtm\/service-kit\/domain$/, replacement: `${root}/infra/service-kit/src/domain.ts` },
    ],
  },
  test: {
    include: ['**/src/domain/**/*.unit.test.ts', '**/src/authority/*.unit.test.ts', '**/src/*.unit.test.ts'],
    testTimeout: 120_000,
    // The copy's node_modules is a link to ours; other runs beside this one would clear what it keeps there.
    fsModuleCache: false,
  },
});
