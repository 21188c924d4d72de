import { badUserInput, byKey, type Context, rowsOf, sql } from '@qtm/service-kit';
import { entryId } from '../domain/register-entry.ts';
import type { QueryAuthorityAtArgs, QueryVerifyRegisterArgs } from '../generated/graphql.ts';
import { holdersOf, type Verification, verifyEntries } from '../register-history.ts';
import { registerEntries, transfers } from '../store.ts';

/** Who held authority over an object at an instant, and by what; null where nobody did, or it is not to be seen. */
export async function authorityAt(context: Context, { objectClass, objectId, instant }: QueryAuthorityAtArgs) {
  const [clock] = await rowsOf(
    context.db,
    sql`select to_char(clock_timestamp() at time zone 'UTC',
    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`,
  );
  if (instant > clock?.now) throw badUserInput("'instant' is later than now", { argument: 'instant' });
  const entry = await context.load(registerEntries, entryId(objectClass, objectId));
  if (entry === null) return null;
  const holders = await holdersOf(context.db, entry.id);
  const at = holders.findLastIndex(({ since }) => since <= instant);
  const held = holders[at];
  if (held === undefined) return null;
  const { holderIdentityId, registerVersion, setBy, setById, since } = held;
  return {
    objectClass,
    objectId,
    holderIdentityId,
    holder: byKey('id', holderIdentityId),
    registerVersion,
    setBy,
    transfer: setBy === 'transfer' ? await context.load(transfers, setById) : null,
    since,
    until: holders[at + 1]?.since ?? null,
  };
}

/** Folds the history of what the session may see of the register anew, and holds it against the register. */
export function verifyRegister(
  { db, session }: Context,
  { objectClass, objectId }: QueryVerifyRegisterArgs,
): Promise<Verification> {
  if (objectId != null && objectClass == null) {
    throw badUserInput("'objectId' is found in its class: give 'objectClass', too", { argument: 'objectClass' });
  }
  return verifyEntries(
    db,
    sql`(${registerEntries.visibleTo(session)})
      and object_class = coalesce(${objectClass ?? null}, object_class) and object_id = coalesce(${objectId ?? null}, object_id)`,
  );
}
