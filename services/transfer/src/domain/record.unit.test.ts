import { type DomainEvent, isRefusal, type Refusal, refuse } from '@qtm/service-kit/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RegisterEntry } from './register-entry.ts';
import { entryWith, factsOf, HOLDER, OTHER, SHA, TARGET, TRANSFER_ID, transferIn } from './test/samples.ts';
import { ATTEMPTS, run, STEPS, type Step } from './test/steps.ts';
import type { Transfer, TransferState } from './transfer.ts';

/** Every way a transfer can go, and what each step of it leaves: the fact, and who made it when, as the state after it tells. */
const PATHS: Readonly<Record<string, { readonly steps: readonly Step[]; readonly facts: readonly string[] }>> = {
  completed: {
    steps: ['add_evidence', 'accept', 'add_evidence', 'complete'],
    facts: ['evidence_added', 'accepted', 'evidence_added', 'completed'],
  },
  rejected: { steps: ['reject'], facts: ['rejected'] },
  canceled: { steps: ['add_evidence', 'cancel'], facts: ['evidence_added', 'canceled'] },
  'expired while proposed': { steps: ['expire'], facts: ['expired'] },
  'expired while accepted': { steps: ['accept', 'expire'], facts: ['accepted', 'expired'] },
  voided: { steps: ['accept', 'void'], facts: ['accepted', 'voided'] },
};

const ofTransfers = (decisions: ReturnType<typeof run>['decisions']) =>
  decisions.flatMap((decision) => factsOf(decision)).filter(({ aggregate }) => aggregate === 'transfer');

describe.each(Object.entries(PATHS))('a transfer that is %s', (_, { steps, facts }) => {
  const { decisions } = run(steps);
  const names = ofTransfers(decisions).map(({ name }) => name);

  test('T-TR-10 allow: so many transitions are so many facts, each its own', () => {
    expect(names).toEqual(['transfer_proposed', ...facts.map((name) => `transfer_${name}`)]);
    for (const decision of decisions) expect(ofTransfers([decision])).toHaveLength(1);
  });

  test('T-TR-20 allow: each of them names who held the object before, and the hashes of all evidence as it stood', () => {
    const stood: string[] = [];
    for (const { after, data } of ofTransfers(decisions)) {
      const { evidence } = after as Transfer;
      const hashes = evidence.map(({ sha256 }) => sha256);
      expect(data).toEqual({ priorHolderIdentityId: HOLDER, evidenceSha256: hashes });
      expect(hashes.slice(0, stood.length)).toEqual(stood);
      stood.splice(0, stood.length, ...hashes);
    }
    expect(stood.slice(0, 2)).toEqual([SHA.entry, SHA.session]);
  });
});

test('T-TR-10 allow: each transition that somebody makes adds its session to the evidence; those of the clock have none', () => {
  const sessions = (steps: readonly Step[]) =>
    ofTransfers(run(steps).decisions).map(
      ({ after }) => (after as Transfer).evidence.filter(({ kind }) => kind === 'SESSION').length,
    );
  expect(sessions(['accept', 'complete'])).toEqual([1, 2, 3]);
  expect(sessions(['accept', 'void'])).toEqual([1, 2, 3]);
  expect(sessions(['reject'])).toEqual([1, 2]);
  expect(sessions(['cancel'])).toEqual([1, 2]);
  expect(sessions(['accept', 'expire'])).toEqual([1, 2, 2]);
});

test('T-TR-10 deny: what is refused leaves no fact', () => {
  const { decisions } = run(['complete', 'void', 'accept', 'accept', 'reject', 'cancel']);
  expect(decisions.map((decision) => !isRefusal<DomainEvent, Refusal>(decision))).toEqual([
    true,
    false,
    false,
    true,
    false,
    false,
    false,
  ]);
});

test('T-TR-20 allow: the holder that a fact names is who the register names, not what the transfer remembers', () => {
  const entry = entryWith({ holderIdentityId: OTHER });
  for (const step of STEPS) {
    const state = ['complete', 'void'].includes(step) ? 'accepted' : 'proposed';
    const [fact] = factsOf(ATTEMPTS[step](transferIn(state), entry));
    expect(fact?.data).toMatchObject({ priorHolderIdentityId: OTHER });
  }
});

describe('a completed transfer', () => {
  const { transfer, entry } = run(['accept', 'complete']);
  const completed = transfer as Transfer;
  const bytes = JSON.stringify(completed);

  test.each(STEPS)('T-TR-18 deny: no %s changes it', (step) => {
    expect(ATTEMPTS[step](completed, entry)).toEqual(refuse('WRONG_STATE'));
    expect(JSON.stringify(completed)).toBe(bytes);
  });

  test('T-TR-18 deny: nor does any number of them, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...STEPS), { maxLength: 12 }), (steps) => {
        const after = run(['accept', 'complete', ...steps]);
        expect(JSON.stringify(after.transfer)).toBe(bytes);
        expect(after.entry).toEqual(entry);
      }),
    );
  });

  test('T-TR-18 allow: a correction is another transfer, from who holds it now, and leaves it as it is', () => {
    const back = run(
      ['accept', 'complete'],
      { id: 'transfer-2', toIdentityId: HOLDER, by: TARGET, reasonType: 'dispute_resolution' },
      { entry },
    );
    expect(back.transfer).toMatchObject({
      id: 'transfer-2',
      state: 'completed',
      fromIdentityId: TARGET,
      toIdentityId: HOLDER,
      fromRegisterVersion: 5,
      toRegisterVersion: 6,
    });
    expect(back.entry).toMatchObject({ holderIdentityId: HOLDER, registerVersion: 6, setById: 'transfer-2' });
    expect(JSON.stringify(completed)).toBe(bytes);
    expect(completed).toMatchObject({ id: TRANSFER_ID, fromIdentityId: HOLDER, toIdentityId: TARGET });
  });
});

test('T-TR-19 deny: no step but the completion touches the register', () => {
  const states: readonly TransferState[] = ['proposed', 'accepted'];
  for (const step of STEPS) {
    for (const state of states) {
      const decision = ATTEMPTS[step](transferIn(state), entryWith());
      if (isRefusal<DomainEvent, Refusal>(decision)) continue;
      const touched = decision.filter(({ aggregate }) => aggregate === 'register_entry').map(({ after }) => after);
      expect(touched.map((after) => (after as RegisterEntry).holderIdentityId)).toEqual(
        step === 'complete' ? [TARGET] : [],
      );
    }
  }
});
