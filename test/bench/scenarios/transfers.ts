import { Graph, mutation } from '../graph.ts';
import type { Act } from '../load.ts';
import { type Market, openMarket, type Trader } from '../market.ts';
import { openArrivals } from '../measure/arrivals.ts';
import type { Scenario } from '../scenario.ts';

const STEPS = ['proposeTransfer', 'acceptTransfer', 'completeTransfer'] as const;
type Step = (typeof STEPS)[number];
const DOCUMENTS = Object.fromEntries(
  STEPS.map((step) => [step, mutation(step, 'transfer { id toRegisterVersion }')]),
) as Readonly<Record<Step, string>>;

/** Whoever decides by what the register says of operators. */
const FOLLOWERS = ['jobs', 'governance', 'workflow', 'operator'];

/** Every arrival moves an operator to another holder; its holder proposes, the other accepts, a super_admin completes. */
export const transferLoop: Scenario = {
  about:
    'whole transfers of operators: proposed, accepted, completed, through the gateway; --rate is transfers per second',
  defaults: { rate: 20, clients: 8, operators: 500 },
  async run(world, options, measure, log) {
    const market = await openMarket(world, options.operators);
    const graph = new Graph(world.system.endpoint);
    const arrivals = await openArrivals(world, { service: 'transfer', type: 'register_entry', followers: FOLLOWERS });
    await measure(`whole transfers of ${options.operators} operators`, transfers(graph, market, arrivals.acknowledged));
    log(await arrivals.close());
    await graph.close();
  },
};

/** Moves the operator that has not been moved for longest; `completed` hears of each. */
export function transfers(
  graph: Graph,
  { idle, traders, superAdmins: [superAdmin] }: Market,
  completed: (entryId: string, version: number) => void,
): () => Act {
  let number = 0;
  return () => ({
    name: 'read: whole transfer',
    async run(note) {
      const holding = idle.shift();
      if (holding === undefined) throw new Error('every operator is under way: give more --operators');
      const { slug, holder } = holding;
      const to = traders.filter((one) => one !== holder)[number % (traders.length - 1)] as Trader;
      const key = `bench:transfer:${number++}`;
      const make = async (step: Step, token: string, input: object) => {
        const sentMs = performance.now();
        const data = await graph.ask(token, DOCUMENTS[step], { input: { idempotencyKey: key, ...input } }, step);
        note(step, performance.now() - sentMs);
        return (data[step] as { transfer: { id: string; toRegisterVersion: number | null } }).transfer;
      };
      const proposal = { objectClass: 'operator', objectId: slug, toIdentityId: to.identityId, reasonType: 'sale' };
      const { id: transferId } = await make('proposeTransfer', await holder.principal.token(), proposal);
      await make('acceptTransfer', await to.principal.token(), { transferId });
      const { toRegisterVersion } = await make('completeTransfer', await superAdmin.token(), { transferId });
      completed(`operator:${slug}`, toRegisterVersion ?? 0);
      idle.push({ slug, holder: to });
    },
  });
}
