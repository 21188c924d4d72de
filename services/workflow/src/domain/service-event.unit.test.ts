import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { complete } from './completion.ts';
import { attach } from './evidence.ts';
import {
  abort,
  advanceStage,
  isOpen,
  type ServiceEvent,
  type ServiceEventState,
  start,
  TRANSITIONS,
} from './service-event.ts';
import {
  accepted,
  allotted,
  at,
  atLastStage,
  attachedTo,
  BY,
  FREIGHT,
  IN_STATE,
  id,
  item,
  JOB,
  MUNICIPAL,
  only,
  published,
  RECORD_ID,
  ref,
  refusal,
  SUBMITTER,
  sha256,
  started,
} from './test/samples.ts';

const STATES = Object.keys(TRANSITIONS) as ServiceEventState[];
const REASON = { text: 'the shop is gone', ref: ref(0x71) };

test('begins at the first stage of its pack, with the chain of its job (T-SP-07 allow)', () => {
  expect(start(JOB, published(MUNICIPAL), BY)).toEqual({
    kind: 'event',
    name: 'service_event_started',
    aggregate: 'service_event',
    data: {},
    after: {
      id: JOB.serviceEventId,
      state: 'STARTED',
      jobId: JOB.id,
      intakeId: JOB.intakeId,
      requestId: JOB.requestId,
      taskId: JOB.taskId,
      operator: 'nypd',
      surface: 'municipal',
      packVersion: 1,
      stage: 'inspection',
      stages: [{ name: 'inspection', enteredAt: JOB.startedAt, enteredBy: BY, leftAt: null }],
      startedBy: BY,
      startedAt: JOB.startedAt,
      completedBy: null,
      completedAt: null,
      abortedBy: null,
      abortedAt: null,
      abortReason: null,
      outcome: null,
      recordId: null,
      selfGoverned: false,
      audience: 'ADMIN',
      governedBy: null,
      submittedBy: SUBMITTER,
    },
  });
});

test('of a task its operator governs it names that operator', () => {
  const job = { ...JOB, audience: 'OPERATOR', selfGoverned: true } as const;
  expect(start(job, published(MUNICIPAL), BY).after).toMatchObject({
    audience: 'OPERATOR',
    governedBy: 'nypd',
    selfGoverned: true,
  });
});

describe('every state accepts what its row of the table says, and nothing else', () => {
  const pack = published(MUNICIPAL);
  const note = (serviceEvent: ServiceEvent) => (serviceEvent.state === 'IN_STAGE' ? atLastStage().evidence : []);
  // Where the state accepts the command, everything else a command needs is given.
  const commands = {
    advance_stage: (from: ServiceEvent) =>
      // At its last stage IN_STAGE is left by completion; of a longer pack it is entered again.
      from.state === 'IN_STAGE'
        ? advanceStage(
            inTransit(),
            { toStage: 'delivered', by: BY, now: at(20) },
            { pack: published(FREIGHT), evidence: [] },
          )
        : advanceStage(from, { toStage: 'resolution', by: BY, now: at(20) }, { pack, evidence: [] }),
    complete: (from: ServiceEvent) => {
      const short = published({ ...MUNICIPAL, stages: [{ name: 'inspection', title: 'Inspection', evidence: [] }] });
      const facts = { pack: from.state === 'STARTED' ? short : pack, evidence: note(from), sha256 };
      return complete(from, { outcome: 'RESOLVED', recordId: RECORD_ID, by: BY, now: at(20) }, facts);
    },
    abort: (from: ServiceEvent) => abort(from, { reason: REASON, by: BY, now: at(20) }),
  } as const;
  // Typed, not read from the table.
  const life = { advance_stage: 'IN_STAGE', complete: 'COMPLETED', abort: 'ABORTED' } as const;
  const isOver = (state: ServiceEventState) => state === 'COMPLETED' || state === 'ABORTED';
  const cells = STATES.flatMap((state) =>
    (Object.keys(commands) as (keyof typeof commands)[]).map(
      (command) => [state, command, isOver(state) ? 'refused' : life[command]] as const,
    ),
  );

  test.each(cells)('%s %s: %s', (state, command, to) => {
    const decision = commands[command](IN_STATE[state]());
    if (to === 'refused') expect(refusal(decision)).toEqual({ code: 'WRONG_STATE' });
    else expect(accepted(decision)[0]?.after.state).toBe(to);
  });

  test('every state is reachable', () => {
    expect(STATES.map((state) => IN_STATE[state]().state)).toEqual(STATES);
  });

  test('open are those that accept a stage', () => {
    expect(STATES.filter((state) => isOpen(IN_STATE[state]()))).toEqual(['STARTED', 'IN_STAGE']);
  });
});

