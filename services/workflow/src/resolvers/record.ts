import { actions, byKey, type Context, history, inDetailOf, personalHash, rowsOf, sql } from '@qtm/service-kit';
import { recordActions } from '../actions.ts';
import { sha256 } from '../commands/account.ts';
import { packId } from '../domain/pack.ts';
import type { CompletedServiceEvent } from '../domain/service-event.ts';
import { personalRefsOf, verify } from '../domain/verification.ts';
import type { RecordResolvers } from '../generated/graphql.ts';
import type { VersionedRecord } from '../generated/states.ts';
import { packs, records, serviceEvents } from '../store.ts';
import { evidenceOfServiceEvent, recordsOfServiceEvent, successorOfRecord } from './related.ts';

/** What a submitter does not see. */
const inDetail = inDetailOf<VersionedRecord>(records);

/** Ids of a record and of all that it supersedes, directly or not. */
async function chainOf(record: VersionedRecord, context: Context): Promise<readonly string[]> {
  const all = await context.related(recordsOfServiceEvent, record.serviceEventId);
  const chain: string[] = [];
  for (let id: string | null = record.id; id !== null; ) {
    chain.push(id);
    id = all.find((one) => one.id === chain.at(-1))?.supersedes ?? null;
  }
  return chain;
}

/** The evidence in its account: what was captured in the execution, and what the corrections up to it added; complete pieces only. */
async function evidenceOf(record: VersionedRecord, context: Context) {
  const [chain, all] = await Promise.all([
    chainOf(record, context),
    context.related(evidenceOfServiceEvent, record.serviceEventId),
  ]);
  return all.filter(({ state, recordId }) => state === 'VALIDATED' && (recordId === null || chain.includes(recordId)));
}

export const Record: RecordResolvers = {
  __resolveReference: ({ id }, context) => context.load(records, id),
  serviceEvent: (record, _, context) => context.load(serviceEvents, record.serviceEventId),
  job: (record) => byKey('id', record.jobId),
  intake: (record) => byKey('id', record.intakeId),
  request: (record) => byKey('id', record.requestId),
  task: (record) => byKey('id', record.taskId),
  operator: inDetail((record) => byKey('slug', record.operator)),
  surface: inDetail((record) => record.surface),
  packVersion: inDetail((record) => record.packVersion),
  pack: inDetail((record, context) => context.load(packs, packId(record.surface, record.packVersion))),
  sizeBytes: inDetail((record) => record.sizeBytes),
  content: inDetail((record) => record.content),
  evidence: inDetail(evidenceOf),
  outcome: inDetail((record) => record.outcome),
  selfGoverned: inDetail((record) => record.selfGoverned),
  supersedes: inDetail((record, context) => context.load(records, record.supersedes)),
  supersededBy: inDetail(async (record, context) => (await context.related(successorOfRecord, record.id))[0] ?? null),
  correctionReason: inDetail((record, context) => context.personal(records, record.id, record.correctionReason)),
  sealedBy: inDetail((record) => byKey('id', record.sealedBy)),
  actions: inDetail((record, context) => actions(recordActions)(record, {}, context)),
  history: history(records),
};

/** Recomputes what a record says of itself, from its stored bytes; null for whoever may not see its content. */
export async function verifyRecord(context: Context, id: string) {
  const record = await context.load(records, id);
  if (record === null || !(await context.detailed(records, id))) return null;
  const [serviceEvent, pack, evidence, chain, personalHashes] = await Promise.all([
    context.load(serviceEvents, record.serviceEventId),
    context.load(packs, packId(record.surface, record.packVersion)),
    context.related(evidenceOfServiceEvent, record.serviceEventId),
    chainOf(record, context),
    recomputed(context, record.content),
  ]);
  if (serviceEvent === null || pack === null) return null;
  // The row's version hides the pack's own, which the bytes name.
  const published = { ...pack, version: record.packVersion };
  const beside = { serviceEvent: serviceEvent as CompletedServiceEvent, pack: published, evidence, chain };
  return { record, ...verify(record, { ...beside, sha256, personalHashes }) };
}

/** Hashes of the personal values that the bytes refer to, from value and salt; those that were erased are left out. */
async function recomputed({ db }: Context, content: string): Promise<ReadonlyMap<string, string>> {
  const refs = personalRefsOf(content).map(({ ref }) => ref);
  const rows = await rowsOf<{ ref: string; value: string; salt: Buffer }>(
    db,
    sql`select ref::text as ref, value, salt from personal_value where ref = any(${refs}::uuid[]) and value is not null`,
  );
  return new Map(rows.map(({ ref, value, salt }) => [ref, personalHash(salt, value)]));
}
