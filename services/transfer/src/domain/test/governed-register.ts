import { type Decision, type DomainEvent, isRefusal, type Refusal } from '@qtm/service-kit/domain';
import type { CompletedTransfer } from '../fold.ts';
import * as moves from '../move.ts';
import { propose } from '../propose.ts';
import { lock, type RegisterEntry, seed, unlock } from '../register-entry.ts';
import { canAnswerAll } from '../seven-answers.ts';
import { ACTIVE, isDistinct, mayWaive, stillHolds, type Transfer } from '../transfer.ts';
import { type Act, HOLDERS, OBJECTS, type Outcome, type Setting, type View } from './acts.ts';
import {
  COMPLETION_FACTS,
  DOCUMENT,
  frozen,
  microsAfter,
  NOW,
  PROPOSAL,
  PROPOSE_FACTS,
  personal,
  policyWith,
  SHA,
} from './samples.ts';

const OUTCOME_OF: Readonly<Record<string, Outcome>> = {
  WRONG_STATE: 'wrong state',
  DEADLINE_PASSED: 'too late',
  DEADLINE_NOT_PASSED: 'too early',
  COOLING_OFF: 'too early',
  TRANSFER_ACTIVE: 'object taken',
  OBJECT_LOCKED: 'object locked',
  OBJECT_NOT_TRANSFERABLE: 'object ended',
  LOCKS_NOT_ALLOWED: 'no locks here',
  ALREADY_HOLDER: 'holds it already',
  IDENTITY_NOT_ACTIVE: 'not to this identity',
};
type AnyDecision = Decision<DomainEvent, Refusal>;

/** The rules with nothing around them but what a service would look up: the relations of the matrix, its conditions and the facts. */
export class GovernedRegister {
  nowS = 0;
  readonly inactive = new Set<string>();
  readonly ended = new Set<string>();
  readonly beginnings: ReadonlyMap<string, RegisterEntry>;
  readonly entries: Map<string, RegisterEntry>;
  readonly transfers = new Map<string, Transfer>();
  readonly facts: DomainEvent[] = [];
  readonly #setting: Setting;

  constructor(setting: Setting) {
    this.#setting = setting;
    const seeded = OBJECTS.map((objectId) => {
      const holderIdentityId = HOLDERS[objectId] as string;
      return seed({
        objectClass: 'operator',
        objectId,
        holderIdentityId,
        eventId: `onboarding-${objectId}`,
        since: NOW,
      });
    });
    this.beginnings = new Map(seeded.map(({ after }) => [after.objectId, frozen(after)]));
    this.entries = new Map(this.beginnings);
  }

