import { Memory } from '../../../infra/scripts/replay/client.ts';
import type { Client } from '../load/client.ts';
import type { Town } from '../load/people.ts';
import type { Shown, ShownEntry, ShownRegister, TopicEvent } from './facts.ts';
import { HISTORY } from './read-shown.ts';
import { factsOf } from './told.ts';

const AT_A_TIME = 20;
const ENTRY = 'id version holderIdentityId registerVersion setById';
const TRANSFER = `id state version ${HISTORY} transitions { eventId }`;

/** Asks as a super_admin, as any client would, for every entry of the register that the topics tell of, and whether it holds. */
export async function readRegister(
  client: Client,
  { superAdmins: [asker] }: Town,
  events: readonly TopicEvent[],
): Promise<ShownRegister> {
  const objects = [...factsOf(events, 'register_entry').keys()].map((id) => id.split(':'));
  const fields = objects.map(([objectClass, objectId]) => {
    return `registerEntry(objectClass: "${objectClass}", objectId: "${objectId}") { ${ENTRY} }`;
  });
  const entries = await askAll<ShownEntry>(client, asker.principal, fields);
  const { verifyRegister } = await client.ask(asker.principal, new Memory(), '{ verifyRegister { objects holds } }');
  return { entries: entries.filter((entry) => entry !== null), verification: verifyRegister };
}

interface AskedTransfer extends Pick<Shown, 'id' | 'state' | 'version'> {
  readonly history: { readonly edges: readonly { readonly node: Shown['history'][number] }[] } | null;
  readonly transitions: readonly { readonly eventId: string }[];
}

/** The same for every transfer. What is not shown is a finding as well: it is taken as shown in no state. */
export async function readTransfers(
  client: Client,
  { superAdmins: [asker] }: Town,
  events: readonly TopicEvent[],
): Promise<readonly Shown[]> {
  const ids = [...factsOf(events, 'transfer').keys()];
  const fields = ids.map((id) => `transfer(id: "${id}") { ${TRANSFER} }`);
  const transfers = await askAll<AskedTransfer>(client, asker.principal, fields);
  return transfers.map((transfer, index): Shown => {
    const type = 'transfer';
    if (transfer === null) return { type, id: ids[index] ?? '', state: 'nowhere', version: 0, history: [] };
    const { id, state, version, history, transitions } = transfer;
    const entries = history?.edges.map(({ node }) => node) ?? [];
    return { type, id, state, version, history: entries, transitions: transitions.map(({ eventId }) => eventId) };
  });
}

/** Some fields at a time, in one operation each. */
async function askAll<T>(
  client: Client,
  asker: Town['governor']['principal'],
  fields: readonly string[],
): Promise<readonly (T | null)[]> {
  const answers: (T | null)[] = [];
  for (let from = 0; from < fields.length; from += AT_A_TIME) {
    const some = fields.slice(from, from + AT_A_TIME).map((field, index) => `f${index}: ${field}`);
    const answer: Readonly<Record<string, T | null>> = await client.ask(asker, new Memory(), `{ ${some.join(' ')} }`);
    answers.push(...some.map((_, index) => answer[`f${index}`] ?? null));
  }
  return answers;
}
