import { randomBytes } from 'node:crypto';
import { isAgent, type Person } from './people.ts';

/** What a planted value says. */
export type CanaryKind = 'asked' | 'decision' | 'evidence' | 'execution' | 'motive' | 'called' | 'id';

/** One piece of work from its request on, planted whole. */
export interface Chain {
  readonly name: string;
  /** Name of the person who submitted it. */
  readonly submitter: string;
  /** Who governs its task: the network, or the operator it was addressed to. */
  readonly governedBy: 'network' | string;
  /** The operator that works on it, from the hand-off on. */
  readonly worker?: string;
  /** The operator that may claim it out of a pool. */
  readonly claimant?: string;
}

/** One transfer of an operator, planted whole. */
export interface Dealing {
  readonly name: string;
  /** Names of those between whom it goes. */
  readonly parties: readonly string[];
}

/** A planted value: whose row it is in, and what of that row it says. */
export interface Canary {
  readonly kind: CanaryKind;
  readonly value: string;
  /** The chain or the transfer it belongs to, or for what somebody is called, that person's name. */
  readonly of: Chain | Dealing | string;
}

/** What somebody is to a chain. */
export type Relation = 'submitter' | 'governor' | 'shown' | 'worker' | 'claimant' | 'overseer';

/**
 * Who may see what of a chain, as the table of visibility says it, typed here and read from no service. `shown` is who sees the task of
 * an operator without governing it; whoever may claim a job, and overseers, see how it stands and never what it says of people.
 */
export const VISIBLE_TO: Readonly<Record<Exclude<CanaryKind, 'called' | 'motive'>, readonly Relation[]>> = {
  id: ['submitter', 'governor', 'shown', 'worker', 'claimant', 'overseer'],
  asked: ['submitter', 'governor', 'worker'],
  decision: ['governor'],
  evidence: ['governor', 'worker'],
  execution: ['submitter', 'governor', 'worker'],
};

const OVERSEERS = ['auditor', 'executive', 'super_admin'];
/** Who sees that there is a transfer, beside its parties and agents; why there is one in words, its parties and the last of these. */
const SEE_TRANSFERS = [...OVERSEERS, 'clo_reviewer'];
const SEE_MOTIVES = ['super_admin'];
const SEE_NAMES = ['admin_governor', 'super_admin'];

/** Whether this person may be shown this value. */
export function maySee(person: Person, { kind, of }: Canary): boolean {
  if (typeof of === 'object' && 'parties' in of) return seesDealing(person, kind, of);
  if (isAgent(person)) return false;
  if (kind === 'called' || typeof of === 'string') return of === person.name || hasAny(person, SEE_NAMES);
  const relations = relationsTo(person, of);
  return VISIBLE_TO[kind as keyof typeof VISIBLE_TO].some((relation) => relations.includes(relation));
}

function seesDealing(person: Person, kind: CanaryKind, { parties }: Dealing): boolean {
  if (isAgent(person)) return kind === 'id';
  return parties.includes(person.name) || hasAny(person, kind === 'id' ? SEE_TRANSFERS : SEE_MOTIVES);
}

function relationsTo(person: Person, chain: Chain): readonly Relation[] {
  const relations: Relation[] = [];
  const { operator, standing } = person.of ?? {};
  const networks = chain.governedBy === 'network';
  const addressed = operator !== undefined && operator === chain.governedBy;
  if (person.name === chain.submitter) relations.push('submitter');
  if (networks ? hasAny(person, ['admin_governor']) : addressed && (standing === 'HOLDER' || standing === 'GOVERN')) {
    relations.push('governor');
  }
  if (addressed && standing === 'MEMBER') relations.push('shown');
  if (operator !== undefined && operator === chain.worker) relations.push('worker');
  if (operator !== undefined && operator === chain.claimant) relations.push('claimant');
  // Of what an operator was addressed with they see nothing until there is a job.
  if (hasAny(person, OVERSEERS) && (networks || chain.worker !== undefined)) relations.push('overseer');
  return relations;
}

function hasAny(person: Person, roles: readonly string[]): boolean {
  return roles.some((role) => person.roles.includes(role));
}

const MARK = /qc[0-9a-f]{16}x/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** Texts that are cursors or the like; what they hold is read, too. */
const ENCODED = /"([\w-]{40,})"/g;

/** All planted values, found again in any text. */
export class Canaries {
  readonly #byValue = new Map<string, Canary>();

  /** Makes a text that says something of a chain or a transfer; it occurs nowhere else. */
  plant(kind: CanaryKind, of: Canary['of']): string {
    const value = `qc${randomBytes(8).toString('hex')}x`;
    this.#byValue.set(value, { kind, value, of });
    return `A planted value ${value} of this row`;
  }

  /** Notes ids of rows of a chain, or of a transfer. */
  plantIds(of: Chain | Dealing, ids: readonly string[]): void {
    for (const value of ids) this.#byValue.set(value, { kind: 'id', value, of });
  }

  /** Every planted id, and what it belongs to. */
  get ids(): ReadonlyMap<string, Chain | Dealing> {
    const planted = [...this.#byValue.values()].flatMap(({ kind, value, of }) =>
      kind === 'id' && typeof of !== 'string' ? [[value, of] as const] : [],
    );
    return new Map(planted);
  }

  /** Planted values that occur in a text, in what is encoded in it, too. */
  in(text: string): readonly Canary[] {
    const encoded = [...text.matchAll(ENCODED)].map(([, inner = '']) =>
      Buffer.from(inner, 'base64url').toString('latin1'),
    );
    const found = [text, ...encoded].flatMap((one) => [...(one.match(MARK) ?? []), ...(one.match(UUID) ?? [])]);
    return [...new Set(found)].flatMap((value) => this.#byValue.get(value) ?? []);
  }
}

/** Whether a text holds a planted personal value; logs must hold none, whoever reads them. */
export function holdsPersonal(text: string): boolean {
  return new RegExp(MARK.source).test(text);
}