  attempt(act: Act): Outcome {
    if (!this.#isAllowed(act)) return 'not theirs to do';
    const decision = this.#decide(act);
    if (isRefusal<DomainEvent, Refusal>(decision)) {
      const outcome = OUTCOME_OF[decision.code];
      if (outcome === undefined) throw new Error(`${act.type} was refused: ${decision.code}`);
      return outcome;
    }
    for (const fact of frozen(decision)) {
      this.facts.push(fact);
      if (fact.aggregate === 'transfer') this.transfers.set(fact.after.id, fact.after as Transfer);
      else this.entries.set((fact.after as RegisterEntry).objectId, fact.after as RegisterEntry);
    }
    return 'accepted';
  }

  view(): View {
    const objects = [...this.entries.values()].map(({ objectId, holderIdentityId, registerVersion, state }) => [
      objectId,
      { holder: holderIdentityId, version: registerVersion, locked: state === 'LOCKED' },
    ]);
    const transfers = [...this.transfers.values()].map((one) => ({
      object: one.objectId,
      state: one.state,
      from: one.fromIdentityId,
      to: one.toIdentityId,
      proposedBy: one.proposedBy,
      acceptedBy: one.acceptedBy,
      endedBy: one.endedBy,
      waivedBy: one.waivedBy,
    }));
    return { objects: Object.fromEntries(objects), transfers };
  }

  /** What its completed transfers say of one object. */
  completedOf(objectId: string): readonly CompletedTransfer[] {
    return [...this.transfers.values()]
      .filter((one) => one.objectId === objectId && one.state === 'completed')
      .map(({ id, fromIdentityId, toIdentityId, fromRegisterVersion, toRegisterVersion, endedAt }) => ({
        transferId: id,
        fromIdentityId,
        toIdentityId,
        fromRegisterVersion,
        toRegisterVersion: toRegisterVersion as number,
        endedAt: endedAt as string,
      }));
  }

  #isAllowed(act: Act): boolean {
    const isSuperAdmin = this.#setting.superAdmins.includes(act.by);
    if ('object' in act) {
      const holds = this.#entryOf(act.object).holderIdentityId === act.by;
      return holds || (act.type === 'propose' && isSuperAdmin);
    }
    const transfer = this.#transferOf(act.transfer);
    const entry = this.#entryOf(transfer.objectId);
    const isTarget = transfer.toIdentityId === act.by;
    const isProposer = transfer.proposedBy === act.by;
    switch (act.type) {
      case 'accept':
        return (isTarget || isSuperAdmin) && isDistinct(transfer, 'accept', act.by);
      case 'reject':
        return isTarget || isSuperAdmin;
      case 'cancel':
        return isProposer || isSuperAdmin;
      case 'void':
        return isSuperAdmin;
      case 'expire':
        return act.by === 'clock';
      case 'add_evidence':
        return isTarget || isProposer || entry.holderIdentityId === act.by || isSuperAdmin;
      case 'complete': {
        const waived = act.waive && mayWaive(transfer, this.#setting.superAdmins, act.by);
        const distinct = isDistinct(transfer, 'complete', act.by) || waived;
        return isSuperAdmin && distinct && stillHolds(transfer, entry) && canAnswerAll(transfer);
      }
    }
  }

  #decide(act: Act): AnyDecision {
    const now = microsAfter(NOW, this.nowS * 1_000_000);
    if (act.type === 'propose') return this.#propose(act.by, act.object, act.to, now);
    if ('object' in act) {
      const facts = {
        lockable: this.#setting.lockable,
        activeTransfer: this.#activeOf(act.object),
        openImport: undefined,
      };
      return act.type === 'lock' ? lock(this.#entryOf(act.object), facts) : unlock(this.#entryOf(act.object));
    }
    const transfer = this.#transferOf(act.transfer);
    const entry = this.#entryOf(transfer.objectId);
    const by = { by: act.by, now, sessionSha256: SHA.session };
    switch (act.type) {
      case 'accept':
        return moves.accept(transfer, [], by, entry);
      case 'expire':
        return moves.expire(transfer, now, entry);
      case 'add_evidence':
        return moves.addEvidence(transfer, [DOCUMENT], by, entry);
      case 'complete':
        return moves.complete(transfer, by, {
          ...COMPLETION_FACTS,
          entry,
          target: this.#partyOf(transfer.toIdentityId),
          object: this.#objectOf(transfer.objectId),
          waived: !isDistinct(transfer, 'complete', act.by),
        });
      default:
        return moves.end(transfer, act.type, personal('why'), by, entry);
    }
  }

  #propose(by: string, object: string, toIdentityId: string, now: string): AnyDecision {
    return propose(
      { ...PROPOSAL, id: `transfer-${this.transfers.size}`, toIdentityId, by, now },
      {
        ...PROPOSE_FACTS,
        policy: policyWith(this.#setting),
        entry: this.#entryOf(object),
        object: this.#objectOf(object),
        target: this.#partyOf(toIdentityId),
        activeTransfer: this.#activeOf(object),
      },
    );
  }

  #activeOf(object: string): string | undefined {
    const active = [...this.transfers.values()].filter(
      ({ objectId, state }) => objectId === object && ACTIVE.some((one) => one === state),
    );
    if (active.length > 1) throw new Error(`${active.length} transfers hold ${object}`);
    return active[0]?.id;
  }

  #partyOf(identityId: string) {
    return { kind: 'HUMAN', state: this.inactive.has(identityId) ? 'SUSPENDED' : 'ACTIVE' };
  }

  #objectOf(object: string) {
    return { state: this.ended.has(object) ? 'RETIRED' : 'ACTIVE' };
  }

  #entryOf(object: string): RegisterEntry {
    return this.entries.get(object) as RegisterEntry;
  }

  #transferOf(id: string): Transfer {
    return this.transfers.get(id) as Transfer;
  }
}
