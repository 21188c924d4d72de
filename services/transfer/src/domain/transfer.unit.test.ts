import { refuse } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import { propose } from './propose.ts';
import {
  codeOf,
  DOCTRINE_ALONE,
  EXTENDED,
  entryWith,
  HOLDER,
  OTHER,
  PROPOSAL,
  PROPOSE_FACTS,
  SUPER_ADMIN,
  TARGET,
  TRANSFER_ID,
  transferIn,
} from './test/samples.ts';
import { ATTEMPTS, STEPS, type Step } from './test/steps.ts';
import {
  ACTIVE,
  DOCTRINE,
  isDistinct,
  mayWaive,
  nextState,
  objectFault,
  partyFault,
  stillHolds,
  TRANSITIONS,
  type Transfer,
  type TransferCommand,
  type TransferState,
} from './transfer.ts';

const STATES = [
  'proposed',
  'accepted',
  'completed',
  'rejected',
  'canceled',
  'expired',
  'voided',
] as const satisfies readonly TransferState[];
type Cells = Partial<Record<TransferState, TransferState>>;

/** The five pairs of the doctrine (S2:31-43), typed from it: the fact of each command, and where it leads to from where. */
const SEED = {
  accept: ['transfer_accepted', { proposed: 'accepted' }],
  complete: ['transfer_completed', { accepted: 'completed' }],
  reject: ['transfer_rejected', { proposed: 'rejected' }],
  cancel: ['transfer_canceled', { proposed: 'canceled' }],
} as const satisfies Record<string, readonly [string, Cells]>;

/** Evidence is put before those who decide for as long as somebody has to; it is no step of the lifecycle. */
const EVIDENCE: readonly [string, Cells] = ['transfer_evidence_added', { proposed: 'proposed', accepted: 'accepted' }];

/** What the two extensions add (C-07), each by its own switch. */
const SETTINGS = [
  { title: 'both extensions on', policy: EXTENDED, expire: { proposed: 'expired', accepted: 'expired' }, voided: true },
  { title: 'both extensions off', policy: DOCTRINE_ALONE, expire: {}, voided: false },
  {
    title: 'as the release brings it: proposals expire, what was accepted does not',
    policy: { ...EXTENDED, acceptedExpiresS: null },
    expire: { proposed: 'expired' },
    voided: true,
  },
  {
    title: 'the other way round',
    policy: { ...DOCTRINE_ALONE, acceptedExpiresS: 432_000 },
    expire: { accepted: 'expired' },
    voided: false,
  },
] as const;

describe.each(SETTINGS)('$title', ({ policy, expire, voided }) => {
  const cells: Readonly<Record<Step, readonly [string, Cells]>> = {
    ...SEED,
    add_evidence: EVIDENCE,
    expire: ['transfer_expired', expire],
    void: ['transfer_voided', voided ? { accepted: 'voided' } : {}],
  };

  const tried = STATES.flatMap((state) => STEPS.map((command) => ({ state, command, to: cells[command][1][state] })));

  test.each(tried.filter(({ to }) => to !== undefined))('T-TR-01 allow: $command of one that is $state', (cell) => {
    const before = transferIn(cell.state, policy);
    const [name] = cells[cell.command];
    expect(ATTEMPTS[cell.command](before, entryWith())).toMatchObject({
      0: { name, aggregate: 'transfer', after: { state: cell.to } },
    });
    expect(nextState(before, cell.command)).toBe(cell.to);
  });

  test.each(tried.filter(({ to }) => to === undefined))('T-TR-01 deny: $command of one that is $state', (cell) => {
    const before = transferIn(cell.state, policy);
    const kept = structuredClone(before);
    expect(ATTEMPTS[cell.command](before, entryWith())).toEqual(refuse('WRONG_STATE'));
    expect(nextState(before, cell.command)).toBeUndefined();
    expect(before).toEqual(kept);
  });

  test.each(STATES)('T-TR-01 deny: one that is %s is not proposed again', (state) => {
    expect(nextState(transferIn(state, policy), 'propose')).toBeUndefined();
  });
});

