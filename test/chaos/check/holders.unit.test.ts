import { describe, expect, test } from 'vitest';
import type { Act } from '../load/acts.ts';
import type { TopicEvent } from './facts.ts';
import { holdersAct } from './holders.ts';
import { actOf } from './planted/sound.ts';
import { operatorOf, TOLD } from './planted/transferred.ts';

/** Somebody says as the holder that the operator is ready. */
function ready(actorId: string, entryVersion: number, change: Partial<TopicEvent> = {}): TopicEvent {
  return operatorOf({
    holder: 'bob',
    at: 3,
    name: 'operator_readiness_set',
    clause: 'holder',
    trace: 'ready',
    actorId,
    basis: ['operator/identity/x@1.1', `transfer/register_entry/operator:crew@1.${entryVersion}`],
    ...change,
  });
}
const knowing = (sawRegister: number): Act => actOf({ trace: 'ready', sawRegister });
const findingsOf = (fact: TopicEvent, acts: readonly Act[] = []) => holdersAct(acts, [...TOLD, fact]).findings;

test('each holder in its time', () => {
  expect(holdersAct([knowing(2)], [...TOLD, ready('bob', 2)])).toMatchObject({ checked: 1, findings: [] });
  expect(findingsOf(ready('ann', 1))).toEqual([]);
});

test('where nothing was heard of the register yet, the onboarding says it; what another clause allows is no matter', () => {
  expect(findingsOf(ready('ann', 1, { basis: [] }))).toEqual([]);
  expect(findingsOf(ready('dora', 1, { clause: 'role:admin_governor' }))).toEqual([]);
});

describe('finds', () => {
  test.each<[string, TopicEvent, readonly Act[], string]>([
    ['the old holder', ready('ann', 2), [], 'by ann, bob held operator:crew at 2'],
    ['the new one before its time', ready('bob', 1), [], 'by bob, ann held operator:crew at 1'],
    ['one who knew that it had gone', ready('ann', 1), [knowing(2)], 'rests on operator:crew at 1, its actor knew 2'],
    ['one judged by nothing at all', ready('ann', 1, { basis: [] }), [knowing(2)], 'in no version that there is'],
    ['one judged by a version that never was', ready('bob', 7), [], 'in no version that there is'],
  ])('%s', (_, fact, acts, finding) => {
    const findings = findingsOf(fact, acts);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toContain(finding);
  });
});
