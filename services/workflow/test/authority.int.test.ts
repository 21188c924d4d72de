import type { Session } from '@qtm/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foreignFact } from '../../../test/harness/foreign-facts.ts';
import { AGENT, crewSuspended, openTown, PEOPLE, person, type Town } from './town.ts';

const { holder, executor } = PEOPLE;

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(() => town?.stop());

const NOTE = { kind: 'NOTE', note: 'Seen' };
/** Every command of this service, on an open execution or on a sealed record. */
const COMMANDS = [
  ['attachEvidence', NOTE],
  ['advanceStage', { toStage: 'resolution' }],
  ['completeServiceEvent', { outcome: 'RESOLVED' }],
  ['abortServiceEvent', { reason: 'No' }],
] as const;

const codeOf = ({ data, errors }: Awaited<ReturnType<Town['attempt']>>, field: string) =>
  errors[0]?.extensions?.code ?? data[field].refusal?.code ?? 'ACCEPTED';

async function codesOf(session: Session, options = {}): Promise<readonly unknown[]> {
  const { jobId } = await town.begin(options);
  const { recordId } = await town.seal(options);
  const codes: unknown[] = [];
  for (const [field, input] of COMMANDS)
    codes.push(codeOf(await town.attempt(session, field, { jobId, ...input }), field));
  const correction = { recordId, reason: 'Because', evidence: [NOTE] };
  return [...codes, codeOf(await town.attempt(session, 'correctRecord', correction), 'correctRecord')];
}

const all = (code: string) => Array.from({ length: COMMANDS.length + 1 }, () => code);

describe('execution is the operator’s', () => {
  test('its holder and its EXECUTE delegates may do all of it', async () => {
    const { recordId } = await town.seal();
    for (const session of [holder, executor]) {
      const { jobId } = await town.begin();
      await town.mutate(session, 'advanceStage', { jobId, toStage: 'resolution' });
      await town.mutate(session, 'attachEvidence', { jobId, ...NOTE });
      await town.mutate(session, 'completeServiceEvent', { jobId, outcome: 'RESOLVED' });
      const other = await town.begin();
      await town.mutate(session, 'abortServiceEvent', { jobId: other.jobId, reason: 'Nobody there' });
    }
    await town.mutate(executor, 'correctRecord', { recordId, reason: 'Because', evidence: [NOTE] });
  });

  test.each(['member', 'operatorGovernor', 'networkGovernor', 'grantedGovernor', 'auditor', 'requester'] as const)(
    'seeing it is not enough: %s (T-SP-20 deny)',
    async (name) => {
      expect(await codesOf(PEOPLE[name])).toEqual(all('FORBIDDEN'));
    },
  );

  test.each(['rival', 'stranger'] as const)('to %s it does not even exist', async (name) => {
    expect(await codesOf(PEOPLE[name])).toEqual(all('NOT_FOUND'));
  });

  test('no role and no surface stands in for it: every role at once, and the operator of another job', async () => {
    const mighty = person('mighty', {
      roles: [
        'requester',
        'operator',
        'operator_governor',
        'admin_governor',
        'super_admin',
        'auditor',
        'finance',
        'executive',
      ],
    });
    await town.feed(foreignFact('operator', 'identity_registered', { id: mighty.identityId }));
    expect(await codesOf(mighty)).toEqual(all('FORBIDDEN'));
    expect(await codesOf(holder, { heldBy: 'rivals' })).toEqual(all('NOT_FOUND'));
  });
});

describe('a human’s', () => {
  test('an agent in the holder’s own session may nothing, and is told nothing (T-AG-03 deny)', async () => {
    expect(await codesOf(AGENT)).toEqual(all('FORBIDDEN'));
    const { serviceEventId } = await town.begin();
    const { data } = await town.ask(
      AGENT,
      'query ($id: ID!) { serviceEvent(id: $id) { id } serviceEvents { totalCount } packs { totalCount } }',
      { id: serviceEventId },
    );
    expect(data).toEqual({ serviceEvent: null, serviceEvents: { totalCount: 0 }, packs: { totalCount: 0 } });
  });

  test('a service in the holder’s place may nothing', async () => {
    expect(await codesOf({ ...holder, kind: 'SERVICE' })).toEqual(all('FORBIDDEN'));
  });
});

test('every denied attempt is a fact: who, what, which clause', async () => {
  const { serviceEventId } = await town.begin();
  await town.attempt(PEOPLE.member, 'abortServiceEvent', { serviceEventId, reason: 'Please' });
  const [row] = await town.rows("select published from attempt where published ->> 'subject_id' = $1", [
    serviceEventId,
  ]);
  expect(row?.published).toMatchObject({
    transition: 'service_event.abort',
    subject_type: 'service_event',
    clause: 'anyOf',
  });
  expect(JSON.stringify(row?.published)).not.toContain('Please');
});

describe('what is no longer so', () => {
  test('a suspended identity acts no more', async () => {
    const { jobId } = await town.begin();
    await town.feed(
      foreignFact('operator', 'identity_suspended', { id: executor.identityId }, { aggregate_version: 2 }),
    );
    expect(codeOf(await town.attempt(executor, 'attachEvidence', { jobId, ...NOTE }), 'attachEvidence')).toBe(
      'NOT_FOUND',
    );
  });

  test('a suspended operator’s people neither act nor see: not even its holder aborts', async () => {
    const { jobId } = await town.begin();
    await town.feed(crewSuspended());
    expect(codeOf(await town.attempt(holder, 'abortServiceEvent', { jobId, reason: 'Off' }), 'abortServiceEvent')).toBe(
      'NOT_FOUND',
    );
    const { data } = await town.ask(holder, '{ serviceEvents { totalCount } records { totalCount } }');
    expect(data).toEqual({ serviceEvents: { totalCount: 0 }, records: { totalCount: 0 } });
  });
});
