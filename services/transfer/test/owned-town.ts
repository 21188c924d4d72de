import type { ServiceDefinition, Session } from '@qtm/service-kit';
import { createOwners } from '../../../infra/service-kit/src/confirm/owners.ts';
import { type Bench, openBench } from '../../../test/harness/bench.ts';
import { uniqueName } from '../../../test/harness/names.ts';
import { roleGranted } from '../../../test/harness/people.ts';
import { loadService } from '../../../test/harness/services.ts';
import { sharedStack } from '../../../test/harness/stack.ts';
import { Visitor, type VisitorOptions } from '../../../test/harness/visitor.ts';
import { service } from '../src/service.ts';
import { type Door, openDoor } from './door.ts';
import { PEOPLE, person, SERVICE, type Town } from './town.ts';

/**
 * A town with the operator service beside it, which owns its identities and operators: what a completion confirms is asked there, over
 * HTTP and in the session of whoever completes. All of the town is asked with real tokens.
 */
export interface OwnedTown extends Town {
  /** The operator service; what happens there is known here once it was told. */
  readonly owner: Bench;
  readonly ownersDoor: Door;
  /** Another operator, of `holder` unless said otherwise; gives its slug. */
  newCrew(by?: Session): Promise<string>;
  /** Gives an operator of `holder` somebody who executes for it, and a member. */
  staff(slug: string): Promise<void>;
  /** Whatever happened at the owner since it was last told, and the register's facts there. */
  tell(): Promise<void>;
  /** Somebody with a session that was proved so many seconds ago. */
  visitor(session: Session, provedAgoS?: number, further?: VisitorOptions): Visitor;
  /** An accepted transfer of an operator that `holder` holds, to `buyer`. */
  accepted(further?: { readonly objectClass?: string; readonly objectId?: string }): Promise<string>;
  /** How a completion ends: the error's code, the refusal's, or the state that the transfer is in by it. */
  complete(by: Session, transferId: string, further?: object): Promise<string>;
}

const { governor } = PEOPLE;
const SECOND_GOVERNOR = person('second-governor', ['admin_governor']);

export interface OwnedTownOptions {
  readonly definition?: ServiceDefinition;
  /** Puts the service together otherwise than the release does. */
  readonly chassisOf?: (chassis: Bench['chassis']) => Bench['chassis'];
  /** False where nobody was granted super_admin. */
  readonly granted?: boolean;
}

export async function openOwnedTown(options: OwnedTownOptions = {}): Promise<OwnedTown> {
  const { definition = service, chassisOf = (chassis) => chassis, granted = true } = options;
  const operatorService = await loadService('operator');
  const [owner, bench] = await Promise.all([openBench(operatorService), openBench(definition)]);
  const ownersDoor = await openDoor(owner, operatorService);
  const owners = createOwners({ addresses: [{ service: 'operator', url: ownersDoor.url }], timeoutMs: 10_000 });
  const door = await openDoor(bench, definition, { ...chassisOf(bench.chassis), owners });
  const { sign } = sharedStack().issuer;
  const visitor: OwnedTown['visitor'] = ({ subject, kind, roles }, provedAgoS = 0, further = {}) => {
    const extra = { auth_time: Math.floor(Date.now() / 1_000) - provedAgoS };
    return new Visitor('', sign, { endpoint: `${door.url}/graphql`, subject, kind, roles, extra, ...further });
  };
  const visitors = new Map<Session, Visitor>();
  const as = (session: Session): Visitor => {
    const found = visitors.get(session) ?? visitor(session);
    visitors.set(session, found);
    return found;
  };
  const tells = [tellerOf(owner, bench), tellerOf(bench, owner)];
  const tell = async () => {
    for (const one of tells) await one();
  };
  const town: OwnedTown = {
    ...bench,
    owner,
    ownersDoor,
    tell,
    visitor,
    ask: (session, query, variables) => as(session).send(query, variables),
    attempt: (session, ...mutation) => as(session).attempt(...mutation),
    mutate: (session, ...mutation) => as(session).mutate(...mutation),
    async newCrew(by = PEOPLE.holder) {
      const slug = uniqueName('crew-');
      await onboard(owner, slug, by);
      await tell();
      return slug;
    },
    async staff(operator) {
      const { holder, executor, member } = PEOPLE;
      await owner.mutate(holder, 'delegate', { operator, identityId: executor.identityId, power: 'EXECUTE' });
      await owner.mutate(holder, 'addWorkspaceMember', { operator, identityId: member.identityId });
      await tell();
    },
    async propose(by, { identityId: toIdentityId }, further = {}) {
      const input = { objectClass: 'operator', objectId: 'crew', toIdentityId, ...further };
      return (await town.mutate(by, 'proposeTransfer', input, 'transfer { id }')).transfer.id;
    },
    async accepted(further = {}) {
      const objectId = further.objectId ?? (await town.newCrew());
      const transferId = await town.propose(PEOPLE.holder, PEOPLE.buyer, { ...further, objectId });
      await town.mutate(PEOPLE.buyer, 'acceptTransfer', { transferId });
      return transferId;
    },
    async complete(by, transferId, further = {}) {
      const input = { transferId, ...further };
      const { data, errors } = await town.attempt(by, 'completeTransfer', input, 'transfer { state }');
      const payload = data?.completeTransfer;
      return String(errors[0]?.extensions?.code ?? payload.refusal?.code ?? payload.transfer.state);
    },
    async stop() {
      for (const one of [door, ownersDoor]) await one.shut();
      for (const one of [bench, owner]) await one.stop();
    },
  };
  for (const one of [...Object.values(PEOPLE), SECOND_GOVERNOR, SERVICE])
    await owner.mutate(one, 'registerIdentity', {});
  await onboard(owner, 'crew', PEOPLE.holder);
  await tell();
  if (granted) for (const one of [owner, bench]) await one.feed(roleGranted(PEOPLE.grantedSuperAdmin, 'super_admin'));
  return town;
}

/** An ACTIVE operator. */
async function onboard(owner: Bench, slug: string, { identityId: holderIdentityId }: Session): Promise<void> {
  const named = { slug, name: `The ${slug} of the town`, type: 'ORGANIZATION', surfaces: ['municipal'] };
  await owner.mutate(governor, 'onboardOperator', { ...named, holderIdentityId });
  await owner.mutate(SECOND_GOVERNOR, 'activateOperator', { slug });
}

/** Tells one service what the other has journalled since, in its order, as its topic would. */
function tellerOf(from: Bench, to: Bench): () => Promise<void> {
  const { service: source } = from.chassis;
  const told: string[] = [];
  return async () => {
    const rows = await from.rows<{ event_id: string; payload: string }>(
      'select event_id, payload from journal where event_id <> all($1) order by occurred_at, transaction_index',
      [told],
    );
    for (const { event_id: id, payload } of rows) {
      await to.feed({ source, event: JSON.parse(payload) });
      told.push(id);
    }
    const parked = await to.rows('select reason from parked_event');
    if (parked.length > 0) throw new Error(`not applied: ${JSON.stringify(parked)}`);
  };
}
