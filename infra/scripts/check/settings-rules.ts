import { isTest, type SourceFile } from './source-files.ts';

const VARIABLE = /\bQTM_[A-Z_]*[A-Z]\b/g;
/** The names of the gateway's lists of addresses are made from the names of subgraphs. */
const ADDRESSES = /^QTM_SUBGRAPH(?:_[A-Z_]+)?$/;

/** Variables that hand-written code names and no process declares, one line each: misspelled, or read past the one door. */
export function undeclaredSettings(files: readonly SourceFile[], declared: readonly string[]): string[] {
  const known = new Set(declared.flatMap((name) => [name, `${name}_FILE`]));
  const isKnown = (name: string) => known.has(name) || ADDRESSES.test(name);
  return files
    .filter(({ path }) => !isTest(path))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) => {
        const unknown = [...line.matchAll(VARIABLE)].map(([name]) => name).filter((name) => !isKnown(name));
        return unknown.map((name) => `${path}:${index + 1}: ${name} is no declared setting (docs/SETTINGS.md)`);
      }),
    );
}
