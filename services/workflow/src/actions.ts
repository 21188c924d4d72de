import { type Action, action, type Context } from '@qtm/service-kit';
import { correctRecord } from './commands/correct-record.ts';
import * as commands from './commands/service-event.ts';
import { packId, stageAfter } from './domain/pack.ts';
import type { VersionedRecord, VersionedServiceEvent } from './generated/states.ts';
import { packs } from './store.ts';

const ofServiceEvent = ({ id: serviceEventId }: VersionedServiceEvent) => ({ serviceEventId });

/** Stages follow each other, so the next one is known; after the last there is none to go to. */
async function toNextStage(serviceEvent: VersionedServiceEvent, context: Context) {
  const { id: serviceEventId, surface, packVersion, stage } = serviceEvent;
  const pack = await context.load(packs, packId(surface, packVersion));
  const toStage = pack === null ? undefined : stageAfter(pack, stage);
  if (toStage === undefined) return [{ serviceEventId }];
  return [{ serviceEventId, toStage }];
}

/** What one can do in an execution. */
export const serviceEventActions: readonly Action<VersionedServiceEvent>[] = [
  action(commands.advanceStage, toNextStage, { toStage: '' }),
  action(commands.attachEvidence, ofServiceEvent, { kind: 'NOTE' }, ['EVIDENCE_EMPTY']),
  action(commands.completeServiceEvent, ofServiceEvent, { outcome: '' }, ['OUTCOME_NOT_IN_PACK']),
  action(commands.abortServiceEvent, ofServiceEvent, { reason: '' }, ['TEXT_MISSING']),
];

/** What one can do about a record: it stays, another may supersede it. */
export const recordActions: readonly Action<VersionedRecord>[] = [
  action(correctRecord, ({ id: recordId }: VersionedRecord) => ({ recordId }), { reason: '', evidence: [] }, [
    'TEXT_MISSING',
  ]),
];