describe('the lifecycle', () => {
  test('T-TR-01 allow: the doctrine has exactly these pairs', () => {
    expect(DOCTRINE).toEqual({
      NONE: { propose: 'proposed' },
      proposed: { accept: 'accepted', reject: 'rejected', cancel: 'canceled' },
      accepted: { complete: 'completed' },
      completed: {},
      rejected: {},
      canceled: {},
    });
  });

  test('T-TR-01 allow: what came after it adds an end each, and takes nothing away', () => {
    expect(TRANSITIONS).toEqual({
      ...DOCTRINE,
      proposed: { ...DOCTRINE.proposed, expire: 'expired', add_evidence: 'proposed' },
      accepted: { ...DOCTRINE.accepted, expire: 'expired', void: 'voided', add_evidence: 'accepted' },
      expired: {},
      voided: {},
    });
  });

  test('T-TR-01 allow: every state is reached from a proposal', () => {
    const reached = new Set<TransferState>([TRANSITIONS.NONE.propose]);
    for (const state of reached) for (const to of Object.values(TRANSITIONS[state])) reached.add(to);
    expect([...reached].sort()).toEqual([...STATES].sort());
  });

  test('T-TR-01 deny: no path leads to completed but through accepted, and none out of an end', () => {
    const to = (state: TransferState) => Object.values<TransferState>(TRANSITIONS[state]);
    expect(STATES.filter((state) => to(state).includes('completed'))).toEqual(['accepted']);
    expect(STATES.filter((state) => to(state).length === 0)).toEqual([
      'completed',
      'rejected',
      'canceled',
      'expired',
      'voided',
    ]);
  });
});

describe('the object it holds', () => {
  const proposing = (state: TransferState | undefined) => {
    const isActive = ACTIVE.some((active) => active === state);
    return codeOf(propose(PROPOSAL, { ...PROPOSE_FACTS, activeTransfer: isActive ? TRANSFER_ID : undefined }));
  };

  test.each(['proposed', 'accepted'] as const)('T-TR-12 deny: not proposed while a transfer of it is %s', (state) => {
    expect(proposing(state)).toBe('TRANSFER_ACTIVE');
  });

  test.each([undefined, ...STATES.slice(2)])('T-TR-12 allow: proposed after one that is %s', (state) => {
    expect(proposing(state)).toBeUndefined();
  });
});

describe('distinct identities', () => {
  const IDENTITIES = [HOLDER, TARGET, SUPER_ADMIN, OTHER];
  const by = (proposedBy: string, acceptedBy: string | null, terms: Partial<Transfer['terms']>): Transfer => {
    const transfer = transferIn(acceptedBy === null ? 'proposed' : 'accepted');
    return { ...transfer, proposedBy, acceptedBy, terms: { ...transfer.terms, ...terms } };
  };
  /** Everybody who could have proposed, accepted (or not yet) and act now. */
  const cases = IDENTITIES.flatMap((proposer) =>
    [null, ...IDENTITIES].flatMap((acceptor) =>
      IDENTITIES.map(
        (actor) => ({ proposer, acceptor, actor, command: acceptor === null ? 'accept' : 'complete' }) as const,
      ),
    ),
  );
  const took = ({ proposer, acceptor, actor }: (typeof cases)[number]) => actor === proposer || actor === acceptor;
  const strict = { distinctActors: 'strict' } as const;

  test.each(cases.filter((one) => !took(one)))(
    'T-TR-09 allow: $actor may $command, of $proposer and $acceptor',
    (one) => {
      expect(isDistinct(by(one.proposer, one.acceptor, strict), one.command, one.actor)).toBe(true);
    },
  );

  test.each(cases.filter(took))('T-TR-09 deny: $actor may not $command, of $proposer and $acceptor', (one) => {
    expect(isDistinct(by(one.proposer, one.acceptor, strict), one.command, one.actor)).toBe(false);
  });

  test.each(cases)('T-TR-09 allow: under literal terms $actor may $command, of $proposer and $acceptor', (one) => {
    expect(isDistinct(by(one.proposer, one.acceptor, { distinctActors: 'literal' }), one.command, one.actor)).toBe(
      true,
    );
  });

  test.each(cases)('T-TR-09 deny: who set literal terms does not complete under them, for $actor', (one) => {
    const literal = by(one.proposer, one.acceptor, { distinctActors: 'literal' });
    for (const setter of IDENTITIES) {
      const may = one.command === 'accept' || setter !== one.actor;
      expect(isDistinct(literal, one.command, one.actor, { termsSetBy: setter })).toBe(may);
      const strictly = isDistinct(by(one.proposer, one.acceptor, strict), one.command, one.actor, {
        termsSetBy: setter,
      });
      expect(strictly, 'who set strict terms is bound by them as anybody').toBe(!took(one));
    }
  });

  test.each(cases)(
    'T-TR-09 deny: who imported it took every part, whatever terms the file gives, for $actor',
    (one) => {
      for (const distinctActors of ['strict', 'literal'] as const) {
        for (const importedBy of IDENTITIES) {
          const imported = by(one.proposer, one.acceptor, { distinctActors });
          const may = !took(one) && importedBy !== one.actor;
          expect(isDistinct(imported, one.command, one.actor, { importedBy })).toBe(may);
        }
      }
    },
  );

  test.each([
    ['accept', STATES.filter((state) => state !== 'proposed')],
    ['complete', STATES.filter((state) => state !== 'accepted')],
  ] as const)('T-TR-09 allow: of a state that does not %s nothing is asked', (command, states) => {
    for (const state of states) expect(isDistinct(transferIn(state), command, HOLDER)).toBe(true);
  });

  const alone = [[], [SUPER_ADMIN], [SUPER_ADMIN, SUPER_ADMIN]];
  const others = [[OTHER], [SUPER_ADMIN, OTHER], [OTHER, SUPER_ADMIN], [HOLDER, TARGET, OTHER]];
  const waived = (known: readonly string[], terms: Partial<Transfer['terms']>) =>
    mayWaive(by(SUPER_ADMIN, TARGET, terms), known, SUPER_ADMIN);

  test.each(alone.map((known) => ({ known })))(
    'T-TR-09 allow: waived where nobody else is known to be one: $known',
    ({ known }) => {
      for (const distinctActors of ['strict', 'literal'] as const) {
        expect(waived(known, { distinctActors, waiverAllowed: true })).toBe(true);
      }
    },
  );

  test.each(others.map((known) => ({ known })))(
    'T-TR-09 deny: not waived where somebody else is one: $known',
    ({ known }) => {
      for (const distinctActors of ['strict', 'literal'] as const) {
        expect(waived(known, { distinctActors, waiverAllowed: true })).toBe(false);
      }
    },
  );

  test.each([...alone, ...others].map((known) => ({ known })))(
    'T-TR-09 deny: not waived where the terms do not allow it: $known',
    ({ known }) => {
      for (const distinctActors of ['strict', 'literal'] as const) {
        expect(waived(known, { distinctActors, waiverAllowed: false })).toBe(false);
      }
    },
  );
});

