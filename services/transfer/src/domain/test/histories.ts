import { type Decision, type DomainEvent, isRefusal, type Refusal } from '@qtm/service-kit/domain';
import { importEntry } from '../import-entry.ts';
import { importTransfer } from '../import-transfer.ts';
import { type EntryFile, entryFile, type TransferFile, type Transition, transferFile } from '../layout.ts';
import { accept, addEvidence, complete, end, expire } from '../move.ts';
import { propose } from '../propose.ts';
import { entryId, type RegisterEntry, seed } from '../register-entry.ts';
import { ACTIVE, isDistinct, mayWaive, type ReasonType, stillHolds, type Transfer } from '../transfer.ts';
import type { Settled } from '../transfer-policy.ts';
import { COMPLETION_FACTS, frozen, microsAfter, NOW, PROPOSE_FACTS, policyWith, SHA } from './samples.ts';

/** Registers with a past, made by the rules alone, as they stand and as files tell them. */

export const uuidOf = (group: number, number: number) =>
  `00000000-000${group}-7000-8000-${number.toString(16).padStart(12, '0')}`;

export const PEOPLE = [1, 2, 3, 4].map((number) => uuidOf(1, number));
export const OBJECTS = ['dot', 'fdny', 'nypd'] as const;
const COMMANDS = ['propose', 'accept', 'complete', 'reject', 'cancel', 'void', 'expire', 'add_evidence'] as const;

/** Something that somebody tries; where it is refused nothing happens. */
export interface Step {
  readonly command: (typeof COMMANDS)[number];
  /** Index of the object, of who tries it, and of whom it goes to. */
  readonly object: number;
  readonly by: number;
  readonly to: number;
  readonly policy: Partial<Settled>;
  readonly reasonType: ReasonType | null;
  readonly words: string;
}

/** A transfer, and what its journal tells. */
interface Told {
  readonly transfer: Transfer;
  readonly transitions: readonly Transition[];
}

export interface Register {
  /** By class and id, with what a file said had set it. */
  readonly entries: Map<string, { readonly entry: RegisterEntry; readonly importedSetBy: string | null }>;
  readonly transfers: Map<string, Told>;
  /** Seconds since the beginning. */
  seconds: number;
}

export function seeded(): Register {
  const entries = OBJECTS.map((objectId, index) => {
    const holderIdentityId = PEOPLE[index] as string;
    const eventId = uuidOf(2, index);
    return seed({ objectClass: 'operator', objectId, holderIdentityId, eventId, since: NOW }).after;
  });
  return {
    entries: new Map(entries.map((entry) => [entry.id, { entry, importedSetBy: null }])),
    transfers: new Map(),
    seconds: 0,
  };
}

const clock = ({ seconds }: Register) => microsAfter(NOW, seconds * 1_000_000);
/** Later than anything that a register here tells. */
export const FAR = '2099-01-01T00:00:00.000000Z';

const activeOf = ({ transfers }: Register, object: string) =>
  [...transfers.values()].find(
    ({ transfer }) => transfer.objectId === object && ACTIVE.some((state) => state === transfer.state),
  );

/** Makes every step that is allowed, one after the other. */
export function lived(register: Register, steps: readonly Step[]): Register {
  for (const step of steps) {
    register.seconds += 1_000;
    const objectId = OBJECTS[step.object % OBJECTS.length] as string;
    const held = register.entries.get(entryId('operator', objectId));
    const active = activeOf(register, objectId);
    const decision = held && decided(step, held.entry, active?.transfer, register);
    if (decision !== undefined && !isRefusal<DomainEvent, Refusal>(decision)) {
      for (const fact of decision) note(register, step, active, frozen(fact));
    }
  }
  return register;
}

