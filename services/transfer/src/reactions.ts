import { type Incoming, type ReactionTx, sql } from '@qtm/service-kit';
import { entryId, seed } from './domain/register-entry.ts';
import type { ObjectClass } from './object-classes.ts';
import { registerEntries } from './store.ts';

/** What other services decide, and what follows from it here: their objects enter the register. */
export function seeding(classes: readonly ObjectClass[]) {
  return Object.fromEntries(
    classes.map((of) => [
      `${of.owner.service}.${of.seed.event}`,
      (tx: ReactionTx, fact: Incoming) => enter(tx, fact, of),
    ]),
  );
}

/** Every object enters once. What an import brought before stands: the register is asked who holds it, not the one who onboarded it. */
async function enter(tx: ReactionTx, fact: Incoming, of: ObjectClass): Promise<void> {
  const objectId = fact.aggregate_id;
  // An import takes files in one after the other, each under this lock: the object enters before or after one, not beside it.
  await tx.rows(sql`select 1 from register_import where state = 'OPEN' for update`);
  if ((await tx.lock(registerEntries, entryId(of.class, objectId))) !== undefined) return;
  const event = seed({
    objectClass: of.class,
    objectId,
    holderIdentityId: said(fact, of.seed.holder),
    eventId: fact.event_id,
    since: said(fact, of.seed.since),
  });
  await tx.write('register_entry.seed', [event]);
}

/** @throws Error where the owner's fact does not say it: nothing that could be repeated mends that */
function said({ state, event_type: type }: Incoming, key: string): string {
  const value = (state as Readonly<Record<string, unknown>>)[key];
  if (typeof value !== 'string') throw new Error(`${type} does not say ${key}`);
  return value;
}
