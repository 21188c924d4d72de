import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadEventSchemas } from '../../../infra/service-kit/src/journal/schemas.ts';
import { SCHEMA_ROOT } from '../../../infra/service-kit/src/service/boot.ts';
import { type ObjectClass, readObjectClasses } from '../src/object-classes.ts';
import { transferService } from '../src/service.ts';
import { doctrineOf, type Governed } from './doctrine.ts';
import { type OwnedTown, openOwnedTown } from './owned-town.ts';
import { PEOPLE } from './town.ts';

const { holder, rival, governor } = PEOPLE;

/**
 * A class that exists in these tests alone: the mandate that a holder gives somebody. What was granted enters the register with whoever
 * it was granted to. Nothing but this, and the schema of what its transfer is called, makes it one.
 */
const MANDATE: ObjectClass = {
  class: 'mandate',
  owner: { service: 'operator', type: 'delegation' },
  seed: { event: 'delegation_granted', holder: 'identity_id', since: 'delegated_at' },
  event: 'mandate_transferred',
  ended: ['REVOKED'],
  policy: {
    distinctActors: 'strict',
    waiverAllowed: false,
    reviewRequired: false,
    recoveryBySuperAdmin: false,
    requiredCredentials: [],
    voidable: true,
    lockable: false,
    proposedExpiresS: null,
    acceptedExpiresS: null,
    coolOffS: 0,
  },
};

let town: OwnedTown;
let schemas: string;
beforeAll(async () => {
  schemas = await mkdtemp(join(tmpdir(), 'qtm-schema-'));
  for (const part of ['event.v1.json', 'shared', 'transfer']) {
    await cp(join(SCHEMA_ROOT, part), join(schemas, part), { recursive: true });
  }
  const events = join(schemas, 'transfer/events');
  const ofOperators = await readFile(join(events, 'operator_transferred.v1.json'), 'utf8');
  await writeFile(
    join(events, 'mandate_transferred.v1.json'),
    ofOperators.replaceAll('operator_transferred', 'mandate_transferred'),
  );
  town = await openOwnedTown({
    definition: transferService([...readObjectClasses(), MANDATE]),
    chassisOf: (chassis) => ({
      ...chassis,
      schemas: loadEventSchemas(schemas, 'transfer', chassis.origin.eventPrefix),
    }),
  });
});
afterAll(async () => {
  await town?.stop();
  await rm(schemas, { recursive: true, force: true });
});

const CLASSES: readonly Governed[] = [
  {
    objectClass: 'operator',
    event: 'operator_transferred',
    newObject: (of) => of.newCrew(),
    endAtOwner: (of, slug) => of.owner.mutate(governor, 'retireOperator', { slug }),
  },
  {
    objectClass: 'mandate',
    event: 'mandate_transferred',
    async newObject(of) {
      const mandate = { operator: await of.newCrew(rival), identityId: holder.identityId, power: 'EXECUTE' };
      const { delegation } = await of.owner.mutate(rival, 'delegate', mandate, 'delegation { id }');
      await of.tell();
      return delegation.id;
    },
    endAtOwner(of, objectId) {
      const [operator, identityId, power] = objectId.split(':');
      return of.owner.mutate(rival, 'revokeDelegation', { operator, identityId, power });
    },
  },
];
for (const one of CLASSES) doctrineOf(() => town, one);

test('T-TR-35 deny: of a class that is no file there is no transfer', async () => {
  const input = { objectClass: 'castle', objectId: 'crew', toIdentityId: PEOPLE.buyer.identityId };
  const { data } = await town.attempt(PEOPLE.superAdmin, 'proposeTransfer', input);
  expect(data.proposeTransfer.refusal.code).toBe('OBJECT_CLASS_UNKNOWN');
});
