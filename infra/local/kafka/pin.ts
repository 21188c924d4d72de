/**
 * Writes artifacts.json anew from pom.xml: every runtime jar by its path in a Maven repository, with its SHA-256.
 * Needs Maven. Usage, after pom.xml has changed: node infra/local/kafka/pin.ts
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'qtm-pin-'));
try {
  execFileSync(
    'mvn',
    [
      ...['-q', '-B', '-f', join(import.meta.dirname, 'pom.xml'), 'dependency:copy-dependencies'],
      ...[`-DoutputDirectory=${folder}`, '-DincludeScope=runtime', '-Dmdep.useRepositoryLayout=true'],
    ],
    { stdio: 'inherit' },
  );
  const artifacts = globSync('**/*.jar', { cwd: folder })
    .sort()
    .map((path) => ({
      path,
      sha256: createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex'),
    }));
  const file = join(import.meta.dirname, 'artifacts.json');
  const { repository } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, `${JSON.stringify({ repository, artifacts }, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
