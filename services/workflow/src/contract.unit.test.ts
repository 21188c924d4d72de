import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { fromWire, toWire } from '../../../infra/service-kit/src/journal/keys.ts';
import { complete } from './domain/completion.ts';
import { correct } from './domain/correction.ts';
import { attach, TRANSITIONS as EVIDENCE } from './domain/evidence.ts';
import { EVIDENCE_KINDS, publish } from './domain/pack.ts';
import type { SealedRecord } from './domain/record.ts';
import { TRANSITIONS as RECORD } from './domain/record.ts';
import { advanceStage, TRANSITIONS as SERVICE_EVENT, type StartedJob, start } from './domain/service-event.ts';
import * as story from './domain/test/samples.ts';

const ROOT = join(import.meta.dirname, '../../..');
const json = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const filesOf = (folder: string) => readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.json'));

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
const folders = ['schema', 'schema/shared', 'schema/workflow', 'schema/workflow/aggregates', 'schema/workflow/events'];
for (const folder of folders) for (const name of filesOf(folder)) ajv.addSchema(json(`${folder}/${name}`));

function faultsOf(schema: string, value: unknown): string | undefined {
  const validate = ajv.getSchema(`https://qtm.x1/schema/workflow/${schema}.v1.json`);
  if (validate === undefined) throw new Error(`no schema ${schema}`);
  return validate(value) ? undefined : ajv.errorsText(validate.errors);
}

describe('samples of events', () => {
  test('there is one of every event', () => {
    expect(filesOf('test/golden/events/workflow')).toEqual(filesOf('schema/workflow/events'));
  });

  test.each(filesOf('test/golden/events/workflow'))('%s is valid', (name) => {
    const sample = json(`test/golden/events/workflow/${name}`);
    expect(sample.event_type).toBe(`x1.workflow.${name.replace(/\.json$/, '')}`);
    expect(faultsOf(`events/${sample.event_type.split('.')[2]}`, sample)).toBeUndefined();
  });

  test.each(['sealed', 'correction'])('what the record in %s says is valid', (name) => {
    const { content } = json(`test/golden/record/${name}.v1.json`);
    expect(faultsOf('record-content', JSON.parse(content))).toBeUndefined();
  });
});

test('the job that another service says was started is one that can be executed here (T-SP-07 allow)', () => {
  const { state, actor_id: startedBy } = json('test/golden/events/jobs/job_started.v1.json');
  const { after } = start(fromWire<StartedJob>(state), story.published(story.MUNICIPAL), startedBy);
  expect(faultsOf('aggregates/service_event', toWire(after))).toBeUndefined();
  expect(after).toMatchObject({ id: state.service_event_id, jobId: state.id, operator: state.held_by, startedBy });
});

describe('what the rules decide is what the contract promises', () => {
  const { serviceEvent, record, evidence, pack } = story.completed(story.FREIGHT);
  const under = story.started();
  const by = { by: story.BY, now: story.at(20) };
  const incomplete = story.item('DOCUMENT', { sha256: null, sizeBytes: null, mediaType: null });
  const items = [...EVIDENCE_KINDS.map((kind) => story.item(kind, { capturedAt: story.at(19) })), incomplete];
  const attached = items.flatMap((item) =>
    story.accepted(attach(under, { ...story.allotted(0x200, item), stage: null, ...by }, { attached: 0 })),
  );
  const corrected = story.accepted(
    correct(
      serviceEvent,
      {
        recordId: story.id(0x41),
        reason: { text: 'why', ref: story.ref(0x80) },
        evidence: [{ ...story.allotted(0x90, story.item('NOTE')), stage: null }],
        ...by,
      },
      { record, supersededBy: null, pack, evidence, sha256: story.sha256 },
    ),
  );
  const last = story.atLastStage();
  const facts = { pack: story.published(story.MUNICIPAL), evidence: last.evidence, sha256: story.sha256 };
  const decided = [
    ...story.accepted(publish(undefined, story.FREIGHT, { sha256: story.sha256(''), now: story.at(0) })),
    ...[start(story.JOB, facts.pack, story.BY)],
    ...story.accepted(advanceStage(under, { toStage: 'resolution', ...by }, facts)),
    ...attached,
    ...story.accepted(complete(last.serviceEvent, { outcome: 'RESOLVED', recordId: story.RECORD_ID, ...by }, facts)),
    ...corrected,
  ];
  const after = [
    ...decided.map((event) => [event.aggregate, event.after] as const),
    ['service_event', story.aborted()] as const,
  ];

  test.each(after.map(([aggregate, state], i) => [i, aggregate, state] as const))('%i: %s', (_, aggregate, state) => {
    const wire = toWire(state);
    expect(faultsOf(`aggregates/${aggregate}`, wire)).toBeUndefined();
    // Nothing beside the contract, and nothing lost on the way there and back.
    expect(Object.keys(wire).sort()).toEqual(
      Object.keys(json(`schema/workflow/aggregates/${aggregate}.v1.json`).properties).sort(),
    );
    expect(fromWire(wire)).toEqual(state);
    if (aggregate === 'record')
      expect(faultsOf('record-content', JSON.parse((state as SealedRecord).content))).toBeUndefined();
  });
});

describe('the authority matrix', () => {
  interface Row {
    readonly transition: string;
    readonly from: readonly string[];
    readonly to: string;
    readonly principals: readonly string[];
    readonly anyOf: readonly object[];
    readonly allOf: readonly string[];
  }
  const text = readFileSync(join(ROOT, 'schema/workflow/authority.yaml'), 'utf8');
  const rows = parse(text) as readonly Row[];
  const tables: Record<string, Record<string, Record<string, string>>> = {
    service_event: SERVICE_EVENT,
    evidence: EVIDENCE,
    record: RECORD,
  };

  test('has the form every matrix has', () => {
    const validate = ajv.getSchema('https://qtm.x1/schema/authority.schema.json');
    expect([validate?.(rows), validate?.errors]).toEqual([true, null]);
  });

  test('names every transition of the rules, from and to the states they name', () => {
    const inRules = Object.entries(tables).flatMap(([aggregate, table]) =>
      Object.entries(table).flatMap(([from, row]) =>
        Object.entries(row).map(([command, to]) => [`${aggregate}.${command}`, from, to]),
      ),
    );
    const inMatrix = rows.flatMap(({ transition, from, to }) => from.map((state) => [transition, state, to]));
    expect(inMatrix.sort()).toEqual(inRules.sort());
  });

  test('lets the executing operator act and nobody else, whatever his role (T-SP-20 deny)', () => {
    for (const { principals, anyOf, allOf } of rows) {
      expect({ principals, anyOf, allOf }).toEqual({
        principals: ['HUMAN'],
        anyOf: [{ relation: 'executes_for' }],
        allOf: ['identity_active', 'operator_active'],
      });
    }
  });
});
