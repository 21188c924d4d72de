import { waitFor } from '@qtm/local';
import { activeOperator, assemble, type Cast } from './cast.ts';
import type { TestSystem } from './system.ts';
import type { Visitor } from './visitor.ts';

/** The cast with those who complete transfers. */
export interface TransferCast extends Cast {
  readonly superAdmin: Visitor;
  readonly secondSuperAdmin: Visitor;
}

/** An operator that may change hands, and who has to do with it, each in a conversation of their own about it. */
export interface Crew {
  readonly operator: string;
  readonly holder: Visitor;
  readonly holderId: string;
  /** To whom it is to go. */
  readonly buyer: Visitor;
  readonly buyerId: string;
  readonly superAdmin: Visitor;
  readonly secondSuperAdmin: Visitor;
  readonly governor: Visitor;
}

export const TRANSFER_STATES = [
  'proposed',
  'accepted',
  'completed',
  'rejected',
  'canceled',
  'expired',
  'voided',
] as const;
export type TransferState = (typeof TRANSFER_STATES)[number];

const EXPIRED_TIMEOUT_MS = 30_000;

/** The people of a story in which operators change hands; every service knows them. */
export async function assembleForTransfers(system: TestSystem): Promise<TransferCast> {
  const cast = await assembleBeforeSecond(system);
  await secondArrives(cast);
  return cast;
}

/** The same while there is one super_admin: the second has yet to register. */
export async function assembleBeforeSecond(system: TestSystem): Promise<TransferCast> {
  const cast = await assemble(system);
  const superAdmin = system.visitor({ roles: ['super_admin'] });
  await superAdmin.register();
  meet(cast.governor, cast.secondGovernor, cast.requester, cast.holder, superAdmin);
  await everywhereHeard(superAdmin);
  return { ...cast, superAdmin, secondSuperAdmin: system.visitor({ roles: ['super_admin'] }) };
}

/** The second super_admin registers. */
export async function secondArrives({ superAdmin, secondSuperAdmin, ...cast }: TransferCast): Promise<void> {
  await secondSuperAdmin.register();
  meet(cast.governor, cast.secondGovernor, cast.requester, cast.holder, superAdmin, secondSuperAdmin);
  await everywhereHeard(superAdmin);
}

/** Every service waits until it knows what the one who asks has seen. */
const everywhereHeard = (by: Visitor) =>
  by.send('{ transfers { totalCount } tasks { totalCount } jobs { totalCount } records { totalCount } }');

/** Each of them has seen what all of them have. */
export function meet(...visitors: readonly Visitor[]): void {
  for (const one of visitors) one.learn(...visitors);
}

/** The same, of those who have to do with an operator. */
export function meetAll({ holder, buyer, superAdmin, secondSuperAdmin, governor }: Crew): void {
  meet(holder, buyer, superAdmin, secondSuperAdmin, governor);
}

/** A new operator that is active, and somebody to whom it may go. */
export async function newCrew(system: TestSystem, cast: TransferCast): Promise<Crew> {
  const again = (visitor: Visitor) => system.again(visitor);
  const governor = again(cast.governor);
  const { holder, holderIdentityId, operator } = await activeOperator(system, governor, again(cast.secondGovernor));
  const buyer = system.visitor({});
  const buyerId = await buyer.register();
  const [superAdmin, secondSuperAdmin] = [again(cast.superAdmin), again(cast.secondSuperAdmin)];
  const crew = { operator, holder, holderId: holderIdentityId, buyer, buyerId, superAdmin, secondSuperAdmin, governor };
  meetAll(crew);
  return crew;
}

/** What proposes that the operator go to the buyer. */
export const toBuyer = ({ operator, buyerId }: Pick<Crew, 'operator' | 'buyerId'>, further: object = {}) => ({
  objectClass: 'operator',
  objectId: operator,
  toIdentityId: buyerId,
  ...further,
});

