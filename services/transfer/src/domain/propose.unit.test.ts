import { refuse } from '@qtm/service-kit/domain';
import { describe, expect, test } from 'vitest';
import { type Proposal, type ProposeFacts, propose } from './propose.ts';
import {
  codeOf,
  DOCUMENT,
  documents,
  EXTENDED,
  entryWith,
  factsOf,
  HOLDER,
  NOW,
  OTHER,
  PROPOSAL,
  PROPOSE_FACTS,
  personal,
  policyWith,
  SHA,
  TARGET,
  TRANSFER_ID,
} from './test/samples.ts';

/** One thing that stands in the way of a proposal: what it changes, the refusal it leads to, and what comes just short of it. */
interface Obstacle {
  readonly title: string;
  readonly proposal?: Partial<Proposal>;
  readonly facts?: Partial<ProposeFacts>;
  readonly refusal: ReturnType<typeof refuse>;
  readonly beside: { readonly proposal?: Partial<Proposal>; readonly facts?: Partial<ProposeFacts> };
}

const active = { kind: 'HUMAN', state: 'ACTIVE' };
const toTarget = { identityId: TARGET };
const recovery = { reasonType: 'recovery' } as const;
const flagged = policyWith({ recoveryBySuperAdmin: true });

/** In the order in which they are told where several hold. */
const OBSTACLES: readonly Obstacle[] = [
  {
    title: 'a class nobody governs',
    facts: { policy: undefined },
    refusal: refuse('OBJECT_CLASS_UNKNOWN'),
    beside: { facts: { policy: policyWith({ requiredCredentials: [] }) } },
  },
  {
    title: 'an object the register does not know',
    facts: { entry: undefined },
    refusal: refuse('OBJECT_UNKNOWN'),
    beside: { facts: { entry: entryWith({ setBy: 'import' }) } },
  },
  {
    title: 'an import of a register that is open',
    facts: { openImport: 'import-1' },
    refusal: refuse('IMPORT_OPEN', { importId: 'import-1' }),
    beside: { facts: { entry: entryWith({ setBy: 'import' }), openImport: undefined } },
  },
  {
    title: 'too much evidence at a time',
    proposal: { evidence: documents(21) },
    refusal: refuse('LIMIT_EXCEEDED', { field: 'evidence', limit: '20 at a time' }),
    beside: { proposal: { evidence: documents(20) } },
  },
  {
    title: 'an object its owner does not know',
    facts: { object: undefined },
    refusal: refuse('OBJECT_UNKNOWN'),
    beside: { facts: { object: { state: 'SUSPENDED' } } },
  },
  {
    title: 'an object that is retired',
    facts: { object: { state: 'RETIRED' } },
    refusal: refuse('OBJECT_NOT_TRANSFERABLE', { state: 'RETIRED' }),
    beside: { facts: { object: { state: 'RETIRED' }, endedStates: ['BURNT'] } },
  },
  {
    title: 'another transfer that holds the object',
    facts: { activeTransfer: 'transfer-2' },
    refusal: refuse('TRANSFER_ACTIVE', { transferId: 'transfer-2' }),
    beside: { facts: { activeTransfer: undefined } },
  },
  {
    title: 'a lock of its holder',
    facts: { entry: entryWith({ state: 'LOCKED' }) },
    refusal: refuse('OBJECT_LOCKED'),
    beside: { facts: { entry: entryWith({ state: 'HELD' }), policy: policyWith({ lockable: false }) } },
  },
  {
    title: 'a target that holds it already',
    proposal: { toIdentityId: HOLDER },
    refusal: refuse('ALREADY_HOLDER', { identityId: HOLDER }),
    beside: { proposal: { toIdentityId: HOLDER }, facts: { entry: entryWith({ holderIdentityId: OTHER }) } },
  },
  {
    title: 'a target nobody knows',
    facts: { target: undefined },
    refusal: refuse('IDENTITY_UNKNOWN', toTarget),
    beside: { facts: { target: active } },
  },
  {
    title: 'a machine as target',
    facts: { target: { ...active, kind: 'AGENT' } },
    refusal: refuse('IDENTITY_NOT_HUMAN', toTarget),
    beside: { facts: { target: active } },
  },
  {
    title: 'a target that is suspended',
    facts: { target: { ...active, state: 'SUSPENDED' } },
    refusal: refuse('IDENTITY_NOT_ACTIVE', { ...toTarget, state: 'SUSPENDED' }),
    beside: { facts: { target: active } },
  },
  {
    title: 'a recovery by its holder, where the policy leaves those to super_admins',
    proposal: recovery,
    facts: { policy: flagged },
    refusal: refuse('RECOVERY_BY_SUPER_ADMIN_ONLY'),
    beside: { proposal: recovery, facts: { policy: flagged, bySuperAdmin: true } },
  },
];

const proposing = ({ proposal = {}, facts = {} }: Pick<Obstacle, 'proposal' | 'facts'>) =>
  propose({ ...PROPOSAL, ...proposal }, { ...PROPOSE_FACTS, ...facts });