describe('advanceStage', () => {
  const pack = published(FREIGHT);
  const photo = () => [attachedTo(started(FREIGHT), 'PHOTO', 10)];

  test('enters the next stage and leaves the one before, with times and identity', () => {
    const [fact] = accepted(
      advanceStage(started(FREIGHT), { toStage: 'in_transit', by: BY, now: at(12) }, { pack, evidence: photo() }),
    );
    expect(fact).toMatchObject({ name: 'service_event_stage_advanced', aggregate: 'service_event' });
    expect(fact?.data).toEqual({ fromStage: 'pickup', toStage: 'in_transit' });
    expect(fact?.after).toEqual({
      ...started(FREIGHT),
      state: 'IN_STAGE',
      stage: 'in_transit',
      stages: [
        { name: 'pickup', enteredAt: at(9), enteredBy: BY, leftAt: at(12) },
        { name: 'in_transit', enteredAt: at(12), enteredBy: BY, leftAt: null },
      ],
    });
  });

  test.each([
    ['the one after the next', 'delivered'],
    ['the current one', 'pickup'],
    ['none of the pack', 'settlement'],
  ])('never to %s (T-SP-28 deny)', (_, toStage) => {
    const decision = advanceStage(started(FREIGHT), { toStage, by: BY, now: at(12) }, { pack, evidence: photo() });
    expect(refusal(decision)).toEqual({ code: 'NOT_NEXT_STAGE', stage: 'pickup', next: 'in_transit' });
  });

  test('nor back, nor beyond the last (T-SP-28 deny)', () => {
    const { serviceEvent, evidence } = atLastStage(FREIGHT);
    const back = advanceStage(serviceEvent, { toStage: 'in_transit', by: BY, now: at(20) }, { pack, evidence });
    expect(refusal(back)).toEqual({ code: 'NOT_NEXT_STAGE', stage: 'delivered' });
  });

  test('not before what the current stage requires is there (T-SP-14 deny)', () => {
    const decision = advanceStage(
      started(FREIGHT),
      { toStage: 'in_transit', by: BY, now: at(12) },
      { pack, evidence: [] },
    );
    expect(refusal(decision)).toEqual({ code: 'EVIDENCE_MISSING', 'pickup.PHOTO': '0 of 1' });
  });

  test('what a later stage requires does not hold it up', () => {
    const facts = { pack: published(MUNICIPAL), evidence: [] };
    expect(only(advanceStage(started(), { toStage: 'resolution', by: BY, now: at(12) }, facts))).toMatchObject({
      stage: 'resolution',
    });
  });

  test('times never run backwards, even where the clock of the start ran ahead', () => {
    const facts = { pack: published(MUNICIPAL), evidence: [] };
    const after = only<ServiceEvent>(advanceStage(started(), { toStage: 'resolution', by: BY, now: at(8) }, facts));
    expect(after.stages.map(({ enteredAt, leftAt }) => [enteredAt, leftAt])).toEqual([
      [at(9), at(9)],
      [at(9), null],
    ]);
  });
});