/** What a command of a transfer came to: the state it led to, or the code of its refusal or error. */
export async function outcome(by: Visitor, field: string, input: object): Promise<string> {
  const { data, errors } = await by.attempt(field, input, 'transfer { state }');
  const payload = data?.[field];
  return errors[0]?.extensions.code ?? payload.refusal?.code ?? payload.transfer.state;
}

/** Proposes that it go to the buyer, by the holder where nobody else is named, and gives the id of the transfer. */
export async function propose(
  crew: Pick<Crew, 'operator' | 'holder' | 'buyerId'>,
  further: object = {},
  by = crew.holder,
): Promise<string> {
  const { transfer } = await by.mutate('proposeTransfer', toBuyer(crew, further), 'transfer { id }');
  return transfer.id;
}

/** What leads from a proposal to each state, and who does it. */
const STEPS: Readonly<Record<TransferState, readonly (readonly ['holder' | 'buyer' | 'superAdmin', string])[]>> = {
  proposed: [],
  accepted: [['buyer', 'acceptTransfer']],
  completed: [
    ['buyer', 'acceptTransfer'],
    ['superAdmin', 'completeTransfer'],
  ],
  rejected: [['buyer', 'rejectTransfer']],
  canceled: [['holder', 'cancelTransfer']],
  expired: [],
  voided: [
    ['buyer', 'acceptTransfer'],
    ['superAdmin', 'voidTransfer'],
  ],
};

/** A transfer of the operator in this state, of which all who have to do with it have seen that. */
export async function transferIn(crew: Crew, state: TransferState, further: object = {}): Promise<string> {
  if (state === 'expired') await setPolicy(crew.superAdmin, { proposedExpiresSeconds: 1 });
  meetAll(crew);
  const transferId = await propose(crew, further);
  for (const [by, field] of STEPS[state]) {
    meetAll(crew);
    const reason = field === 'voidTransfer' ? { reason: 'Nobody will complete it' } : {};
    await crew[by].mutate(field, { transferId, ...reason });
  }
  if (state === 'expired') {
    await setPolicy(crew.superAdmin);
    await untilIn(crew, transferId, 'expired');
  }
  meetAll(crew);
  return transferId;
}

/** Waits until the clock of the service has run. */
export async function untilIn({ superAdmin, holder }: Crew, transferId: string, state: TransferState): Promise<void> {
  superAdmin.learn(holder);
  const isThere = async () => ((await stateOf(superAdmin, transferId)) === state ? true : undefined);
  await waitFor(isThere, { timeoutMs: EXPIRED_TIMEOUT_MS, what: `${transferId} is ${state}` });
}

/** Sets the policy of operators: strict, but for what is given, and otherwise as the defaults are. */
export async function setPolicy(superAdmin: Visitor, change: object = {}): Promise<void> {
  const policy = { objectClass: 'operator', distinctActors: 'strict', ...change };
  await superAdmin.mutate('setTransferPolicy', policy);
}

/** Something of a transfer. */
// biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for
export async function transferOf(as: Visitor, id: string, selection: string): Promise<any> {
  return (await as.send(`query ($id: ID!) { transfer(id: $id) { ${selection} } }`, { id })).data.transfer;
}

/** Null where the transfer is not to be seen. */
export const stateOf = async (as: Visitor, id: string): Promise<TransferState | null> =>
  (await transferOf(as, id, 'state'))?.state ?? null;

/** What the register says of an operator. */
export async function entryOf(as: Visitor, operator: string) {
  const query = `query ($id: String!) { registerEntry(objectClass: "operator", objectId: $id) {
    holderIdentityId registerVersion setBy setById since } }`;
  return (await as.send(query, { id: operator })).data.registerEntry;
}

/** The governance tasks of a transfer, oldest first. */
// biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for
export async function tasksOf(as: Visitor, transferId: string): Promise<readonly any[]> {
  const query = `query ($id: ID!) { governanceTasks(queue: "CLO", filter: { transferId: $id }, sort: { field: OPENED_AT, direction: ASC }) {
    edges { node { id event risk function queue state } } } }`;
  const { data } = await as.send(query, { id: transferId });
  return data.governanceTasks.edges.map(({ node }: { node: object }) => node);
}
