import { isTest, type SourceFile } from './source-files.ts';
import { textsOf } from './syntax.ts';

/** What must work for any service by listing folders, so that a new one changes nothing there. */
const NAMES_NO_SERVICE = ['infra/service-kit/', 'infra/scripts/'];

/** Texts of the kit and the scripts that name a service: its folder, its package, its topic or its event types. */
export function serviceNameProblems(
  files: readonly SourceFile[],
  services: readonly { readonly name: string; readonly eventPrefix: string }[],
): string[] {
  const patterns = services.map(({ name, eventPrefix }) => ({ name, pattern: namePattern(name, eventPrefix) }));
  const concerned = files.filter(
    ({ path }) => NAMES_NO_SERVICE.some((folder) => path.startsWith(folder)) && !isTest(path),
  );
  return concerned.flatMap((file) =>
    stringsOf(file).flatMap(({ value, line }) =>
      patterns
        .filter(({ pattern }) => pattern.test(value))
        .map(({ name }) => `${file.path}:${line}: names the service ${name}: ${JSON.stringify(value.slice(0, 60))}`),
    ),
  );
}

function stringsOf(file: SourceFile): { value: string; line: number }[] {
  if (/\.(?:ts|mjs)$/.test(file.path)) {
    const { imports, strings } = textsOf(file);
    return [...imports, ...strings];
  }
  return file.text.split('\n').map((value, index) => ({ value, line: index + 1 }));
}

function namePattern(name: string, eventPrefix: string): RegExp {
  const prefix = eventPrefix.replaceAll('.', '\\.');
  return new RegExp(
    `(?:services|schema|events)/${name}\\b|\\b${prefix}\\.|@qtm/${name}-service|\\b${name}_(?:app|owner|relay)\\b|^${name}$`,
  );
}
