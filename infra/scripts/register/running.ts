import { type Connection, type Graph, PAGE_INFO, pagesOf } from './graph.ts';
import type { EntryState, TransferState } from './layout.ts';

/** The register of the running system, as its public graph shows it to a super_admin. */

export type RunningEntry = EntryState & { readonly importedFrom: string | null; readonly importedSetBy: string | null };

export interface RunningTransfer {
  readonly state: TransferState & { readonly importedFrom: string | null };
  readonly transitions: readonly object[];
}

interface Member {
  readonly identityId: string;
  readonly state: string;
  readonly registerVersion: number;
}
export type RunningMembership = Member & { readonly operator: string };

/** What an entry is named after, as `registerEntry.id` has it. */
export const objectOf = ({ objectClass, objectId }: { readonly objectClass: string; readonly objectId: string }) =>
  `${objectClass}:${objectId}`;

/** Those that count under these versions of entries, by object: what was given under one that has gone by is void. */
export function inForce(
  memberships: readonly RunningMembership[],
  versions: ReadonlyMap<string, number>,
): readonly RunningMembership[] {
  return memberships.filter(
    ({ state, operator, registerVersion }) =>
      state === 'ACTIVE' && versions.get(`operator:${operator}`) === registerVersion,
  );
}

const ENTRY = `objectClass objectId state holderIdentityId registerVersion setBy setById since importedFrom importedSetBy`;

export function readEntries(graph: Graph, onPage?: (nodes: number) => void): Promise<readonly RunningEntry[]> {
  return pagesOf<RunningEntry>(async (after) => {
    const query = `{ registerEntries(first: 100${after}) { edges { node { ${ENTRY} } } ${PAGE_INFO} } }`;
    return (await graph.ask<{ registerEntries: never }>(query)).registerEntries;
  }, onPage);
}

const TRANSFER = `id state objectClass objectId fromIdentityId toIdentityId fromRegisterVersion toRegisterVersion reasonType
  reason: reasonReference { ref hash } endReason: endReasonReference { ref hash } proposedBy { id } proposedAt
  acceptedBy { id } acceptedAt endedBy { id } endedAt waivedBy { id } importedFrom
  terms { policyVersion distinctActors waiverAllowed reviewRequired requiredCredentials voidable proposedUntil acceptedUntil
    coolOffS: coolOffSeconds }
  evidence { source kind sha256 mediaType storageRef addedBy { id } addedAt }
  transitions { transition priorState newState actorId clause at priorHolderIdentityId evidenceSha256 eventId }`;

/** What a transfer says of an import, or of a restore from a backup: rows of its journal, and no part of its life. */
const BESIDE_ITS_LIFE = ['transfer.import', 'transfer.restore'];

export function readTransfers(graph: Graph, onPage?: (nodes: number) => void): Promise<readonly RunningTransfer[]> {
  const transfers = pagesOf<ShownTransfer>(async (after) => {
    const sort = 'sort: { field: PROPOSED_AT, direction: ASC }';
    const query = `{ transfers(${sort}, first: 25${after}) { edges { node { ${TRANSFER} } } ${PAGE_INFO} } }`;
    return (await graph.ask<{ transfers: never }>(query)).transfers;
  }, onPage);
  return transfers.then((all) => all.map(runningOf));
}

interface Somebody {
  readonly id: string;
}
interface ShownTransfer {
  readonly id: string;
  readonly proposedBy: Somebody | null;
  readonly acceptedBy: Somebody | null;
  readonly endedBy: Somebody | null;
  readonly waivedBy: Somebody | null;
  readonly evidence: readonly { readonly addedBy: Somebody | null }[];
  readonly transitions: readonly { readonly transition: string }[];
}

/** The graph shows people where the state has their ids. */
function runningOf({
  proposedBy,
  acceptedBy,
  endedBy,
  waivedBy,
  evidence,
  transitions,
  ...rest
}: ShownTransfer): RunningTransfer {
  const people = { acceptedBy: acceptedBy?.id ?? null, endedBy: endedBy?.id ?? null, waivedBy: waivedBy?.id ?? null };
  const state = {
    ...rest,
    ...people,
    proposedBy: proposedBy?.id,
    evidence: evidence.map((one) => ({ ...one, addedBy: one.addedBy?.id })),
  };
  return {
    state: state as object as RunningTransfer['state'],
    transitions: transitions.filter(({ transition }) => !BESIDE_ITS_LIFE.includes(transition)),
  };
}

const MEMBERS = `edges { node { identityId state registerVersion } } ${PAGE_INFO}`;
interface ShownOperator {
  readonly slug: string;
  readonly members: Connection<Member> | null;
}

export interface Operators {
  readonly slugs: ReadonlySet<string>;
  readonly memberships: readonly RunningMembership[];
}

/** Every operator there is, and who may see its workspace. */
export async function readOperators(graph: Graph, onPage?: (nodes: number) => void): Promise<Operators> {
  const operators = await pagesOf<ShownOperator>(async (after) => {
    const query = `{ operators(first: 50${after}) { edges { node { slug members(first: 100) { ${MEMBERS} } } } ${PAGE_INFO} } }`;
    return (await graph.ask<{ operators: never }>(query)).operators;
  }, onPage);
  const memberships: RunningMembership[] = [];
  for (const { slug, members } of operators) {
    const all = await pagesOf<Member>(async (after) => (after === '' ? members : furtherMembers(graph, slug, after)));
    memberships.push(...all.map((one) => ({ ...one, operator: slug })));
  }
  return { slugs: new Set(operators.map(({ slug }) => slug)), memberships };
}

async function furtherMembers(graph: Graph, slug: string, after: string): Promise<Connection<Member> | null> {
  const query = `{ operator(slug: ${JSON.stringify(slug)}) { members(first: 100${after}) { ${MEMBERS} } } }`;
  return (
    (await graph.ask<{ operator: { members: Connection<Member> | null } | null }>(query)).operator?.members ?? null
  );
}

const IDENTITIES_AT_A_TIME = 50;

/** Which of these identities are registered. */
export async function readRegistered(graph: Graph, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let from = 0; from < ids.length; from += IDENTITIES_AT_A_TIME) {
    const batch = ids.slice(from, from + IDENTITIES_AT_A_TIME);
    const fields = batch.map((id, index) => `i${index}: identity(id: ${JSON.stringify(id)}) { id }`);
    const answer = await graph.ask<Record<string, { id: string } | null>>(`{ ${fields.join('\n')} }`);
    for (const identity of Object.values(answer)) if (identity !== null) found.add(identity.id);
  }
  return found;
}
