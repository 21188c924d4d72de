import type { Principal } from '../../../infra/scripts/replay/principals.ts';
import { oneActive } from '../../chaos/check/mutex.ts';
import { readEvents } from '../../chaos/check/read-topics.ts';
import { Random } from '../../harness/random.ts';
import { relayed } from '../../harness/topics.ts';
import { Graph, mutation } from '../graph.ts';
import type { Act } from '../load.ts';
import { type Holding, type Market, openMarket, type Trader } from '../market.ts';
import { PerSecond } from '../measure/per-second.ts';
import type { Scenario } from '../scenario.ts';
import type { World } from '../world.ts';

const PROPOSE = mutation('proposeTransfer', 'transfer { id }');
const STEPS = ['cancelTransfer', 'acceptTransfer', 'completeTransfer'] as const;
type Step = (typeof STEPS)[number];
const DOCUMENTS = Object.fromEntries(STEPS.map((step) => [step, mutation(step, 'transfer { id }')])) as Readonly<
  Record<Step, string>
>;

interface Proposed {
  readonly transfer: { readonly id: string } | null;
  readonly refusal: { readonly code: string } | null;
}

/** Super_admins: they may propose whoever the holder is by now, and one completes what another has proposed. */
const PROPOSERS = 16;
/** Of those that come in, one in so many is completed; the others are canceled. Either way the next can come in. */
const COMPLETED_EVERY = 4;

/** The same few operators are proposed for by many at once: one proposal holds the operator, the others are told so. */
export const proposalStorm: Scenario = {
  about:
    'proposals to transfer the same few operators by many at once, through the gateway; --rate is proposals per second',
  defaults: { rate: 0, clients: 64, operators: 4 },
  async run(world, options, measure, log) {
    const market = await openMarket(world, options.operators, PROPOSERS);
    const graph = new Graph(world.system.endpoint);
    const decided = new PerSecond();
    await measure(
      `proposals for ${options.operators} operators at once`,
      proposals(graph, market, options.seed, (outcome, ms) => decided.add(outcome, ms)),
    );
    log(`${decided.table().join('\n')}\nfrom the first proposal on, ${options.warmup} s of warming up included`);
    log(await verified(world, graph, market));
    await graph.close();
  },
};

/** Proposes for any of the operators; whoever succeeds ends the transfer at once. `decided` hears what came of each. */
export function proposals(
  graph: Graph,
  { idle: operators, traders, superAdmins }: Market,
  seed: number,
  decided: (outcome: string, ms: number) => void,
): () => Act {
  const random = new Random(seed);
  const holders = new Map(operators.map(({ slug, holder }) => [slug, holder]));
  let number = 0;
  let succeeded = 0;
  return () => {
    const turn = number++;
    const { slug } = random.pick<Holding>(operators);
    const to = random.pick<Trader>(traders.filter((one) => one !== holders.get(slug)));
    const proposer = superAdmins[turn % superAdmins.length] as Principal;
    const other = superAdmins[(turn + 1) % superAdmins.length] as Principal;
    const idempotencyKey = `bench:proposal:${turn}`;
    return {
      name: 'read: proposal, and its end',
      async run(note) {
        const proposal = { objectClass: 'operator', objectId: slug, toIdentityId: to.identityId, reasonType: 'sale' };
        const token = await proposer.token();
        const sentMs = performance.now();
        const data = await graph.ask(token, PROPOSE, { input: { idempotencyKey, ...proposal } });
        const tookMs = performance.now() - sentMs;
        const { transfer, refusal } = data.proposeTransfer as Proposed;
        const outcome = refusal?.code ?? 'ACCEPTED';
        note(`proposeTransfer: ${outcome}`, tookMs);
        decided(outcome, tookMs);
        if (transfer === null) return;
        const go = async (step: Step, by: Principal) => {
          const token = await by.token();
          const sentMs = performance.now();
          await graph.ask(token, DOCUMENTS[step], { input: { idempotencyKey, transferId: transfer.id } }, step);
          note(step, performance.now() - sentMs);
        };
        if (succeeded++ % COMPLETED_EVERY > 0) return go('cancelTransfer', proposer);
        await go('acceptTransfer', to.principal);
        await go('completeTransfer', other);
        holders.set(slug, to);
      },
    };
  };
}

/**
 * Looks whether it went as it must, by what the topics tell and by the register's own word.
 * @throws Error where it did not
 */
async function verified(world: World, graph: Graph, { superAdmins: [asker] }: Market): Promise<string> {
  await relayed({ ...world.system, brokers: world.stack.kafka.brokers });
  const { invariant, checked, findings } = oneActive([], await readEvents(world));
  if (findings.length > 0) throw new Error(`not so: ${invariant}: ${findings.slice(0, 3).join('; ')}`);
  const { verifyRegister } = await graph.ask(await asker.token(), '{ verifyRegister { objects holds } }', {});
  const { objects, holds } = verifyRegister as { objects: number; holds: boolean };
  if (!holds) throw new Error('the register is not what its history makes it');
  return `${invariant}: ${checked} transfers looked at; the register holds, ${objects} objects folded`;
}