function decided(
  { command, by: who, to, policy, reasonType, words }: Step,
  entry: RegisterEntry,
  active: Transfer | undefined,
  register: Register,
): Decision<DomainEvent, Refusal> | undefined {
  const by = PEOPLE[who % PEOPLE.length] as string;
  const [now, sessionSha256] = [clock(register), SHA.session];
  const act = { by, now, sessionSha256 };
  const evidence = [{ kind: 'DOCUMENT', sha256: SHA.given, mediaType: 'text/plain', storageRef: words }];
  const reason = { ref: uuidOf(3, register.seconds), hash: SHA.entry };
  if (command === 'propose') {
    const toIdentityId = PEOPLE[to % PEOPLE.length] as string;
    const id = uuidOf(4, register.seconds);
    const proposal = { id, toIdentityId, reasonType, reason: words === '' ? null : reason, evidence, by, now };
    const facts = { ...PROPOSE_FACTS, policy: policyWith(policy), entry, activeTransfer: active?.id };
    return propose(proposal, facts);
  }
  if (active === undefined) return undefined;
  switch (command) {
    case 'accept':
      return isDistinct(active, 'accept', by) ? accept(active, evidence, act, entry) : undefined;
    case 'add_evidence':
      return addEvidence(active, evidence, act, entry);
    case 'expire':
      // A clock that runs as late as it has to.
      return expire(active, FAR, entry);
    case 'complete': {
      const distinct = isDistinct(active, 'complete', by);
      if (!(distinct || mayWaive(active, [by], by)) || !stillHolds(active, entry)) return undefined;
      return complete(active, act, { ...COMPLETION_FACTS, entry, reviewed: true, waived: !distinct });
    }
    default:
      return end(active, command, words === '' && command !== 'void' ? null : reason, act, entry);
  }
}

function note(register: Register, { command, by }: Step, before: Told | undefined, fact: DomainEvent): void {
  if (fact.aggregate === 'register_entry') {
    const entry = fact.after as RegisterEntry;
    register.entries.set(entry.id, { entry, importedSetBy: register.entries.get(entry.id)?.importedSetBy ?? null });
    return;
  }
  const transfer = fact.after as Transfer;
  const data = fact.data as Pick<Transition, 'priorHolderIdentityId' | 'evidenceSha256'>;
  const transition: Transition = {
    transition: `transfer.${command}`,
    priorState: before?.transfer.state ?? null,
    newState: transfer.state,
    actorId: command === 'expire' ? 'transfer' : (PEOPLE[by % PEOPLE.length] as string),
    clause: 'role:super_admin',
    at: command === 'expire' ? (transfer.endedAt as string) : clock(register),
    ...data,
    eventId: uuidOf(5, register.seconds),
  };
  register.transfers.set(transfer.id, { transfer, transitions: [...(before?.transitions ?? []), transition] });
}

/** What the files of a register say. */
export function filesOf({ entries, transfers }: Register) {
  return {
    entries: [...entries.values()].map(({ entry, importedSetBy }) => {
      return { objectId: entry.objectId, file: entryFile(entry, importedSetBy) };
    }),
    transfers: [...transfers.values()].map(({ transfer, transitions }) => transferFile(transfer, transitions)),
  };
}

const SOURCE = { importId: uuidOf(6, 1), path: 'a file', sha256: 'f'.repeat(64) };
const NO_FACTS = { importState: 'OPEN', classKnown: true, entry: undefined, transfers: 0 };

/** Takes files over into an empty register, as the commands do. Gives the first refusal instead, where there is one. */
export function takenOver(
  entries: readonly { readonly objectId: string; readonly file: EntryFile }[],
  transfers: readonly TransferFile[],
): Register | Refusal {
  const register: Register = { entries: new Map(), transfers: new Map(), seconds: 1_000_000 };
  for (const { objectId, file } of entries) {
    const decision = importEntry({ objectClass: 'operator', objectId }, file, SOURCE, NO_FACTS, FAR);
    if (isRefusal(decision)) return decision;
    for (const { after } of decision) register.entries.set(after.id, { entry: after, importedSetBy: file.setBy });
  }
  for (const file of transfers) {
    const id = entryId(file.objectClass, file.objectId);
    const others = [...register.transfers.values()].flatMap(({ transfer: { id: transferId, ...other } }) =>
      other.objectId === file.objectId ? [{ ...other, transferId }] : [],
    );
    const facts = {
      importState: 'OPEN',
      classKnown: true,
      entry: register.entries.get(id)?.entry,
      entrySetBy: register.entries.get(id)?.importedSetBy ?? undefined,
      there: undefined,
      others,
      knownReference: undefined,
    };
    const decision = importTransfer(file, SOURCE, facts, FAR);
    if (isRefusal(decision)) return decision;
    for (const { after: transfer, data } of decision) {
      register.transfers.set(transfer.id, { transfer, transitions: (data as TransferFile).transitions });
    }
  }
  return register;
}
