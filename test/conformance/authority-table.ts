/** What the sources give, typed from them and not read from the matrices: who may make which transition, from which states to which. */
export interface Given {
  /** Kinds of principals, separated by spaces. */
  readonly principals: string;
  /** The grounds, of which one must hold, separated by spaces. */
  readonly grounds: string;
  /** What must hold beside. */
  readonly conditions: readonly string[];
  /** `FROM FROM > TO`; NONE where it brings something into being, SAME where the state stays what it is. */
  readonly states: string;
}

const GOVERNOR = 'role:admin_governor';
const SUPER = 'role:super_admin';
const ACTING = ['identity_active'];
const EXECUTING = ['identity_active', 'operator_active'];

const given = (principals: string, grounds: string, conditions: readonly string[], states: string): Given => {
  return { principals, grounds, conditions, states };
};
const byHuman = (grounds: string, states: string, ...conditions: readonly string[]) =>
  given('HUMAN', grounds, [...ACTING, ...conditions], states);
const byExecutor = (states: string) => given('HUMAN', 'executes_for', EXECUTING, states);

export const TABLE: Readonly<Record<string, Given>> = {
  'identity.register': given('HUMAN SERVICE', 'own_session', [], 'NONE > ACTIVE'),
  'identity.suspend': byHuman(SUPER, 'ACTIVE > SUSPENDED', 'not_oneself'),
  'identity.reinstate': byHuman(SUPER, 'SUSPENDED > ACTIVE', 'not_oneself'),
  'operator.onboard': byHuman(GOVERNOR, 'NONE > ONBOARDING'),
  'operator.activate': byHuman(GOVERNOR, 'ONBOARDING > ACTIVE', 'not_onboarder'),
  'operator.suspend': byHuman(GOVERNOR, 'ACTIVE > SUSPENDED'),
  'operator.reinstate': byHuman(GOVERNOR, 'SUSPENDED > ACTIVE'),
  'operator.retire': byHuman(GOVERNOR, 'ONBOARDING ACTIVE SUSPENDED > RETIRED'),
  'operator.set_readiness': byHuman(`holder ${GOVERNOR}`, 'ONBOARDING ACTIVE SUSPENDED > SAME'),
  'delegation.grant': byHuman('holder', 'NONE REVOKED > ACTIVE'),
  'delegation.revoke': byHuman('holder', 'ACTIVE > REVOKED'),
  'workspace_membership.add': byHuman(`holder ${GOVERNOR}`, 'NONE REMOVED > ACTIVE'),
  'workspace_membership.remove': byHuman(`holder ${GOVERNOR}`, 'ACTIVE > REMOVED'),

  'task.review': byHuman('governs', 'OPEN IN_REVIEW > IN_REVIEW'),
  'task.approve': byHuman('governs', 'IN_REVIEW > APPROVED'),
  'task.reject': byHuman('governs', 'OPEN IN_REVIEW > REJECTED'),
  'task.assign': byHuman('governs', 'APPROVED ASSIGNED > ASSIGNED'),
  'task.close': byHuman('governs', 'OPEN IN_REVIEW APPROVED ASSIGNED > CLOSED'),
  'assignment.withdraw': byHuman('governs', 'ACTIVE > WITHDRAWN'),
  'assignment.create_job': byHuman('governs', 'ACTIVE > HANDED_OFF'),
  'pool.create': byHuman(GOVERNOR, 'NONE > OPEN'),
  'pool_member.add': byHuman(GOVERNOR, 'NONE REMOVED > ACTIVE'),
  'pool_member.remove': byHuman(GOVERNOR, 'ACTIVE > REMOVED'),
  'role_grant.grant': byHuman(SUPER, 'NONE REVOKED > ACTIVE', 'not_oneself'),
  'governance_task.review': byHuman(SUPER, 'PENDING > REVIEWED'),
  'role_grant.revoke': byHuman(SUPER, 'ACTIVE > REVOKED', 'not_oneself'),

  'request.submit': given(
    'HUMAN SERVICE',
    'role:requester system_origin',
    [...ACTING, 'origin_fits_principal'],
    'NONE > CONVERTED',
  ),
  'job.claim': byExecutor('QUEUED > CLAIMED'),
  'job.release': byExecutor('CLAIMED > QUEUED'),
  'job.start': byExecutor('CLAIMED > STARTED'),
  'job.complete': byExecutor('STARTED > COMPLETED'),
  'job.cancel': byHuman('governs', 'QUEUED CLAIMED STARTED > CANCELED'),

  'service_event.advance_stage': byExecutor('STARTED IN_STAGE > IN_STAGE'),
  'evidence.attach': byExecutor('NONE > ATTACHED'),
  'service_event.complete': byExecutor('STARTED IN_STAGE > COMPLETED'),
  'service_event.abort': byExecutor('STARTED IN_STAGE > ABORTED'),
  'record.correct': byExecutor('SEALED > SEALED'),

  'transfer.propose': byHuman(`holds_object ${SUPER}`, 'NONE > proposed'),
  'transfer.accept': byHuman(`to_party ${SUPER}`, 'proposed > accepted', 'distinct_actor'),
  'transfer.reject': byHuman(`to_party ${SUPER}`, 'proposed > rejected'),
  'transfer.cancel': byHuman(`proposer ${SUPER}`, 'proposed > canceled'),
  'transfer.complete': byHuman(
    SUPER,
    'accepted > completed',
    'distinct_actor',
    'from_party_still_holds',
    'credentials_valid',
    'seven_answers_complete',
    'session_fresh',
  ),
  'transfer.expire': given('SERVICE', 'own_clock', [], 'proposed accepted > expired'),
  'transfer.void': byHuman(SUPER, 'accepted > voided'),
  'transfer.add_evidence': byHuman(`party ${SUPER}`, 'proposed accepted > SAME'),
  'register_entry.lock': byHuman('holds_object', 'HELD > LOCKED'),
  'register_entry.unlock': byHuman('holds_object', 'LOCKED > HELD'),
  'transfer_policy.set': byHuman(SUPER, 'IN_FORCE > IN_FORCE', 'session_fresh'),
  'register_import.open': byHuman(SUPER, 'NONE > OPEN', 'session_fresh'),
  'register_entry.import': byHuman(SUPER, 'NONE HELD > HELD'),
  'transfer.import': byHuman(SUPER, 'NONE > SAME'),
  'register_import.close': byHuman(SUPER, 'OPEN > CLOSED'),
};
