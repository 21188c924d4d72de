import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';

const ROW = /^\| `(\w+)` \| (.+) \| (yes|no) \|$/;

/** What `docs/REFUSALS.md` tells clients of a service's refusals. */
export function refusalsOnPage(service: string): Readonly<Record<string, { message: string; retryable: boolean }>> {
  const page = readFileSync(join(ROOT, 'docs/REFUSALS.md'), 'utf8');
  const section = page.split('\n## ').find((one) => one.startsWith(`${service}\n`)) ?? '';
  const rows = section.split('\n').flatMap((line) => {
    const [, code, message, again] = ROW.exec(line) ?? [];
    return code === undefined || message === undefined
      ? []
      : [[code, { message, retryable: again === 'yes' }] as const];
  });
  return Object.fromEntries(rows);
}
