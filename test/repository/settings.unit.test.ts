import { ROOT } from '@qtm/local';
import { type Environment, readSettings, SettingsError, type SettingsSpec } from '@qtm/service-kit/door';
import { describe, expect, test } from 'vitest';
import { undeclaredSettings } from '../../infra/scripts/check/settings-rules.ts';
import { settingsPage } from '../../infra/scripts/generate/settings.ts';
import { declaredProcesses } from '../../infra/scripts/settings/processes.ts';

const processes = await declaredProcesses(ROOT);
const declared = processes.flatMap(({ name, settings }) =>
  Object.entries(settings).map(([variable, setting]) => ({ process: name, variable, setting, settings })),
);

/** No setting of any kind takes it: it is no number, no word, no name, no address, no path of a file that is there. */
const WRONG = 'no value !';

function faultsOf(settings: SettingsSpec, env: Environment): readonly string[] {
  try {
    readSettings(settings, env);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    expect((error as Error).message).not.toContain('\n');
    return (error as SettingsError).faults;
  }
}

describe.each(declared)('$variable of $process', ({ variable, setting, settings }) => {
  test('a wrong value is refused in one line that names it', () => {
    const faults = faultsOf(settings, { [variable]: WRONG });
    expect(faults).toContainEqual(expect.stringMatching(new RegExp(`^${variable}: `)));
    if (setting.secret === true) expect(faults.join()).not.toContain(WRONG);
  });

  test('a value of two lines is refused, and so is a file that is not there', () => {
    expect(faultsOf(settings, { [variable]: 'one\ntwo' })).toContainEqual(`${variable}: holds a control character`);
    const missing = faultsOf(settings, { [`${variable}_FILE`]: '/nowhere/at/all' });
    expect(missing).toContainEqual(expect.stringMatching(new RegExp(`^${variable}: .*/nowhere/at/all`)));
  });

  test('absent it has a default, or is named with what it is for', () => {
    const fault = `${variable} is not set: ${setting.description}`;
    expect(faultsOf(settings, {}).includes(fault)).toBe(!('fallback' in setting));
  });

  test('a number just outside its bounds is refused, and its unit is that of its name', () => {
    const [, min, max] = /^whole number from (-?\d+) to (\d+)$/.exec(setting.form) ?? [];
    if (max === undefined) return;
    for (const outside of [Number(min) - 1, Number(max) + 1]) {
      expect(faultsOf(settings, { [variable]: String(outside) }).join()).toContain(`${variable}: '${outside}'`);
    }
    expect(setting.unit === 'ms').toBe(variable.endsWith('_MS'));
    expect(setting.unit === 'bytes').toBe(variable.endsWith('_BYTES'));
  });
});

test('the table has a line for every one of them', async () => {
  const page = (await settingsPage(ROOT)) ?? '';
  for (const { variable } of declared) {
    expect(page).toContain(`| \`${variable.replace('_SERVICE_', '_<SERVICE>_')}\` |`);
  }
});

describe('a variable that the code names', () => {
  const names = declared.map(({ variable }) => variable);
  const problems = (text: string) => undeclaredSettings([{ path: 'gateway/src/x.ts', text }], names);

  test('is declared', () => {
    expect(problems("const x = 'QTM_PORT'; const y = { QTM_HOST: 'QTM_DATABASE_URL_FILE' };")).toEqual([]);
  });

  test('is not one that nobody declares', () => {
    expect(problems('const x = settings.QTM_PROT;')).toEqual([
      'gateway/src/x.ts:1: QTM_PROT is no declared setting (docs/SETTINGS.md)',
    ]);
  });
});