describe('what must still hold at the completion', () => {
  const accepted = transferIn('accepted');
  const entry = entryWith();

  test('T-TR-05 allow: the from-party, at the version of the proposal', () => {
    expect(stillHolds(accepted, entry)).toBe(true);
  });

  test.each([
    ['somebody else', { ...entry, holderIdentityId: OTHER }],
    ['its target', { ...entry, holderIdentityId: TARGET }],
    ['the same identity, at a later version', { ...entry, registerVersion: 5 }],
    ['the same identity, at an earlier version', { ...entry, registerVersion: 3 }],
    ['nobody', undefined],
  ])('T-TR-05 deny: held by %s', (_, held) => {
    expect(stillHolds(accepted, held)).toBe(false);
  });

  test.each(STATES.filter((state) => state !== 'accepted'))('of one that is %s nothing is asked', (state) => {
    expect(stillHolds(transferIn(state), undefined)).toBe(true);
  });
});

describe('whom and what it is about', () => {
  test.each([
    ['nobody knows', undefined, refuse('IDENTITY_UNKNOWN', { identityId: TARGET })],
    ['is a service', { kind: 'SERVICE', state: 'ACTIVE' }, refuse('IDENTITY_NOT_HUMAN', { identityId: TARGET })],
    [
      'is an agent that is suspended',
      { kind: 'AGENT', state: 'SUSPENDED' },
      refuse('IDENTITY_NOT_HUMAN', { identityId: TARGET }),
    ],
    [
      'is suspended',
      { kind: 'HUMAN', state: 'SUSPENDED' },
      refuse('IDENTITY_NOT_ACTIVE', { identityId: TARGET, state: 'SUSPENDED' }),
    ],
    ['is an active human', { kind: 'HUMAN', state: 'ACTIVE' }, undefined],
  ])('an identity that %s', (_, party, fault) => {
    expect(partyFault(TARGET, party)).toEqual(fault);
  });

  test.each([
    ['nobody knows', undefined, refuse('OBJECT_UNKNOWN')],
    ['is retired', { state: 'RETIRED' }, refuse('OBJECT_NOT_TRANSFERABLE', { state: 'RETIRED' })],
    ['is suspended', { state: 'SUSPENDED' }, undefined],
    ['is still being onboarded', { state: 'ONBOARDING' }, undefined],
    ['is active', { state: 'ACTIVE' }, undefined],
  ])('an object that %s', (_, object, fault) => {
    expect(objectFault(object, ['RETIRED'])).toEqual(fault);
  });
});

test('every command of the tables is tried here', () => {
  const commands = Object.values(TRANSITIONS).flatMap((row) => Object.keys(row)) as TransferCommand[];
  expect([...new Set(commands)].sort()).toEqual(['propose', ...STEPS].sort());
});
