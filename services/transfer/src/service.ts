import { principal, REMEDIES } from '@qtm/relations';
import { type ServiceDefinition, sql } from '@qtm/service-kit';
import { mutationsFor } from './commands/index.ts';
import { expireTransfer } from './commands/moves.ts';
import { REFUSALS } from './domain/refusals.ts';
import { type ObjectClass, readObjectClasses } from './object-classes.ts';
import { publishPolicies } from './publish-policies.ts';
import { seeding } from './reactions.ts';
import { verifyAll } from './register-history.ts';
import { resolversFor } from './resolvers/index.ts';
import { registerEntries, registerImports, transferPolicies, transfers } from './store.ts';

/** How do ownership and control move? The Governed Register and transfers, for objects of these classes. */
export function transferService(classes: readonly ObjectClass[]): ServiceDefinition {
  const mutations = mutationsFor(classes);
  return {
    name: 'transfer',
    aggregates: [registerEntries, transfers, transferPolicies, registerImports],
    commands: [...Object.values(mutations), expireTransfer],
    resolvers: resolversFor(mutations),
    follows: followed(classes),
    reactions: seeding(classes),
    principal,
    refusals: REFUSALS,
    remedies: {
      ...REMEDIES,
      holds_object: 'it takes the identity that the register names as holder of the object',
      to_party: 'it takes the identity to which the object is to go',
      proposer: 'it takes the identity that proposed the transfer',
      party: 'it takes the holder of the object, the identity to which it is to go, or the one that proposed it',
      distinct_actor:
        'it takes an identity that neither proposed, accepted nor imported the transfer, nor set the literal terms it is under',
      from_party_still_holds: 'the object must still be held as it was when the transfer was proposed',
      credentials_valid: 'the identity to which it is to go must hold the credentials that the terms ask for',
      seven_answers_complete: 'all seven governing questions must be answered',
    },
    uniqueRules: {
      one_active_transfer_per_object: 'TRANSFER_ACTIVE',
      one_completion_per_register_version: 'WRONG_STATE',
      one_open_register_import: 'IMPORT_OPEN',
      register_entry_pkey: 'OBJECT_ENTERING',
    },
    onStart: (acts) => publishPolicies(classes, acts),
    measures: [
      {
        name: 'qtm_transfer_register_divergences',
        help: 'objects of which the register says something else than their history; anything but 0 is a fault, and no number where it could not be read',
        read: async (db) => (await verifyAll(db)).divergences.length,
      },
    ],
    clock: [{ command: expireTransfer, due: (limit) => OVERDUE(limit) }],
  };
}

/** Deadlines are text whose order is that of time, as the database's clock writes it. */
const OVERDUE = (limit: number) => sql`select id as transfer_id, version from transfer
  where deadline <= to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  order by deadline limit ${limit}`;

/** What relations rest on, and the objects of the classes. */
function followed(classes: readonly ObjectClass[]) {
  const follows = new Map<string, Set<string>>([
    ['operator', new Set(['identity', 'operator', 'delegation', 'workspace_membership'])],
    ['governance', new Set(['role_grant', 'governance_task'])],
  ]);
  for (const { owner } of classes) {
    follows.set(owner.service, new Set([...(follows.get(owner.service) ?? []), owner.type]));
  }
  return Object.fromEntries([...follows].map(([service, types]) => [service, [...types]]));
}

export const service = transferService(readObjectClasses());
