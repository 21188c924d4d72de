import { fromWire, type Incoming, type ReactionTx, raw, sql } from '@qtm/service-kit';
import { isRefusal } from '@qtm/service-kit/domain';
import { revoke } from './domain/delegation.ts';
import { changeHolder, type Held } from './domain/operator.ts';
import { remove } from './domain/workspace-membership.ts';
import { delegations, memberships, operators } from './store.ts';

/** What other services decide, and what follows from it here. */
export const reactions = {
  'transfer.operator_transferred': operatorTransferred,
  'transfer.register_entry_imported': registerSpoke,
  'transfer.register_entry_seeded': registerBegan,
  'transfer.aggregate_restored': registerBegan,
};

interface RegisterEntryState extends Held {
  readonly objectClass: string;
  readonly objectId: string;
}

/** @throws Error where it is missing: what is transferred was onboarded, so the event is parked for a human */
async function operatorTransferred(tx: ReactionTx, fact: Incoming): Promise<void> {
  if (!(await follow(tx, fact)))
    throw new Error(`there is no operator ${fromWire<RegisterEntryState>(fact.state).objectId}`);
}

/** What is imported before its operator is onboarded, that one takes then. */
async function registerSpoke(tx: ReactionTx, fact: Incoming): Promise<void> {
  if (fact.aggregate_type === 'register_entry') await follow(tx, fact);
}

/** A register that says how an entry stands, and not what became of it, may have been restored: what it lost no longer counts. */
async function registerBegan(tx: ReactionTx, fact: Incoming): Promise<void> {
  if (fact.aggregate_type === 'register_entry' && (await follow(tx, fact))) await takeBack(tx, fact);
}

/** The operator takes what the newest version of its register entry says; facts may come again, or late. False where there is none. */
async function follow(tx: ReactionTx, fact: Incoming): Promise<boolean> {
  const { objectClass, objectId, holderIdentityId, registerVersion } = fromWire<RegisterEntryState>(fact.state);
  if (objectClass !== 'operator') return false;
  const operator = await tx.lock(operators, objectId);
  if (operator === undefined) return false;
  const [newest] = await tx.rows(sql`select 1 from known_aggregate
    where source = 'transfer' and type = 'register_entry' and id = ${fact.aggregate_id} and epoch = ${fact.epoch}
      and (published ->> 'register_version')::integer = ${registerVersion}`);
  if (newest !== undefined) {
    await tx.write('operator.change_holder', changeHolder(operator.value, { holderIdentityId, registerVersion }));
  }
  return true;
}

/**
 * A register that was restored from a backup will give the versions it lost again, to others: what was given to people under one of them
 * must not count then. Under which epoch of the register it was given stands in the basis of the fact that gave it.
 */
async function takeBack(tx: ReactionTx, fact: Incoming): Promise<void> {
  const { objectId, registerVersion } = fromWire<RegisterEntryState>(fact.state);
  for (const id of await givenUnderLost(tx, fact, delegations.type, objectId, registerVersion)) {
    const decision = revoke((await tx.lock(delegations, id))?.value);
    if (!isRefusal(decision)) await tx.write('delegation.revoke', decision);
  }
  for (const id of await givenUnderLost(tx, fact, memberships.type, objectId, registerVersion)) {
    const decision = remove((await tx.lock(memberships, id))?.value);
    if (!isRefusal(decision)) await tx.write('workspace_membership.remove', decision);
  }
}

/** Ids of what is in force, was given under a later version than the entry's, and before the epoch of this fact. */
async function givenUnderLost(tx: ReactionTx, fact: Incoming, table: string, operator: string, version: number) {
  const rows = await tx.rows<{ id: string; basis: readonly string[] }>(sql`
    select given.id, coalesce(journal.payload::jsonb -> 'basis', '[]') as basis
      from ${raw(table)} given join journal on journal.event_id = given.last_event_id
      where given.operator = ${operator} and given.state = 'ACTIVE' and (given.published ->> 'register_version')::integer > ${version}
      order by given.id`);
  return rows.filter(({ basis }) => !basis.some((one) => isOfEpoch(one, fact))).map(({ id }) => id);
}

/** `transfer/register_entry/operator:nypd@2.5`: of the epoch of this fact, or of a later one. */
function isOfEpoch(basis: string, { aggregate_id: id, epoch }: Incoming): boolean {
  const of = `transfer/register_entry/${id}@`;
  return basis.startsWith(of) && Number.parseInt(basis.slice(of.length), 10) >= epoch;
}
