import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { edit, sampleRepository } from '../../../test/repository/sample-repository.ts';
import { eventProblems } from '../check/event-rules.ts';
import { readContract } from './contract.ts';
import { writeOutput } from './output.ts';
import { missingSamples } from './samples.ts';

const SAMPLE = 'test/golden/events/things/thing_made.v1.json';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'qtm-samples-'));
  sampleRepository(root);
});
afterEach(() => rmSync(root, { recursive: true }));

test('an event without a sample gets a valid one, and one that is there is never touched', () => {
  expect(missingSamples(readContract(root)).size).toBe(0);
  rmSync(join(root, SAMPLE));
  const samples = missingSamples(readContract(root));
  expect([...samples.keys()]).toEqual([SAMPLE]);
  expect(JSON.parse(samples.get(SAMPLE) ?? '')).toMatchObject({
    event_type: 'x1.things.thing_made.v1',
    aggregate_id: 'sample',
    state: { id: 'sample', note: { ref: expect.any(String), hash: expect.stringMatching(/^[0-9a-f]{64}$/) } },
  });
  writeOutput(root, samples);
  expect(eventProblems(readContract(root))).toEqual([]);
  expect(missingSamples(readContract(root)).size).toBe(0);
});

test('where no value of the form is known, the check asks for a sample written by hand', () => {
  rmSync(join(root, SAMPLE));
  edit(
    root,
    'schema/things/aggregates/thing.v1.json',
    '"type": "integer"',
    '"type": "string", "pattern": "^[A-Z]{3}-7$"',
  );
  expect(missingSamples(readContract(root)).size).toBe(0);
  expect(eventProblems(readContract(root))).toEqual([expect.stringContaining('is missing')]);
});
