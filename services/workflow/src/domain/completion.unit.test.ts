import { describe, expect, test } from 'vitest';
import { complete } from './completion.ts';
import { attach, type Evidence } from './evidence.ts';
import type { PackDefinition } from './pack.ts';
import type { RecordEvent } from './record.ts';
import { advanceStage, type ServiceEvent } from './service-event.ts';
import {
  accepted,
  allotted,
  at,
  atLastStage,
  BY,
  FREIGHT,
  IN_STATE,
  item,
  MUNICIPAL,
  only,
  published,
  RECORD_ID,
  refusal,
  sha256,
  started,
} from './test/samples.ts';

const COMMAND = { outcome: 'RESOLVED', recordId: RECORD_ID, by: BY, now: at(30) };
const account = (evidence: readonly Evidence[], definition: PackDefinition = MUNICIPAL) => {
  return { pack: published(definition), evidence, sha256 };
};

test('completes at the last stage and seals the record with it (T-SP-14 allow, T-SP-13 allow)', () => {
  const { serviceEvent, evidence } = atLastStage();
  const events = accepted(complete(serviceEvent, COMMAND, account(evidence)));
  expect(events.map(({ name }) => name)).toEqual(['service_event_completed', 'record_sealed']);
  expect(events[0]?.after).toEqual({
    ...serviceEvent,
    state: 'COMPLETED',
    stages: serviceEvent.stages.map((stage) => ({ ...stage, leftAt: stage.leftAt ?? at(30) })),
    completedBy: BY,
    completedAt: at(30),
    outcome: 'RESOLVED',
    recordId: RECORD_ID,
  });
  expect(events[1]?.after).toMatchObject({
    id: RECORD_ID,
    outcome: 'RESOLVED',
    sealedBy: BY,
    sealedAt: at(30),
    supersedes: null,
  });
});

test('settles nothing and says nothing of the job: the two facts are all (T-SP-08 allow, T-SP-06 allow)', () => {
  const { serviceEvent, evidence } = atLastStage();
  const events = accepted(complete(serviceEvent, COMMAND, account(evidence)));
  expect(new Set(events.map(({ aggregate }) => aggregate))).toEqual(new Set(['service_event', 'record']));
  expect(JSON.stringify(events)).not.toMatch(/settle|payment|captur(?!ed_at)/i);
});

test('two packs with different stages pass through one spine (T-SP-19 allow)', () => {
  for (const definition of [MUNICIPAL, FREIGHT]) {
    const { serviceEvent, evidence } = atLastStage(definition);
    const outcome = definition.outcomeCodes[0]?.code ?? '';
    const [first] = accepted(complete(serviceEvent, { ...COMMAND, outcome }, account(evidence, definition)));
    expect(first?.after.state).toBe('COMPLETED');
  }
});

describe('refuses, and seals no record (T-SP-14 deny)', () => {
  test('before the last stage', () => {
    const decision = complete(started(), COMMAND, account(atLastStage().evidence));
    expect(refusal(decision)).toEqual({ code: 'NOT_LAST_STAGE', stage: 'inspection', next: 'resolution' });
  });

  test('without what the last stage requires', () => {
    const decision = complete(atLastStage().serviceEvent, COMMAND, account([]));
    expect(refusal(decision)).toEqual({ code: 'EVIDENCE_MISSING', 'resolution.NOTE': '0 of 1' });
  });

  test('without what an earlier stage requires', () => {
    const { serviceEvent, evidence } = atLastStage(FREIGHT);
    const later = evidence.filter(({ kind }) => kind !== 'PHOTO');
    const decision = complete(serviceEvent, { ...COMMAND, outcome: 'DELIVERED' }, account(later, FREIGHT));
    expect(refusal(decision)).toEqual({ code: 'EVIDENCE_MISSING', 'pickup.PHOTO': '0 of 1' });
  });

  test('with evidence that is incomplete', () => {
    const { serviceEvent, evidence } = atLastStage(FREIGHT);
    const incomplete = allotted(0x90, item('DOCUMENT', { storageRef: null }));
    const document = only<Evidence>(
      attach(serviceEvent, { ...incomplete, stage: null, by: BY, now: at(20) }, { attached: 2 }),
    );
    const others = evidence.filter(({ kind }) => kind !== 'DOCUMENT');
    const decision = complete(
      serviceEvent,
      { ...COMMAND, outcome: 'DELIVERED' },
      account([...others, document], FREIGHT),
    );
    expect(refusal(decision)).toEqual({ code: 'EVIDENCE_MISSING', 'delivered.DOCUMENT': '0 of 1' });
  });

  test('with evidence of another stage', () => {
    const note = only<Evidence>(
      attach(started(), { ...allotted(0x90, item('NOTE')), stage: null, by: BY, now: at(9) }, { attached: 0 }),
    );
    expect(note.stage).toBe('inspection');
    expect(refusal(complete(atLastStage().serviceEvent, COMMAND, account([note])))).toMatchObject({
      code: 'EVIDENCE_MISSING',
    });
  });

  test.each(['DELIVERED', 'resolved', ''])('with the outcome %j, which the pack does not have', (outcome) => {
    const { serviceEvent, evidence } = atLastStage();
    const decision = complete(serviceEvent, { ...COMMAND, outcome }, account(evidence));
    expect(refusal(decision)).toEqual({ code: 'OUTCOME_NOT_IN_PACK', outcomes: 'RESOLVED' });
  });

  test.each(['COMPLETED', 'ABORTED'] as const)('when it is %s', (state) => {
    const decision = complete(IN_STATE[state](), COMMAND, account(atLastStage().evidence));
    expect(refusal(decision)).toEqual({ code: 'WRONG_STATE' });
  });
});

test('the record is sealed with the times of the execution where the clock lags', () => {
  const facts = account([]);
  const late = only<ServiceEvent>(advanceStage(started(), { toStage: 'resolution', by: BY, now: at(25) }, facts));
  const { evidence } = atLastStage();
  const [done, sealed] = accepted(complete(late, { ...COMMAND, now: at(24) }, account(evidence)));
  expect([done?.after, sealed?.after]).toMatchObject([{ completedAt: at(25) }, { sealedAt: at(25) }]);
  expect(JSON.parse((sealed as RecordEvent).after.content)).toMatchObject({
    completed_at: at(25),
    sealed_at: at(25),
  });
});
