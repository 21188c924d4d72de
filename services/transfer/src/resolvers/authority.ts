import { viewerOf } from '@qtm/relations';
import { badUserInput, byKey, type Context, rowsOf, sql } from '@qtm/service-kit';
import { entryId } from '../domain/register-entry.ts';
import type { QueryAuthorityAtArgs, QueryVerifyRegisterArgs } from '../generated/graphql.ts';
import { holdersOf, type Verification, verifyAll, verifyEntry } from '../register-history.ts';
import { REGISTRARS, registerEntries, transfers } from '../store.ts';

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

/** Folds the history of one object that the session sees anew, or of the whole register, and holds it against the register. */
export async function verifyRegister(
  context: Context,
  { objectClass, objectId }: QueryVerifyRegisterArgs,
): Promise<Verification> {
  const { db, session } = context;
  if (objectId != null) {
    if (objectClass == null) {
      throw badUserInput("'objectId' is found in its class: give 'objectClass', too", { argument: 'objectClass' });
    }
    return verifyEntry(db, entryId(objectClass, objectId), registerEntries.visibleTo(session));
  }
  // It reads the journal of everything, so not everybody has it read.
  if (!(await viewerOf(context)).hasAnyRole(...REGISTRARS)) {
    throw badUserInput("give 'objectId': only overseers and governors have the whole register folded", {
      argument: 'objectId',
    });
  }
  return verifyAll(db, objectClass ?? undefined);
}
