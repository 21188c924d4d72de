import { type Decision, event, type Refusal, refuse } from '@qtm/service-kit/domain';
import { missing, stageAfter } from './pack.ts';
import { type Account, type RecordEvent, seal } from './record.ts';
import {
  accepts,
  type CompletedServiceEvent,
  evidenceMissing,
  leave,
  notBefore,
  type ServiceEvent,
  type ServiceEventEvent,
} from './service-event.ts';

export type CompletionRefusalCode = 'WRONG_STATE' | 'NOT_LAST_STAGE' | 'EVIDENCE_MISSING' | 'OUTCOME_NOT_IN_PACK';

/**
 * Completes an execution and seals its record, one decision and one transaction (TRN-10, TRN-11): only at the last stage, with
 * everything every stage requires (T-SP-14), with an outcome of the pack. The job stays started and nothing is settled (T-SP-08, 13).
 */
export function complete(
  serviceEvent: ServiceEvent,
  command: { readonly outcome: string; readonly recordId: string; readonly by: string; readonly now: string },
  account: Account,
): Decision<ServiceEventEvent | RecordEvent, Refusal<CompletionRefusalCode>> {
  if (!accepts(serviceEvent, 'complete')) return refuse('WRONG_STATE');
  const { outcome, recordId, by, now } = command;
  const { pack, evidence } = account;
  const following = stageAfter(pack, serviceEvent.stage);
  if (following !== undefined) return refuse('NOT_LAST_STAGE', { stage: serviceEvent.stage, next: following });
  const lacking = missing(pack, evidence);
  if (lacking.length > 0) return evidenceMissing(lacking);
  const codes = pack.outcomeCodes.map(({ code }) => code);
  if (!codes.includes(outcome)) return refuse('OUTCOME_NOT_IN_PACK', { outcomes: codes.join(', ') });
  const at = notBefore(now, serviceEvent);
  const completed: CompletedServiceEvent = {
    ...serviceEvent,
    state: 'COMPLETED',
    stages: leave(serviceEvent.stages, at),
    completedBy: by,
    completedAt: at,
    outcome,
    recordId,
  };
  const sealing = { recordId, supersedes: null, correctionReason: null, sealedBy: by, sealedAt: at };
  return [event('service_event_completed', 'service_event', completed), seal(completed, account, sealing)];
}