describe('abort', () => {
  test('ends it with a reason by reference, without outcome and record', () => {
    const [fact] = accepted(abort(started(), { reason: REASON, by: BY, now: at(20) }));
    expect(fact?.name).toBe('service_event_aborted');
    expect(fact?.after).toEqual({
      ...started(),
      state: 'ABORTED',
      stages: [{ name: 'inspection', enteredAt: at(9), enteredBy: BY, leftAt: at(20) }],
      abortedBy: BY,
      abortedAt: at(20),
      abortReason: REASON.ref,
    });
    expect(JSON.stringify(fact)).not.toContain(REASON.text);
  });

  test.each([
    ['', 'TEXT_MISSING'],
    [' \n', 'TEXT_MISSING'],
    ['a\0b', 'TEXT_NOT_ALLOWED'],
    ['\ud800', 'TEXT_NOT_ALLOWED'],
    ['a'.repeat(4_001), 'LIMIT_EXCEEDED'],
  ])('refuses a reason (case %#)', (text, code) => {
    const decision = abort(started(), { reason: { ...REASON, text }, by: BY, now: at(20) });
    expect(refusal(decision)).toMatchObject({ code, field: 'reason' });
  });
});

test('no sequence of commands skips or reverses a stage, or changes what the execution is of (T-SP-28 allow)', () => {
  const pack = published(FREIGHT);
  const stages = pack.stages.map(({ name }) => name);
  const type = <T extends string>(name: T) => fc.constant(name);
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ type: type('advance'), toStage: fc.constantFrom(...stages, 'record', '') }) },
    {
      weight: 8,
      arbitrary: fc.record({ type: type('attach'), kind: fc.constantFrom('PHOTO', 'SIGNATURE', 'DOCUMENT') }),
    },
    { weight: 4, arbitrary: fc.record({ type: type('complete'), outcome: fc.constantFrom('DELIVERED', 'RESOLVED') }) },
    { weight: 1, arbitrary: fc.record({ type: type('abort') }) },
  );
  const reached = new Set<string>();
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      let serviceEvent = started(FREIGHT);
      const evidence: Parameters<typeof complete>[2]['evidence'][number][] = [];
      for (const [n, command] of steps.entries()) {
        const prior = serviceEvent;
        const by = { by: BY, now: at(10 + n) };
        if (command.type === 'attach') {
          const decision = attach(
            prior,
            { ...allotted(0x200 + 2 * n, item(command.kind)), stage: null, ...by },
            { attached: n },
          );
          if (Array.isArray(decision)) evidence.push(only(decision));
          continue;
        }
        const decision =
          command.type === 'advance'
            ? advanceStage(prior, { ...command, ...by }, { pack, evidence })
            : command.type === 'complete'
              ? complete(prior, { ...command, recordId: RECORD_ID, ...by }, { pack, evidence, sha256 })
              : abort(prior, { reason: REASON, ...by });
        if (!Array.isArray(decision)) continue;
        serviceEvent = decision[0]?.after as ServiceEvent;
        reached.add(serviceEvent.state);
        expect(isOpen(prior)).toBe(true);
        expect(serviceEvent.stages.map(({ name }) => name)).toEqual(stages.slice(0, serviceEvent.stages.length));
        expect(serviceEvent.stages.length - prior.stages.length).toBe(command.type === 'advance' ? 1 : 0);
        expect({ ...serviceEvent, ...LIFE }).toEqual({ ...prior, ...LIFE });
        if (serviceEvent.state === 'COMPLETED') expect(serviceEvent.stage).toBe('delivered');
      }
    }),
    { numRuns: 1_000, seed: 1 },
  );
  expect([...reached].sort()).toEqual(['ABORTED', 'COMPLETED', 'IN_STAGE']);
});

/** What a command may change; everything else is the same for ever. */
const LIFE = {
  ...{ state: null, stage: null, stages: null, outcome: null, recordId: null },
  ...{ completedBy: null, completedAt: null, abortedBy: null, abortedAt: null, abortReason: null },
};

function inTransit(): ServiceEvent {
  const facts = { pack: published(FREIGHT), evidence: [attachedTo(started(FREIGHT), 'PHOTO', 10)] };
  return only(
    advanceStage({ ...started(FREIGHT), id: id(0x25) }, { toStage: 'in_transit', by: BY, now: at(11) }, facts),
  );
}
