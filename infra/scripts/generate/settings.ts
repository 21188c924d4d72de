import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Setting } from '@qtm/service-kit/door';
import { declaredProcesses } from '../settings/processes.ts';
import { markdownHeader } from './header.ts';

/** One declaration, with all the processes that read it. */
interface Row {
  readonly name: string;
  readonly setting: Setting<unknown>;
  readonly processes: string[];
}

/** The table of every setting of every process, from the declarations they are read by; undefined where there is no gateway. */
export async function settingsPage(root: string): Promise<string | undefined> {
  if (!existsSync(join(root, 'gateway/src/settings.ts'))) return undefined;
  const rows: Row[] = [];
  for (const { name: process, settings } of await declaredProcesses(root)) {
    for (const [name, setting] of Object.entries(settings)) {
      const known = rows.find((row) => row.name === name && sameText(row.setting, setting));
      if (known === undefined) rows.push({ name, setting, processes: [process] });
      else known.processes.push(process);
    }
  }
  rows.sort((a, b) => (a.name < b.name ? -1 : 1));
  return `${[markdownHeader('the declarations that processes read'), INTRODUCTION, TABLE_HEAD + rows.map((row) => line(row, root)).join('\n')].join('\n\n')}\n`;
}

const INTRODUCTION = `# Settings

Every variable of the environment that a process of this system reads. A process reads all of them at its start; where one is missing or
wrong it writes one line that names each such variable, and ends with a code other than 0. An empty variable counts as absent.

\`<NAME>_FILE\` may hold the path of a file with the value instead, for each of them; this is how *secret* ones should be given.`;

const TABLE_HEAD = `| setting | effect | default | unit | right values | read by |
| --- | --- | --- | --- | --- | --- |
`;

function line({ name, setting, processes }: Row, root: string): string {
  const effect = `${setting.description}${setting.secret === true ? ' (*secret*)' : ''}`;
  const cells = [
    `\`${name.replace('_SERVICE_', '_<SERVICE>_')}\``,
    effect,
    defaultOf(setting, root),
    setting.unit ?? '',
    setting.form,
    processes.join(', '),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function defaultOf(setting: Setting<unknown>, root: string): string {
  if (!('fallback' in setting)) return '**required**';
  const fallback = String(setting.fallback ?? '');
  if (fallback === '') return 'none';
  return `\`${fallback.replace(join(root, '/'), '')}\``;
}

/** Whether two declarations would read alike, so that one line can stand for both. */
function sameText(a: Setting<unknown>, b: Setting<unknown>): boolean {
  return a.description === b.description && a.form === b.form && a.fallback === b.fallback;
}
