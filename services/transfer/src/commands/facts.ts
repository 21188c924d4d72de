import { createHash } from 'node:crypto';
import { canonicalJson, type Fact, fact, type Known, known, type Sql, sql, storedOf, toWire } from '@qtm/service-kit';
import type { Origin, Party } from '../domain/transfer.ts';
import type { TransferPolicy } from '../domain/transfer-policy.ts';
import type { ObjectClass } from '../object-classes.ts';

/** What commands rest on, beside the rows that they lock. */

/** The policy in force for a class, with its version. */
export function policyOf(objectClass: string | Sql): Fact<(TransferPolicy & { readonly version: number }) | undefined> {
  return fact(
    sql`select id, version, published, occurred_at from transfer_policy where id = ${objectClass}`,
    ([row]) => row && { ...storedOf<TransferPolicy>(row as never).value, version: row.version },
  );
}

/** What a copy says; nothing where it cannot be known. */
export function told<T>(copy: Known<T> | undefined): T | undefined {
  return copy?.unknown === false ? copy.value : undefined;
}

/** The transfer that holds an object; undefined where none does. */
export function activeTransferOf(entryId: string): Fact<string | undefined> {
  return fact(
    sql`select id from transfer where entry_id = ${entryId} and state in ('proposed', 'accepted')`,
    ([row]) => row?.id,
  );
}

/** The import of a register that is open; undefined where none is. */
export function openImport(): Fact<string | undefined> {
  return fact(sql`select id::text as id from register_import where state = 'OPEN'`, ([row]) => row?.id);
}

/** An expression that finds the register entry of a transfer. */
export const entryIdOf = (transferId: string): Sql => sql`(select entry_id from transfer where id = ${transferId})`;

/** Who else had a hand in a transfer: whoever imported it, and whoever set the policy that its terms are of. */
export function originOf(transferId: string): Fact<Origin> {
  return fact(
    sql`select
        (select actor_id from journal where aggregate_type = 'transfer' and aggregate_id = transfer.id::text
          and aggregate_version = 1 and transition = 'transfer.import') as imported_by,
        (select actor_id from journal where aggregate_type = 'transfer_policy' and aggregate_id = transfer.object_class
          and aggregate_version = (transfer.published -> 'terms' ->> 'policy_version')::integer) as terms_set_by
      from transfer where id = ${transferId}`,
    ([row]) => ({ importedBy: row?.imported_by ?? undefined, termsSetBy: row?.terms_set_by ?? undefined }),
  );
}

/** An identity as this service knows it. */
export function partyOf(identityId: string): Fact<Known<Party> | undefined> {
  return known<Party>('operator', 'identity', identityId);
}

/** An object as this service knows it; nothing of a class that is not governed here. */
export function objectOf(of: ObjectClass | undefined, objectId: string): Fact<Known<{ state: string }> | undefined> {
  return known<{ state: string }>(of?.owner.service ?? '', of?.owner.type ?? '', objectId);
}

/**
 * Who could complete a transfer, as far as can be known here: active identities that were granted super_admin, also where that cannot be
 * known at the moment, and those that have acted by that role. Asked only where somebody waives that distinct identities are needed.
 */
export function superAdmins(asked: boolean): Fact<readonly string[]> {
  return fact(
    sql`select distinct who.identity_id from (
        select identity_id from granted_role where role = 'super_admin'
        union select actor_id from journal where authority = 'role:super_admin'
      ) who
      join known_aggregate known on known.source = 'operator' and known.type = 'identity' and known.id = who.identity_id
        and known.state = 'ACTIVE'
      where ${asked}`,
    (rows) => rows.map((row) => row.identity_id),
    'governance',
    'operator',
  );
}

/** Whether the governance task of a transfer's acceptance was reviewed. */
export function reviewOf(transferId: string): Fact<boolean> {
  return fact(
    sql`select source, type, id, epoch, version from known_aggregate
      where source = 'governance' and type = 'governance_task' and published ->> 'transfer_id' = ${transferId}
        and published ->> 'event' = 'transfer_accepted' and state = 'REVIEWED' and not unknown`,
    (rows) => rows.length > 0,
  );
}

/** SHA-256 of the canonical JSON of something, as it stands on topics. */
export function hashOf(state: object): string {
  return createHash('sha256')
    .update(canonicalJson(toWire(state)), 'utf8')
    .digest('hex');
}
