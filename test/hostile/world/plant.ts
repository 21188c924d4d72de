import { handOff } from '../../harness/cast.ts';
import { Visitor } from '../../harness/visitor.ts';
import { Canaries, type Chain } from './canaries.ts';
import type { Person, Sign, Standing } from './people.ts';
import { plantImport, plantTransfers } from './plant-transfers.ts';

/** The planted world: two operators whose rows nobody but theirs may see, and a third one with which anything may be done. */
export interface World {
  readonly canaries: Canaries;
  readonly chains: readonly Chain[];
  /** Everybody of the two operators, and those who made requests of them. */
  readonly insiders: readonly Person[];
  /** Who governs the network, and the third operator's people: with them commands are accepted. */
  readonly actors: readonly Person[];
  /** Identities that may be suspended, delegated to and given roles; nobody speaks as one of them. */
  readonly scapegoats: readonly string[];
  /** Slugs of the two operators. */
  readonly operators: readonly string[];
  /** Slug of the third. */
  readonly sandbox: string;
  /** A pool of the third operator's. */
  readonly sandboxPool: string;
}

const STANDINGS: readonly Standing[] = ['HOLDER', 'EXECUTE', 'GOVERN', 'MEMBER'];
const FILE = { sha256: 'a'.repeat(64), sizeBytes: 10, mediaType: 'image/png', storageRef: 's3://bucket/object' };

/**
 * Builds the world through the gateway, as its people would.
 * @param run put into names, so that worlds of several runs can lie in one system
 */
export async function plantWorld(endpoint: string, sign: Sign, run: string): Promise<World> {
  const canaries = new Canaries();
  const visitors = new Map<string, Visitor>();
  const identities = new Map<string, string>();
  const people: Person[] = [];

  async function enter(name: string, roles: readonly string[] = [], of?: Person['of']): Promise<Visitor> {
    const person: Person = {
      name,
      subject: `${run}-${name}`,
      kind: 'HUMAN',
      roles,
      registered: true,
      ...(of === undefined ? {} : { of }),
    };
    const visitor = new Visitor(endpoint, sign, person);
    const displayName = canaries.plant('called', name);
    const { identity } = await visitor.mutate('registerIdentity', { displayName }, 'identity { id }');
    people.push(person);
    visitors.set(name, visitor);
    identities.set(name, identity.id);
    return visitor;
  }

  const governor = await enter('governor', ['admin_governor']);
  const secondGovernor = await enter('second governor', ['admin_governor']);
  // Three, since nobody proposes, accepts and completes one transfer.
  const superAdmin = await enter('super admin', ['super_admin']);
  for (const name of ['second super admin', 'third super admin']) await enter(name, ['super_admin']);
  await plantImport(superAdmin);

  async function found(slug: string): Promise<void> {
    for (const standing of STANDINGS) await enter(`${slug} ${standing}`, [], { operator: slug, standing });
    await enter(`${slug} requester`, ['requester']);
    const holder = visitorOf(visitors, `${slug} HOLDER`);
    const idOf = (standing: Standing) => identities.get(`${slug} ${standing}`);
    governor.learn(holder);
    const profile = { slug, name: `Crew ${slug}`, type: 'ORGANIZATION', surfaces: ['municipal', 'freight'] };
    await governor.mutate('onboardOperator', { ...profile, holderIdentityId: idOf('HOLDER') });
    await secondGovernor.learn(governor).mutate('activateOperator', { slug });
    holder.learn(secondGovernor, ...STANDINGS.map((standing) => visitorOf(visitors, `${slug} ${standing}`)));
    for (const power of ['EXECUTE', 'GOVERN'] as const) {
      await holder.mutate('delegate', { operator: slug, identityId: idOf(power), power });
    }
    await holder.mutate('addWorkspaceMember', { operator: slug, identityId: idOf('MEMBER') });
    governor.learn(holder);
    visitorOf(visitors, `${slug} requester`).learn(holder);
  }

  const operators = [`${run}-north`, `${run}-south`];
  const sandbox = `${run}-west`;
  for (const slug of [...operators, sandbox]) await found(slug);

  // Of the third operator nothing is a canary: its rows are there to be acted on, in every state.
  const planted = await Promise.all(
    [...operators, sandbox].map((slug) =>
      plantChains({
        canaries: slug === sandbox ? new Canaries() : canaries,
        slug,
        requester: visitorOf(visitors, `${slug} requester`),
        holder: visitorOf(visitors, `${slug} HOLDER`),
        governor: new Visitor(endpoint, sign, governor.options).learn(governor),
      }),
    ),
  );
  for (const slug of operators) {
    await plantTransfers({
      canaries,
      slug,
      visitor: (standing) => visitorOf(visitors, `${slug} ${standing}`),
      identity: (standing) => identities.get(`${slug} ${standing}`),
    });
  }
  const chains = planted.flat().filter(({ name }) => !name.startsWith(sandbox));

  const scapegoats: string[] = [];
  for (let number = 1; number <= 3; number++) {
    scapegoats.push(await new Visitor(endpoint, sign, { subject: `${run}-scapegoat-${number}` }).register());
  }
  const { pool } = await governor.mutate('createPool', { name: `Of ${sandbox}` }, 'pool { id }');
  await governor.mutate('addPoolMember', { poolId: pool.id, operator: sandbox });

  const isActor = ({ name, of }: Person) =>
    of?.operator === sandbox || !operators.some((slug) => name.startsWith(slug));
  return {
    canaries,
    chains,
    operators,
    sandbox,
    scapegoats,
    sandboxPool: pool.id,
    insiders: people.filter((person) => !isActor(person)),
    actors: [...people.filter(isActor), newcomer(run)],
  };
}

