import { createHash } from 'node:crypto';
import { Memory } from '../../../infra/scripts/replay/client.ts';
import type { Client } from '../load/client.ts';
import type { Town } from '../load/people.ts';
import type { Shown, TopicEvent } from './facts.ts';
import { withoutRepeats } from './facts.ts';

const CHAINS_AT_A_TIME = 10;
export const HISTORY = 'history(first: 100) { edges { node { eventId version transition priorState newState } } }';
const CHAIN = `id state version ${HISTORY} request { id state version ${HISTORY} } task { id state version ${HISTORY} }
  jobs { id state version ${HISTORY}
    serviceEvent { id state version ${HISTORY} record { id state version sha256 content ${HISTORY} } } }`;

interface Entity {
  readonly id: string;
  readonly state: string;
  readonly version: number;
  readonly history: { readonly edges: readonly { readonly node: Shown['history'][number] }[] } | null;
}
type Chain = Entity & {
  readonly request: Entity | null;
  readonly task: Entity | null;
  readonly jobs: readonly (Entity & {
    readonly serviceEvent:
      | (Entity & { readonly record: (Entity & { sha256: string; content: string | null }) | null })
      | null;
  })[];
};

/** Asks as a governor, as any client would, for the whole chain of every intake the topics tell of. */
export async function readShown(
  client: Client,
  { governor }: Town,
  events: readonly TopicEvent[],
): Promise<readonly Shown[]> {
  const intakes = withoutRepeats(events)
    .filter(({ name }) => name === 'intake_received')
    .map(({ aggregateId }) => aggregateId);
  const shown: Shown[] = [];
  for (let from = 0; from < intakes.length; from += CHAINS_AT_A_TIME) {
    const ids = intakes.slice(from, from + CHAINS_AT_A_TIME);
    const fields = ids.map((id, index) => `c${index}: intake(id: "${id}") { ${CHAIN} }`);
    const answer: Record<string, Chain | null> = await client.ask(
      governor.principal,
      new Memory(),
      `{ ${fields.join(' ')} }`,
    );
    for (const [index, id] of ids.entries()) shown.push(...membersOf(id, answer[`c${index}`] ?? undefined));
  }
  return shown;
}

/** What is not shown is a finding as well: it is taken as shown in no state. */
function membersOf(intakeId: string, chain: Chain | undefined): readonly Shown[] {
  if (chain === undefined) return [{ type: 'intake', id: intakeId, state: 'nowhere', version: 0, history: [] }];
  const members: Shown[] = [shownOf('intake', chain)];
  if (chain.request !== null) members.push(shownOf('request', chain.request));
  if (chain.task !== null) members.push(shownOf('task', chain.task));
  for (const { serviceEvent, ...job } of chain.jobs) {
    members.push(shownOf('job', job));
    if (serviceEvent === null) continue;
    members.push(shownOf('service_event', serviceEvent));
    const { record } = serviceEvent;
    if (record === null) continue;
    const ofContent = createHash('sha256')
      .update(record.content ?? '')
      .digest('hex');
    members.push({ ...shownOf('record', record), record: { sha256: record.sha256, ofContent } });
  }
  return members;
}

function shownOf(type: string, { id, state, version, history }: Entity): Shown {
  return { type, id, state, version, history: history?.edges.map(({ node }) => node) ?? [] };
}
