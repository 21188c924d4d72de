import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { expect, test } from 'vitest';
import { OPERATIONS, unexplainedReasons } from '../../infra/scripts/check/operations-rules.ts';
import { sourceFiles } from '../../infra/scripts/check/source-files.ts';
import { metricsPage } from '../../infra/scripts/generate/metrics.ts';

const page = readFileSync(join(ROOT, OPERATIONS), 'utf8');

test('every reason of unreadiness is explained', () => {
  expect(unexplainedReasons(sourceFiles(ROOT), page)).toEqual([]);
});

test('one that is not is named', () => {
  const file = {
    path: 'infra/service-kit/src/x.ts',
    text: "readiness.block('moon', 'is full');\nconst x = { part: 'kafka' };",
  };
  expect(unexplainedReasons([file], page)).toEqual([
    `infra/service-kit/src/x.ts: ${OPERATIONS} does not say what to do when 'moon' is not ready`,
  ]);
});

test('every metric and every setting that the page names is there', async () => {
  const metrics = (await metricsPage(ROOT)) ?? '';
  for (const [name] of page.matchAll(/\bqtm_[a-z_]+/g)) expect(metrics, name).toContain(`| \`${name}\``);
  const settings = readFileSync(join(ROOT, 'docs/SETTINGS.md'), 'utf8');
  for (const [name] of page.matchAll(/\bQTM_[A-Z_]*[A-Z]\b(?!<)/g)) {
    if (name !== 'QTM_SUBGRAPH') expect(settings, name).toContain(`\`${name}\``);
  }
});
