import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACTIONS, agreement, type Mutations, offersOf, type Subject } from '../../../test/harness/agreement.ts';
import { AGENT, openTown, PEOPLE, person, registered, type Town } from './town.ts';

const { holder } = PEOPLE;
const machine = person('machine', { kind: 'SERVICE', roles: ['admin_governor'] });
const EVERYBODY: readonly Session[] = [...Object.values(PEOPLE), machine, AGENT];

let town: Town;
beforeAll(async () => {
  town = await openTown();
  await town.feed(registered(machine));
});
afterAll(() => town?.stop());

async function everybody(mutations: Mutations, fresh: () => Promise<Subject>): Promise<readonly string[]> {
  const met = new Set<string>();
  for (const session of EVERYBODY) {
    for (const end of (await agreement(town, session, mutations, fresh)).keys()) met.add(end);
  }
  return [...met].filter((end) => end !== 'NOT_FOUND' && end !== 'FORBIDDEN').sort();
}

const NOTE = { kind: 'NOTE', note: 'Nobody opened the door' };
const IN_EXECUTION: Mutations = {
  'service_event.advance_stage': ['advanceStage', { toStage: 'resolution' }],
  'evidence.attach': ['attachEvidence', NOTE],
  'service_event.complete': ['completeServiceEvent', { outcome: 'RESOLVED' }],
  'service_event.abort': ['abortServiceEvent', { reason: 'No' }],
};
const STEPS: Readonly<Record<string, object>> = {
  advanceStage: { toStage: 'resolution' },
  attachEvidence: NOTE,
  completeServiceEvent: { outcome: 'RESOLVED' },
  abortServiceEvent: { reason: 'Nobody there' },
};
const SERVICE_EVENT = `query ($id: ID!) { serviceEvent(id: $id) { ${ACTIONS} } }`;

async function serviceEventAfter(steps: readonly string[]): Promise<Subject> {
  const { serviceEventId } = await town.begin();
  for (const step of steps) await town.mutate(holder, step, { serviceEventId, ...STEPS[step] });
  return { query: SERVICE_EVENT, variables: { id: serviceEventId }, key: { serviceEventId } };
}

describe('an execution says what its mutations do', () => {
  test.each([
    ['at its first stage', [], ['ACCEPTED', 'NOT_LAST_STAGE']],
    ['at its last stage', ['advanceStage'], ['ACCEPTED', 'EVIDENCE_MISSING', 'NOT_NEXT_STAGE']],
    ['with its evidence', ['advanceStage', 'attachEvidence'], ['ACCEPTED', 'NOT_NEXT_STAGE']],
    ['completed', ['advanceStage', 'attachEvidence', 'completeServiceEvent'], ['WRONG_STATE']],
    ['aborted', ['abortServiceEvent'], ['WRONG_STATE']],
  ])('%s', async (_, steps, ends) => {
    expect(await everybody(IN_EXECUTION, () => serviceEventAfter(steps))).toEqual(ends);
  });

  test('it names the next stage, which a client need not know', async () => {
    const offers = await offersOf(town, holder, await serviceEventAfter([]));
    const [advance] = offers ?? [];
    expect(advance?.input).toContainEqual({ name: 'toStage', value: 'resolution' });
  });
});

describe('a record says what can be done about it', () => {
  test.each([
    ['as it was sealed', 0, ['ACCEPTED']],
    ['once it was corrected', 1, ['RECORD_SUPERSEDED']],
  ])('%s', async (_, corrections, ends) => {
    const correction = { reason: 'The wrong house', evidence: [NOTE] };
    const met = await everybody({ 'record.correct': ['correctRecord', correction] }, async () => {
      const { recordId } = await town.seal();
      for (let made = 0; made < corrections; made++) {
        await town.mutate(holder, 'correctRecord', { recordId, ...correction });
      }
      return {
        query: `query ($id: ID!) { record(id: $id) { ${ACTIONS} } }`,
        variables: { id: recordId },
        key: { recordId },
      };
    });
    expect(met).toEqual(ends);
  });

  test('to whoever sees no more than its state and hash it says nothing', async () => {
    const { recordId } = await town.seal();
    const query = `query ($id: ID!) { record(id: $id) { state ${ACTIONS} } }`;
    const { data, errors } = await town.ask(PEOPLE.requester, query, { id: recordId });
    expect({ data, errors }).toEqual({ data: { record: { state: 'SEALED', actions: null } }, errors: [] });
  });
});
