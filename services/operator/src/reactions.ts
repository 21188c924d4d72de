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
  'transfer.aggregate_restored': registerSpoke,
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

/** The operator takes what the newest version of its register entry says; facts may come again, or late. False where there is none. */
async function follow(tx: ReactionTx, fact: Incoming): Promise<boolean> {
  const { objectClass, objectId, holderIdentityId, registerVersion } = fromWire<RegisterEntryState>(fact.state);
  if (objectClass !== 'operator') return true;
  const operator = await tx.lock(operators, objectId);
  if (operator === undefined) return false;
  const [newest] = await tx.rows(sql`select 1 from known_aggregate
    where source = 'transfer' and type = 'register_entry' and id = ${fact.aggregate_id} and epoch = ${fact.epoch}
      and (published ->> 'register_version')::integer = ${registerVersion}`);
  if (newest === undefined) return true;
  await tx.write('operator.change_holder', changeHolder(operator.value, { holderIdentityId, registerVersion }));
  if (registerVersion < operator.value.registerVersion) await takeBack(tx, objectId, registerVersion);
  return true;
}

/**
 * The register was restored from a backup: versions that were lost will be given again, to others. What was given to people under a lost
 * one must not count then.
 */
async function takeBack(tx: ReactionTx, operator: string, registerVersion: number): Promise<void> {
  const givenLater = (table: typeof delegations | typeof memberships) => sql`select id from ${raw(table.type)}
    where operator = ${operator} and state = 'ACTIVE' and (published ->> 'register_version')::integer > ${registerVersion}
    order by id`;
  for (const { id } of await tx.rows(givenLater(delegations))) {
    const decision = revoke((await tx.lock(delegations, id))?.value);
    if (!isRefusal(decision)) await tx.write('delegation.revoke', decision);
  }
  for (const { id } of await tx.rows(givenLater(memberships))) {
    const decision = remove((await tx.lock(memberships, id))?.value);
    if (!isRefusal(decision)) await tx.write('workspace_membership.remove', decision);
  }
}
