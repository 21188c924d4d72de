import { type Act, HOLDERS, OBJECTS, type OnTransfer, type Outcome, type Setting, type View } from './acts.ts';

interface Moving {
  readonly object: string;
  readonly from: string;
  readonly to: string;
  readonly proposedBy: string;
  readonly proposedAtS: number;
  state: string;
  acceptedBy: string | null;
  acceptedAtS: number;
  endedBy: string | null;
  waivedBy: string | null;
}

/**
 * The doctrine in a few lines, written from the seed (S2:31-52, 113-118) and from C-07, C-08 and ADD-20 for what came after it; no rule
 * is asked. Time is whole seconds.
 */
export class Reference {
  nowS = 0;
  readonly inactive = new Set<string>();
  readonly ended = new Set<string>();
  readonly transfers = new Map<string, Moving>();
  readonly #setting: Setting;
  readonly #objects = new Map(
    OBJECTS.map((name) => [name as string, { holder: HOLDERS[name] as string, version: 1, locked: false }]),
  );

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  attempt(act: Act): Outcome {
    if (act.type === 'propose') return this.#propose(act.by, act.object, act.to);
    if ('object' in act) return this.#lock(act.type, act.by, act.object);
    const transfer = this.transfers.get(act.transfer) as Moving;
    if (act.type === 'complete') return this.#complete(act.by, transfer, act.waive);
    return this.#step(act.type, act.by, transfer);
  }

  view(): View {
    const transfers = [...this.transfers.values()].map(({ proposedAtS: _, acceptedAtS: __, ...rest }) => rest);
    return { objects: Object.fromEntries([...this.#objects].map(([name, one]) => [name, { ...one }])), transfers };
  }

  /** The transfer that is proposed or accepted of an object: it holds the mutex (S2:51). */
  #activeOf(object: string): boolean {
    return [...this.transfers.values()].some((one) => one.object === object && isOpen(one));
  }

  #propose(by: string, object: string, to: string): Outcome {
    const { holder, locked } = this.#of(object);
    if (by !== holder && !this.#isSuperAdmin(by)) return 'not theirs to do';
    if (this.ended.has(object)) return 'object ended';
    if (this.#activeOf(object)) return 'object taken';
    if (locked) return 'object locked';
    if (to === holder) return 'holds it already';
    if (this.inactive.has(to)) return 'not to this identity';
    this.transfers.set(`transfer-${this.transfers.size}`, {
      object,
      from: holder,
      to,
      proposedBy: by,
      proposedAtS: this.nowS,
      state: 'proposed',
      acceptedBy: null,
      acceptedAtS: 0,
      endedBy: null,
      waivedBy: null,
    });
    return 'accepted';
  }

  #step(type: OnTransfer, by: string, transfer: Moving): Outcome {
    if (!this.#mayStep(type, by, transfer)) return 'not theirs to do';
    if (type === 'accept' && transfer.state === 'proposed' && this.#isStrict() && by === transfer.proposedBy) {
      return 'not theirs to do';
    }
    if (!this.#fits(type, transfer)) return 'wrong state';
    if (type === 'expire' && !this.#isOverdue(transfer)) return 'too early';
    if ((type === 'accept' || type === 'add_evidence') && this.#isOverdue(transfer)) return 'too late';
    if (type === 'accept') Object.assign(transfer, { state: 'accepted', acceptedBy: by, acceptedAtS: this.nowS });
    else if (type !== 'add_evidence') {
      Object.assign(transfer, { state: ENDS[type], endedBy: type === 'expire' ? null : by });
    }
    return 'accepted';
  }

  /** The table of S2:36-42; whoever takes part may add evidence. */
  #mayStep(type: OnTransfer, by: string, { object, to, proposedBy }: Moving): boolean {
    if (type === 'expire') return by === 'clock';
    if (this.#isSuperAdmin(by)) return true;
    if (type === 'accept' || type === 'reject') return by === to;
    if (type === 'cancel') return by === proposedBy;
    return type === 'add_evidence' && [to, proposedBy, this.#of(object).holder].includes(by);
  }

  #fits(type: OnTransfer, transfer: Moving): boolean {
    if (type === 'add_evidence') return isOpen(transfer);
    if (type === 'expire') return isOpen(transfer) && this.#untilS(transfer) !== null;
    if (type === 'void') return transfer.state === 'accepted' && this.#setting.voidable;
    return transfer.state === 'proposed';
  }

  #complete(by: string, transfer: Moving, waive: boolean): Outcome {
    if (!this.#isSuperAdmin(by)) return 'not theirs to do';
    const tookPart = by === transfer.proposedBy || by === transfer.acceptedBy;
    const isAlone = this.#setting.superAdmins.length === 1;
    const waived = waive && this.#setting.waiverAllowed && isAlone;
    if (transfer.state === 'accepted' && this.#isStrict() && tookPart && !waived) return 'not theirs to do';
    if (transfer.state !== 'accepted') return 'wrong state';
    if (this.#isOverdue(transfer)) return 'too late';
    if (this.nowS < transfer.acceptedAtS + this.#setting.coolOffS) return 'too early';
    if (this.inactive.has(transfer.to)) return 'not to this identity';
    if (this.ended.has(transfer.object)) return 'object ended';
    const waivedBy = this.#isStrict() && tookPart ? by : null;
    Object.assign(transfer, { state: 'completed', endedBy: by, waivedBy });
    const entry = this.#of(transfer.object);
    entry.holder = transfer.to;
    entry.version += 1;
    return 'accepted';
  }

  #lock(type: 'lock' | 'unlock', by: string, object: string): Outcome {
    const entry = this.#of(object);
    if (by !== entry.holder) return 'not theirs to do';
    if (type === 'lock' && !this.#setting.lockable) return 'no locks here';
    if (entry.locked === (type === 'lock')) return 'wrong state';
    if (type === 'lock' && this.#activeOf(object)) return 'object taken';
    entry.locked = type === 'lock';
    return 'accepted';
  }

  #untilS({ state, proposedAtS }: Moving): number | null {
    const { proposedExpiresS, acceptedExpiresS } = this.#setting;
    const lengthS = state === 'proposed' ? proposedExpiresS : acceptedExpiresS;
    return lengthS === null ? null : proposedAtS + lengthS;
  }

  #isOverdue(transfer: Moving): boolean {
    const untilS = this.#untilS(transfer);
    return untilS !== null && this.nowS >= untilS;
  }

  #of(object: string) {
    return this.#objects.get(object) as { holder: string; version: number; locked: boolean };
  }

  #isSuperAdmin(by: string): boolean {
    return this.#setting.superAdmins.includes(by);
  }

  #isStrict(): boolean {
    return this.#setting.distinctActors === 'strict';
  }
}

const isOpen = ({ state }: Moving) => state === 'proposed' || state === 'accepted';
const ENDS = { reject: 'rejected', cancel: 'canceled', expire: 'expired', void: 'voided' } as const;
