import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where `npm start` says it listens.
 * @throws Error where nothing runs on this data folder
 */
export function runningEndpoint(dataDir: string): string {
  try {
    return (JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')) as { endpoint: string }).endpoint;
  } catch {
    throw new Error('nothing runs here: npm start first, or give --endpoint');
  }
}
