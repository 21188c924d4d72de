import { Memory } from '../../../infra/scripts/replay/client.ts';
import type { Decided, Person } from './client.ts';
import type { CommandName } from './commands.ts';
import { expected, together, WalkEnds, type Walking } from './steps.ts';

/** The register's word on one operator. */
interface Entry {
  readonly holderIdentityId: string;
  readonly activeTransfer: Transfer | null;
}

interface Transfer {
  readonly id: string;
  readonly state: string;
  readonly version: number;
  readonly toIdentityId: string;
  readonly transitions: readonly { readonly transition: string; readonly actorId: string }[];
}

/** Who may do what about one transfer, the same for whoever asks: nobody is to be refused for having taken part before. */
interface Parties {
  readonly proposer: Person;
  readonly target: Person;
  /** Accepts or rejects in the target's place. */
  readonly deputy: Person;
  readonly completers: readonly [Person, Person];
}

const TRANSFER = 'id state version toIdentityId transitions { transition actorId }';
const ENTRY = `query ($id: String!) { registerEntry(objectClass: "operator", objectId: $id) {
  holderIdentityId activeTransfer { ${TRANSFER} } } }`;
/** Whoever comes too late is told so; nobody is refused for anything else. */
const LATE = ['WRONG_STATE'];
const OUTRUN = ['TRANSFER_ACTIVE', 'ALREADY_HOLDER', 'FORBIDDEN'];

/** One look at an operator: a storm of proposals where nothing holds it, then everybody at once decides about what does. */
export async function trade(walking: Walking): Promise<void> {
  const { town, random, log } = walking;
  const operator = random.pick(town.traded);
  const memory = new Memory(town.tokens);
  try {
    const entry = await entryOf(walking, memory, operator);
    if (entry.activeTransfer === null) await storm(walking, memory, operator, entry.holderIdentityId);
    // Of another client's, or of a proposal whose answer was lost: whoever is entitled goes on with it.
    const { activeTransfer } = await entryOf(walking, memory, operator);
    if (activeTransfer === null) return;
    const parties = partiesOf(walking, activeTransfer);
    if (activeTransfer.state === 'proposed') await dispute(walking, memory, activeTransfer.id, parties);
    if ((await look(walking, memory, activeTransfer.id)) !== 'accepted') return;
    await complete(walking, memory, operator, activeTransfer.id, parties);
  } catch (error) {
    if (!(error instanceof WalkEnds)) log.astray.push((error as Error).message);
  }
}

async function entryOf({ client, town }: Walking, memory: Memory, operator: string): Promise<Entry> {
  const [{ principal }] = town.superAdmins;
  const answer = await client.ask(principal, memory, ENTRY, { id: operator });
  if (answer === undefined) throw new WalkEnds('the load ends');
  if (answer.registerEntry === null) throw new Error(`the register shows no operator ${operator}`);
  return answer.registerEntry;
}

/** Several propose at once that it go to somebody, the holder, super_admins and one who does not hold it: at most one is heard. */
async function storm(walking: Walking, memory: Memory, operator: string, holderId: string): Promise<void> {
  const { client, town, random } = walking;
  const others = town.traders.filter(({ identityId }) => identityId !== holderId);
  const holder = personOf(walking, holderId);
  const entitled = random.shuffled([holder, ...town.superAdmins]).slice(0, random.integer(1, 3));
  const proposers = random.chance(0.2) ? [...entitled, random.pick(others)] : entitled;
  await together(
    proposers.map(async (proposer) => {
      const toIdentityId = random.pick(others.filter((one) => one !== proposer)).identityId;
      const input = {
        objectClass: 'operator',
        objectId: operator,
        toIdentityId,
        reasonType: 'sale',
        reason: 'An offer',
      };
      const own = new Memory(memory.tokens);
      const decided = await client.act(proposer, own, 'proposeTransfer', input, { taken: OUTRUN });
      expected(decided, 'proposeTransfer', OUTRUN);
      if (decided.kind === 'accepted') memory.tokens = own.tokens;
    }),
  );
}

function personOf({ town }: Walking, identityId: string): Person {
  const found = [...town.traders, ...town.superAdmins].find((one) => one.identityId === identityId);
  if (found === undefined) throw new Error(`nobody in town is ${identityId}`);
  return found;
}

