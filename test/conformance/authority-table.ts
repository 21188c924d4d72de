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
  'identity.suspend': byHuman('role:super_admin', 'ACTIVE > SUSPENDED', 'not_oneself'),
  'identity.reinstate': byHuman('role:super_admin', 'SUSPENDED > ACTIVE', 'not_oneself'),
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
  'role_grant.grant': byHuman('role:super_admin', 'NONE REVOKED > ACTIVE', 'not_oneself'),
  'role_grant.revoke': byHuman('role:super_admin', 'ACTIVE > REVOKED', 'not_oneself'),

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
};