describe('what stands in the way of a proposal', () => {
  test.each(OBSTACLES)('$title', (obstacle) => {
    expect(proposing(obstacle)).toEqual(obstacle.refusal);
  });

  test.each(OBSTACLES)('what comes just short of $title does not', ({ beside }) => {
    expect(codeOf(proposing(beside))).toBeUndefined();
  });

  test('a recovery alone takes a super_admin, and only where the policy says so', () => {
    expect(codeOf(proposing({ facts: { policy: flagged } }))).toBeUndefined();
    expect(codeOf(proposing({ proposal: recovery }))).toBeUndefined();
    expect(codeOf(proposing({ proposal: { reasonType: null }, facts: { policy: flagged } }))).toBeUndefined();
  });

  const pairs = OBSTACLES.flatMap((first, index) => OBSTACLES.slice(index + 1).map((second) => ({ first, second })));
  const changed = ({ proposal, facts }: Obstacle) => Object.keys({ ...proposal, ...facts });
  // Two that change the same thing cannot both hold.
  const together = pairs.filter(({ first, second }) => !changed(first).some((key) => changed(second).includes(key)));
  test.each(together)('$first.title is told before $second.title', ({ first, second }) => {
    const proposal = { ...second.proposal, ...first.proposal };
    expect(proposing({ proposal, facts: { ...second.facts, ...first.facts } })).toEqual(first.refusal);
  });
});

describe('a proposal', () => {
  const GIVEN = [DOCUMENT, { kind: 'REFERENCE', sha256: SHA.credential, storageRef: 'deed 4711' }];
  const made = (kind: string, sha256: string) => {
    return { source: 'SYSTEM', kind, sha256, mediaType: null, storageRef: null, addedBy: OTHER, addedAt: NOW };
  };
  const given = { source: 'PARTY', mediaType: null, storageRef: null, addedBy: OTHER, addedAt: NOW };
  const transfer = {
    id: TRANSFER_ID,
    state: 'proposed',
    objectClass: 'operator',
    objectId: 'nypd',
    fromIdentityId: HOLDER,
    toIdentityId: TARGET,
    fromRegisterVersion: 4,
    toRegisterVersion: null,
    reasonType: 'sale',
    reason: personal('sold'),
    proposedBy: OTHER,
    proposedAt: NOW,
    acceptedBy: null,
    acceptedAt: null,
    endedBy: null,
    endedAt: null,
    endReason: null,
    terms: {
      policyVersion: 3,
      distinctActors: 'strict',
      waiverAllowed: true,
      reviewRequired: false,
      requiredCredentials: ['bonded'],
      voidable: true,
      proposedUntil: '2026-01-10T10:00:00.123456Z',
      acceptedUntil: '2026-01-15T10:00:00.123456Z',
      coolOffS: 0,
    },
    waivedBy: null,
    evidence: [
      made('REGISTER_ENTRY', SHA.entry),
      made('SESSION', SHA.session),
      { ...given, kind: 'DOCUMENT', sha256: SHA.given },
      { ...given, kind: 'REFERENCE', sha256: SHA.credential, storageRef: 'deed 4711' },
    ],
    importedFrom: null,
  };

  test('is all that was said, under the terms of its moment, with the evidence of the system before that of parties', () => {
    const data = {
      priorHolderIdentityId: HOLDER,
      evidenceSha256: [SHA.entry, SHA.session, SHA.given, SHA.credential],
    };
    expect(propose({ ...PROPOSAL, by: OTHER, evidence: GIVEN }, PROPOSE_FACTS)).toEqual([
      { kind: 'event', name: 'transfer_proposed', aggregate: 'transfer', after: transfer, data },
    ]);
  });

  test('T-TR-05 allow: it is from whoever the register names, whoever proposes it', () => {
    for (const holderIdentityId of [HOLDER, OTHER]) {
      const facts = { ...PROPOSE_FACTS, entry: entryWith({ holderIdentityId, registerVersion: 7 }) };
      for (const by of [HOLDER, OTHER, TARGET]) {
        const [fact] = factsOf(propose({ ...PROPOSAL, by }, facts));
        expect(fact).toMatchObject({
          after: { fromIdentityId: holderIdentityId, fromRegisterVersion: 7, proposedBy: by },
        });
      }
    }
  });

  test('T-TR-05 deny: a from-party that somebody slips in is not heard', () => {
    const forged = { ...PROPOSAL, fromIdentityId: OTHER, fromRegisterVersion: 9 };
    expect(propose(forged, PROPOSE_FACTS)).toEqual(propose(PROPOSAL, PROPOSE_FACTS));
  });

  test('T-TR-35 allow: of another class it is the same but for the class', () => {
    const entry = entryWith({ id: 'asset:barge-7', objectClass: 'asset', objectId: 'barge-7' });
    const policy = { ...policyWith(EXTENDED), id: 'asset' };
    const [ofOperator] = factsOf(propose(PROPOSAL, PROPOSE_FACTS));
    const [ofAsset] = factsOf(propose(PROPOSAL, { ...PROPOSE_FACTS, entry, policy }));
    expect(ofAsset?.after).toEqual({ ...ofOperator?.after, objectClass: 'asset', objectId: 'barge-7' });
  });
});