function partiesOf(walking: Walking, { id, toIdentityId, transitions }: Transfer): Parties {
  const proposal = transitions.find(({ transition }) => transition === 'transfer.propose');
  const proposer = personOf(walking, proposal?.actorId ?? '');
  const others = walking.town.superAdmins.filter((one) => one !== proposer);
  const turn = Number.parseInt(id.slice(-4), 16) % others.length;
  const [deputy, first, second] = [...others.slice(turn), ...others.slice(0, turn)] as [Person, Person, Person];
  return { proposer, target: personOf(walking, toIdentityId), deputy, completers: [first, second] };
}

/** Its target accepts, or somebody is faster: with a rejection, a cancelation, or a completion that comes too early. */
async function dispute(walking: Walking, memory: Memory, id: string, parties: Parties): Promise<void> {
  const { random } = walking;
  const { proposer, target, deputy, completers } = parties;
  const moves: [CommandName, Person][] = [['acceptTransfer', random.chance(0.7) ? target : deputy]];
  if (random.chance(0.2)) moves.push(['acceptTransfer', random.chance(0.5) ? target : deputy]);
  if (random.chance(0.15)) moves.push(['rejectTransfer', random.chance(0.5) ? target : deputy]);
  if (random.chance(0.15)) moves.push(['cancelTransfer', proposer]);
  if (random.chance(0.2)) moves.push(['completeTransfer', completers[0]]);
  await together<unknown>([
    ...random.shuffled(moves).map(([name, by]) => move(walking, memory, name, by, id)),
    ...(random.chance(0.3) ? [look(walking, new Memory(memory.tokens), id)] : []),
  ]);
}

/** One or both of those who may complete it do; whoever is told that it is done tries whose it is. */
async function complete(walking: Walking, memory: Memory, operator: string, id: string, parties: Parties) {
  const { random } = walking;
  const racers = parties.completers.slice(0, random.integer(1, 2));
  await together<unknown>([
    ...racers.map(async (by) => {
      const { payload } = await move(walking, memory, 'completeTransfer', by, id);
      if (payload.transfer?.toRegisterVersion != null) await handOver(walking, memory, operator, payload.transfer);
    }),
    ...(random.chance(0.1) ? [move(walking, memory, 'cancelTransfer', parties.proposer, id)] : []),
    ...(random.chance(0.3) ? [look(walking, new Memory(memory.tokens), id)] : []),
  ]);
}

/** The one before and the one after say at once that the operator is ready, both knowing of the completion. */
async function handOver(
  walking: Walking,
  memory: Memory,
  slug: string,
  moved: { readonly toRegisterVersion: number; readonly fromIdentityId: string; readonly toIdentityId: string },
): Promise<void> {
  const { client } = walking;
  await together(
    [moved.fromIdentityId, moved.toIdentityId].map(async (identityId) => {
      const noted = { subjectId: slug, sawRegister: moved.toRegisterVersion };
      const input = { slug, readiness: 'READY' };
      const own = new Memory(memory.tokens);
      const decided = await client.act(personOf(walking, identityId), own, 'setReadiness', input, noted);
      // Whose it is may have changed again meanwhile; who may is for the checker to say.
      expected(decided, 'setReadiness', ['FORBIDDEN']);
    }),
  );
}

async function move(walking: Walking, memory: Memory, name: CommandName, by: Person, id: string): Promise<Decided> {
  const own = new Memory(memory.tokens);
  const decided = await walking.client.act(by, own, name, { transferId: id }, { subjectId: id });
  expected(decided, name, LATE);
  if (decided.kind === 'accepted') memory.tokens = own.tokens;
  return decided;
}

/** Somebody reads the transfer; gives the state it was shown in. */
async function look({ client, town, log }: Walking, memory: Memory, id: string): Promise<string> {
  const [{ principal }] = town.superAdmins;
  const sentMs = performance.now();
  const answer = await client.ask(principal, memory, 'query ($id: ID!) { transfer(id: $id) { state version } }', {
    id,
  });
  if (answer === undefined) throw new WalkEnds('the load ends');
  if (answer.transfer === null) throw new Error(`transfer ${id} is not shown`);
  log.sightings.push({ of: 'transfer', id, sentMs, endedMs: performance.now(), ...answer.transfer });
  return answer.transfer.state;
}
