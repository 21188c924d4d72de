import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';

/** An operation that the page for clients shows, with its variables where it shows those, too. */
export interface ApiExample {
  readonly name: string;
  readonly operation: string;
  readonly variables: object;
}

const BLOCK = /```graphql\n([\s\S]*?)```(?:\n+```json\n([\s\S]*?)```)?/g;

/** Every operation in `docs/API.md`, by its name. */
export function apiExamples(): ReadonlyMap<string, ApiExample> {
  const page = readFileSync(join(ROOT, 'docs/API.md'), 'utf8');
  const examples = [...page.matchAll(BLOCK)].map(([, operation = '', variables = '{}']): ApiExample => {
    const name = /^(?:query|mutation) (\w+)/.exec(operation)?.[1];
    if (name === undefined) throw new Error(`an example without a name: ${operation}`);
    return { name, operation, variables: JSON.parse(variables) };
  });
  return new Map(examples.map((example) => [example.name, example]));
}
