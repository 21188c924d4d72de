import { actions, byKey, type Context, history, inDetailOf } from '@qtm/service-kit';
import { serviceEventActions } from '../actions.ts';
import { locationOf } from '../domain/evidence-form.ts';
import { packId, requirements } from '../domain/pack.ts';
import type { EvidenceResolvers, PackResolvers, ServiceEventResolvers } from '../generated/graphql.ts';
import type { VersionedEvidence, VersionedServiceEvent } from '../generated/states.ts';
import { evidence, packs, records, serviceEvents } from '../store.ts';
import { evidenceOfServiceEvent, recordsOfServiceEvent } from './related.ts';

/** What a submitter does not see. */
const inDetail = inDetailOf<VersionedServiceEvent>(serviceEvents);

async function requirementsOf(serviceEvent: VersionedServiceEvent, context: Context) {
  const [pack, captured] = await Promise.all([
    context.load(packs, packId(serviceEvent.surface, serviceEvent.packVersion)),
    context.related(evidenceOfServiceEvent, serviceEvent.id),
  ]);
  return pack === null ? [] : requirements(pack, captured);
}

export const ServiceEvent: ServiceEventResolvers = {
  __resolveReference: ({ id }, context) => context.load(serviceEvents, id),
  job: (serviceEvent) => byKey('id', serviceEvent.jobId),
  intake: (serviceEvent) => byKey('id', serviceEvent.intakeId),
  request: (serviceEvent) => byKey('id', serviceEvent.requestId),
  task: (serviceEvent) => byKey('id', serviceEvent.taskId),
  pack: (serviceEvent, _, context) => context.load(packs, packId(serviceEvent.surface, serviceEvent.packVersion)),
  operator: inDetail((serviceEvent) => byKey('slug', serviceEvent.operator)),
  stage: inDetail((serviceEvent) => serviceEvent.stage),
  stages: inDetail((serviceEvent) =>
    serviceEvent.stages.map((stage) => ({ ...stage, enteredBy: byKey('id', stage.enteredBy) })),
  ),
  requirements: inDetail(requirementsOf),
  evidence: inDetail((serviceEvent, context) => context.related(evidenceOfServiceEvent, serviceEvent.id)),
  outcome: inDetail((serviceEvent) => serviceEvent.outcome),
  startedBy: inDetail((serviceEvent) => byKey('id', serviceEvent.startedBy)),
  completedBy: inDetail((serviceEvent) => byKey('id', serviceEvent.completedBy)),
  abortedBy: inDetail((serviceEvent) => byKey('id', serviceEvent.abortedBy)),
  abortReason: inDetail((serviceEvent, context) =>
    context.personal(serviceEvents, serviceEvent.id, serviceEvent.abortReason),
  ),
  selfGoverned: inDetail((serviceEvent) => serviceEvent.selfGoverned),
  record: (serviceEvent, _, context) => context.load(records, serviceEvent.recordId),
  records: (serviceEvent, _, context) => context.related(recordsOfServiceEvent, serviceEvent.id),
  actions: inDetail((serviceEvent, context) => actions(serviceEventActions)(serviceEvent, {}, context)),
  history: history(serviceEvents),
};

const contentOf = async (kind: VersionedEvidence['kind'], item: VersionedEvidence, context: Context) =>
  item.kind === kind ? context.personal(evidence, item.id, item.content) : null;

export const Evidence: EvidenceResolvers = {
  __resolveReference: ({ id }, context) => context.load(evidence, id),
  serviceEvent: (item, _, context) => context.load(serviceEvents, item.serviceEventId),
  record: (item, _, context) => context.load(records, item.recordId),
  note: (item, _, context) => contentOf('NOTE', item, context),
  async location(item, _, context) {
    const content = await contentOf('LOCATION', item, context);
    return content === null ? null : locationOf(content);
  },
  attachedBy: (item) => byKey('id', item.attachedBy),
  history: history(evidence),
};

export const Pack: PackResolvers = {
  __resolveReference: ({ id }, context) => context.load(packs, id),
  // The pack's own version stands in its id; the row has one version for ever.
  version: ({ id }) => Number(id.slice(id.lastIndexOf(':') + 1)),
  history: history(packs),
};