/** Somebody nobody has registered yet. */
function newcomer(run: string): Person {
  return { name: 'newcomer', subject: `${run}-newcomer`, kind: 'HUMAN', roles: [], registered: false };
}

interface Plot {
  readonly canaries: Canaries;
  readonly slug: string;
  readonly requester: Visitor;
  readonly holder: Visitor;
  readonly governor: Visitor;
}

/** One chain for each place a chain can stop at, of one operator. */
async function plantChains({ canaries, slug, requester, holder, governor }: Plot): Promise<Chain[]> {
  const chains: Chain[] = [];

  async function begin(name: string, facts: Omit<Chain, 'name' | 'submitter'>) {
    const chain: Chain = { name: `${slug} ${name}`, submitter: `${slug} requester`, ...facts };
    chains.push(chain);
    const say = (kind: 'asked' | 'decision' | 'evidence' | 'execution') => canaries.plant(kind, chain);
    const asked = {
      surface: 'municipal',
      what: say('asked'),
      channel: 'PHONE',
      category: 'noise',
      actor: { reference: say('asked'), name: say('asked'), contact: say('asked') },
      location: { address: say('asked'), city: 'Springfield', latitude: 40.7, longitude: -73.9 },
      attributes: [{ name: 'hint', value: say('asked') }],
      ...(facts.governedBy === 'network' ? {} : { addressedTo: slug }),
    };
    const { intake, task, request } = await requester.mutate(
      'submitRequest',
      asked,
      'intake { id actor { id } } task { id } request { id }',
    );
    canaries.plantIds(chain, [intake.id, intake.actor.id, task.id, request.id]);
    governor.learn(requester);
    return { chain, say, taskId: task.id as string };
  }

  async function job(name: string) {
    const begun = await begin(name, { governedBy: 'network', worker: slug });
    const jobId = await handOff(governor, begun.taskId, { operator: slug, reason: begun.say('decision') });
    canaries.plantIds(begun.chain, [jobId]);
    holder.learn(governor);
    return { ...begun, jobId };
  }

  async function started(name: string) {
    const begun = await job(name);
    await holder.mutate('claimJob', { jobId: begun.jobId, asOperator: slug });
    const { serviceEvent } = await holder.mutate('startJob', { jobId: begun.jobId }, 'serviceEvent { id }');
    canaries.plantIds(begun.chain, [serviceEvent.id]);
    const note = { jobId: begun.jobId, kind: 'NOTE', note: begun.say('evidence') };
    const { evidence } = await holder.mutate('attachEvidence', note, 'evidence { id }');
    canaries.plantIds(begun.chain, [evidence.id]);
    return begun;
  }

  await begin('addressed', { governedBy: slug });
  await begin('open', { governedBy: 'network' });
  const rejected = await begin('rejected', { governedBy: slug });
  holder.learn(governor);
  await holder.mutate('reviewTask', { taskId: rejected.taskId });
  await holder.mutate('rejectTask', { taskId: rejected.taskId, reason: rejected.say('decision') });
  governor.learn(holder);

  const pooled = await begin('pooled', { governedBy: 'network', claimant: slug });
  const { pool } = await governor.mutate('createPool', { name: `Of ${slug} alone` }, 'pool { id }');
  await governor.mutate('addPoolMember', { poolId: pool.id, operator: slug });
  const pooledJob = await handOff(governor, pooled.taskId, { poolId: pool.id, reason: pooled.say('decision') });
  canaries.plantIds(pooled.chain, [pool.id, pooledJob]);
  await job('queued');
  const released = await job('released');
  await holder.mutate('claimJob', { jobId: released.jobId, asOperator: slug });
  await holder.mutate('releaseJob', { jobId: released.jobId, reason: released.say('execution') });
  await started('live');

  const aborted = await started('aborted');
  await holder.mutate('abortServiceEvent', { jobId: aborted.jobId, reason: aborted.say('execution') });

  const done = await started('done');
  const { jobId } = done;
  await holder.mutate('advanceStage', { jobId, toStage: 'resolution' });
  await holder.mutate('attachEvidence', { jobId, kind: 'PHOTO', ...FILE });
  await holder.mutate('attachEvidence', { jobId, kind: 'NOTE', note: done.say('evidence') });
  const completed = await holder.mutate('completeServiceEvent', { jobId, outcome: 'RESOLVED' }, 'record { id }');
  await holder.mutate('completeJob', { jobId });
  const correction = { recordId: completed.record.id, reason: done.say('execution') };
  const evidence = [{ kind: 'NOTE', note: done.say('evidence') }];
  const corrected = await holder.mutate('correctRecord', { ...correction, evidence }, 'record { id }');
  canaries.plantIds(done.chain, [completed.record.id, corrected.record.id]);
  governor.learn(holder);
  return chains;
}

function visitorOf(visitors: ReadonlyMap<string, Visitor>, name: string): Visitor {
  const visitor = visitors.get(name);
  if (visitor === undefined) throw new Error(`nobody is called ${name}`);
  return visitor;
}
