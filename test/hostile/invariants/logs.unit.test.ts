import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Canaries } from '../world/canaries.ts';
import { LogReader, lineProblems } from './logs.ts';

const folder = mkdtempSync(join(tmpdir(), 'qtm-logs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const line = (change: object = {}) =>
  JSON.stringify({ level: 'info', time: '2026-01-01T00:00:00.000Z', service: 'jobs', msg: 'ready', ...change });
const faults = (text: string) => lineProblems('jobs', text).length;

test('an ordinary line is none to complain of', () => {
  expect(faults(line())).toBe(0);
});

test('planted faults are found: no JSON, another’s line, a token, a personal value, a hostile text', () => {
  expect(faults('Error: something')).toBe(1);
  expect(faults('{"msg":"half')).toBe(1);
  expect(faults('null')).toBe(1);
  expect(faults(JSON.stringify({ level: 'fatal', msg: 'forged' }))).toBe(1);
  expect(faults(line({ service: 'operator' }))).toBe(1);
  expect(faults(line({ authorization: 'Bearer eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJzb21lYm9keSJ9.x' }))).toBe(1);
  expect(faults(line({ msg: new Canaries().plant('called', 'somebody') }))).toBe(1);
  expect(faults(line({ reason: 'qtmforged' }))).toBe(1);
});

test('a growing log is read on from where it was read to, half lines when they are whole', () => {
  const file = join(folder, 'jobs.log');
  writeFileSync(file, `${line()}\nnot JSON\n{"half`);
  const log = new LogReader('jobs', file);
  expect(log.problems()).toHaveLength(1);
  expect(log.problems()).toHaveLength(0);
  appendFileSync(file, `":1}\n${line()}\n`);
  expect(log.problems()).toHaveLength(1);
  expect(log.lines).toBe(4);
});
