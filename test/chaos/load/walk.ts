import { Memory } from '../../../infra/scripts/replay/client.ts';
import type { Person } from './client.ts';
import type { CommandName } from './commands.ts';
import type { Crew } from './people.ts';
import { expected, together, WalkEnds, type Walking } from './steps.ts';

const ROUNDS = 3;
const RELEASED = 0.3;
const CANCELED = 0.05;

/** One request through the whole spine, with a race for its job: several claim it at once, some give it back, some look on. */
export async function walk(walking: Walking): Promise<void> {
  const { town, random, log } = walking;
  const memory = new Memory(town.tokens);
  const crew = random.pick(town.crews);
  try {
    const jobId = await govern(walking, memory, crew);
    if (random.chance(CANCELED)) {
      // A claim may come first, and then the cancelation ends it; or the job may be gone when the claims arrive.
      await together<unknown>([
        race(walking, memory, crew, jobId),
        attempt(walking, memory, 'cancelJob', { jobId }, jobId),
      ]);
      return;
    }
    const winner = await claimed(walking, memory, crew, jobId);
    await execute(walking, memory, winner, jobId);
  } catch (error) {
    if (!(error instanceof WalkEnds)) log.astray.push((error as Error).message);
  }
}

async function govern(walking: Walking, memory: Memory, { operator }: Crew): Promise<string> {
  const { governor, requester } = walking.town;
  const { task } = await step(walking, memory, requester, 'submitRequest', {
    surface: 'municipal',
    what: 'A lamp is dark',
    channel: 'PHONE',
    actor: { reference: 'caller' },
  });
  const taskId: string = task.id;
  await step(walking, memory, governor, 'reviewTask', { taskId, risk: 'LOW' }, taskId);
  await step(walking, memory, governor, 'approveTask', { taskId }, taskId);
  await step(walking, memory, governor, 'assignTask', { taskId, operator }, taskId);
  return (await step(walking, memory, governor, 'createJob', { taskId })).job.id;
}

/** Who holds the job in the end, after races in which it may be given back. */
async function claimed(walking: Walking, memory: Memory, crew: Crew, jobId: string): Promise<Person> {
  for (let round = 1; round <= ROUNDS; round++) {
    const winner = await race(walking, memory, crew, jobId);
    if (winner === undefined) continue;
    if (round === ROUNDS || !walking.random.chance(RELEASED)) return winner;
    await step(walking, memory, winner, 'releaseJob', { jobId }, jobId);
  }
  // A claim that was refused may have come true later, where an earlier attempt of it was still under way.
  throw new WalkEnds('nobody won');
}

async function race(walking: Walking, memory: Memory, crew: Crew, jobId: string): Promise<Person | undefined> {
  const { random, client } = walking;
  const racers = random.shuffled(crew.claimants).slice(0, random.integer(1, crew.claimants.length));
  const [answers] = await Promise.all([
    Promise.all(
      racers.map(async (racer) => {
        const own = new Memory(memory.tokens);
        const input = { jobId, asOperator: crew.operator };
        return { racer, decided: await client.act(racer, own, 'claimJob', input, { subjectId: jobId }), own };
      }),
    ),
    ...(random.chance(0.3) ? [look(walking, memory, jobId)] : []),
  ]);
  for (const { decided } of answers) expected(decided, 'claimJob', ['WRONG_STATE']);
  const won = answers.find(({ decided }) => decided.kind === 'accepted');
  if (won !== undefined) memory.tokens = won.own.tokens;
  return won?.racer;
}

/** Somebody reads the job meanwhile. */
async function look({ client, town, log }: Walking, memory: Memory, jobId: string): Promise<void> {
  const sentMs = performance.now();
  const query = 'query ($id: ID!) { job(id: $id) { state version } }';
  const answer = await client.ask(town.governor.principal, new Memory(memory.tokens), query, { id: jobId });
  if (answer?.job == null) return;
  log.sightings.push({ of: 'job', id: jobId, sentMs, endedMs: performance.now(), ...answer.job });
}

async function execute(walking: Walking, memory: Memory, by: Person, jobId: string): Promise<void> {
  await step(walking, memory, by, 'startJob', { jobId }, jobId);
  await step(walking, memory, by, 'advanceStage', { jobId, toStage: 'resolution' });
  await step(walking, memory, by, 'attachEvidence', { jobId, kind: 'NOTE', note: 'The lamp is bright' });
  await step(walking, memory, by, 'completeServiceEvent', { jobId, outcome: 'RESOLVED' });
  await step(walking, memory, by, 'completeJob', { jobId }, jobId);
}

/** A step that nobody else can be in the way of: anything but acceptance is a finding. */
async function step(
  { client }: Walking,
  memory: Memory,
  as: Person,
  name: CommandName,
  input: object,
  subjectId?: string,
) {
  const decided = await client.act(as, memory, name, input, subjectId === undefined ? {} : { subjectId });
  expected(decided, name, []);
  return decided.payload;
}

async function attempt(walking: Walking, memory: Memory, name: CommandName, input: object, subjectId: string) {
  const { client, town } = walking;
  expected(await client.act(town.governor, memory, name, input, { subjectId }), name, ['WRONG_STATE']);
}
