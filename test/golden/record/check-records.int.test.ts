import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** A program that shares no code with the service, and needs no library: a JDK of version 17 runs it from its source. */
const PROGRAM = join(import.meta.dirname, 'CheckRecords.java');
const SAMPLES = ['sealed.v1.json', 'correction.v1.json'];
const TIMEOUT_MS = 60_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'records-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function check(files: readonly string[]): Promise<{ code: number; lines: string[] }> {
  try {
    const { stdout } = await promisify(execFile)('java', [PROGRAM, ...files]);
    return { code: 0, lines: stdout.trim().split('\n') };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number | string; stdout: string; stderr: string };
    if (code !== 1 || stderr !== '') throw new Error(`a JDK of version 17 or newer is needed (${code}): ${stderr}`);
    return { code, lines: stdout.trim().split('\n') };
  }
}

/** The sample with every occurrence of one text in its file replaced. */
async function altered(name: string, from: string, to: string): Promise<string> {
  const text = await readFile(join(import.meta.dirname, 'sealed.v1.json'), 'utf8');
  expect(text).toContain(from);
  await writeFile(join(folder, name), text.replaceAll(from, to));
  return join(folder, name);
}

test(
  'another program comes to the same bytes, hashes and personal values (T-SP-15 allow)',
  async () => {
    const result = await check(SAMPLES.map((name) => join(import.meta.dirname, name)));
    expect(result).toEqual({ code: 0, lines: SAMPLES.map((name) => `${name}: sound`) });
  },
  TIMEOUT_MS,
);

test(
  'and finds what was changed: a byte, the form, a personal value (T-SP-15 deny)',
  async () => {
    const files = await Promise.all([
      altered('byte.json', 'RESOLVED', 'RESOLVEd'),
      altered('form.json', '{\\"completed_at\\"', '{ \\"completed_at\\"'),
      altered('value.json', 'premises', 'Premises'),
    ]);
    const { code, lines } = await check(files);
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(/^byte\.json: the bytes hash to /),
      expect.stringMatching(/^form\.json: the bytes hash to /),
      expect.stringMatching(/^form\.json: there are \d+ bytes$/),
      expect.stringMatching(/^form\.json: the bytes are not canonical/),
      expect.stringMatching(/^value\.json: personal value 019b8d2e-7a00-7000-8000-000000000061 hashes to /),
    ]);
  },
  TIMEOUT_MS,
);
