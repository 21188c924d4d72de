import type { ShownEntry, ShownRegister, TopicEvent, Verdict } from './facts.ts';
import { type EntryTold, entryTold, factsOf, type TransferTold, transfersTold } from './told.ts';

/**
 * Who holds each operator is what its onboarding and its completed transfers, told by themselves, make of it: on the topic of the
 * register, in what clients are shown, by the register's own verification, and in what follows of it at the operator.
 */
export function registerFolds(shown: ShownRegister, events: readonly TopicEvent[]): Verdict {
  const entries = factsOf(events, 'register_entry');
  const operators = factsOf(events, 'operator');
  const completed = Map.groupBy(
    transfersTold(events).filter(({ state }) => state === 'completed'),
    ({ object }) => object,
  );
  const shownById = new Map(shown.entries.map((entry) => [entry.id, entry]));
  const findings: string[] = [];
  for (const [slug, facts] of operators) {
    const object = `operator:${slug}`;
    const folded = folding(object, facts, completed.get(object) ?? [], findings);
    const said = [
      ...entryFaults(folded, entries.get(object) ?? []),
      ...shownFaults(folded, entries.get(object)?.at(-1)?.version, shownById.get(object)),
      ...operatorFaults(folded, facts.at(-1)),
    ];
    findings.push(...said.map((fault) => `${object}: ${fault}`));
  }
  for (const object of [...entries.keys(), ...completed.keys()]) {
    if (!operators.has(object.replace('operator:', ''))) findings.push(`${object}: nobody onboarded it`);
  }
  const { objects, holds } = shown.verification;
  if (!holds) findings.push('the register finds that it is not what its history makes it');
  if (objects !== entries.size)
    findings.push(`the register folded ${objects} objects, its topic tells of ${entries.size}`);
  const moved = [...completed.values()].reduce((sum, { length }) => sum + length, 0);
  return { invariant: 'the register is what its history makes it', checked: entries.size + moved, findings };
}

interface Folded {
  readonly holder: string;
  readonly registerVersion: number;
  /** Transfers that led here, in their order. */
  readonly by: readonly string[];
}

/** Onboarding, then every completed transfer by the version it made; each must begin where the one before ended. */
function folding(
  object: string,
  [onboarded]: readonly TopicEvent[],
  transfers: readonly TransferTold[],
  findings: string[],
): Folded {
  const begins: Folded = { holder: String(onboarded?.state?.holder_identity_id), registerVersion: 1, by: [] };
  return transfers
    .toSorted((a, b) => (a.toVersion ?? 0) - (b.toVersion ?? 0))
    .reduce(({ holder, registerVersion, by }, { id, from, to, fromVersion, toVersion }) => {
      if (from !== holder || fromVersion !== registerVersion || toVersion !== registerVersion + 1) {
        findings.push(
          `${object}: transfer ${id} leads from ${from} at ${fromVersion} to version ${toVersion}, ${holder} held it at ${registerVersion}`,
        );
      }
      return { holder: to, registerVersion: registerVersion + 1, by: [...by, id] };
    }, begins);
}

function entryFaults({ holder, registerVersion, by }: Folded, facts: readonly TopicEvent[]): readonly string[] {
  const told: readonly EntryTold[] = facts.map(entryTold);
  const last = told.at(-1);
  if (last === undefined) return ['it is not in the register'];
  const faults: string[] = [];
  if (last.holder !== holder || last.registerVersion !== registerVersion) {
    faults.push(
      `its entry names ${last.holder} at ${last.registerVersion}, its history ${holder} at ${registerVersion}`,
    );
  }
  const moves = told.filter(({ registerVersion: to }, index) => to !== (told[index - 1]?.registerVersion ?? 1));
  const led = moves.map(({ setBy, setById }) => (setBy === 'transfer' ? setById : setBy));
  if (led.join() !== by.join()) faults.push(`its entry moved by [${led}], the completed transfers are [${by}]`);
  return faults;
}

function shownFaults({ holder, registerVersion, by }: Folded, version?: number, shown?: ShownEntry): readonly string[] {
  if (shown === undefined) return ['clients are shown no entry of it'];
  const faults: string[] = [];
  if (shown.holderIdentityId !== holder || shown.registerVersion !== registerVersion) {
    faults.push(
      `shown as held by ${shown.holderIdentityId} at ${shown.registerVersion}, not ${holder} at ${registerVersion}`,
    );
  }
  if (by.length > 0 && shown.setById !== by.at(-1))
    faults.push(`shown as set by ${shown.setById}, not by ${by.at(-1)}`);
  if (shown.version !== version) faults.push(`shown in version ${shown.version}, the topic's last is ${version}`);
  return faults;
}

/** The operator's own state follows the register; nothing decides by it, but readers of its topic go by it. */
function operatorFaults({ holder, registerVersion }: Folded, last?: TopicEvent): readonly string[] {
  const { holder_identity_id: told, register_version: at } = last?.state ?? {};
  return told === holder && at === registerVersion
    ? []
    : [`the operator names ${told} at ${at}, its history ${holder} at ${registerVersion}`];
}
