/** The commands a load makes: the transition each is, and what its answer names. */
export const COMMANDS = {
  registerIdentity: { transition: 'identity.register', subject: 'identity', key: 'id' },
  onboardOperator: { transition: 'operator.onboard', subject: 'operator', key: 'slug' },
  activateOperator: { transition: 'operator.activate', subject: 'operator', key: 'slug' },
  setReadiness: { transition: 'operator.set_readiness', subject: 'operator', key: 'slug' },
  delegate: { transition: 'delegation.grant', subject: 'delegation', key: 'id' },
  submitRequest: { transition: 'request.submit', subject: 'request', key: 'id', more: 'task { id }' },
  reviewTask: { transition: 'task.review', subject: 'task', key: 'id' },
  approveTask: { transition: 'task.approve', subject: 'task', key: 'id' },
  assignTask: { transition: 'task.assign', subject: 'task', key: 'id' },
  createJob: { transition: 'assignment.create_job', subject: 'assignment', key: 'id', more: 'job { id }' },
  claimJob: { transition: 'job.claim', subject: 'job', key: 'id' },
  releaseJob: { transition: 'job.release', subject: 'job', key: 'id' },
  startJob: { transition: 'job.start', subject: 'job', key: 'id' },
  advanceStage: { transition: 'service_event.advance_stage', subject: 'serviceEvent', key: 'id' },
  attachEvidence: { transition: 'evidence.attach', subject: 'evidence', key: 'id' },
  completeServiceEvent: { transition: 'service_event.complete', subject: 'serviceEvent', key: 'id' },
  completeJob: { transition: 'job.complete', subject: 'job', key: 'id' },
  cancelJob: { transition: 'job.cancel', subject: 'job', key: 'id' },
  proposeTransfer: { transition: 'transfer.propose', subject: 'transfer', key: 'id' },
  acceptTransfer: { transition: 'transfer.accept', subject: 'transfer', key: 'id' },
  rejectTransfer: { transition: 'transfer.reject', subject: 'transfer', key: 'id' },
  cancelTransfer: { transition: 'transfer.cancel', subject: 'transfer', key: 'id' },
  completeTransfer: {
    transition: 'transfer.complete',
    subject: 'transfer',
    key: 'id',
    more: 'transfer { toRegisterVersion toIdentityId fromIdentityId }',
  },
} as const;

export type CommandName = keyof typeof COMMANDS;

export function documentOf(name: CommandName): string {
  const { subject, key, more = '' } = COMMANDS[name] as { subject: string; key: string; more?: string };
  const input = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  return `mutation ($input: ${input}!) { ${name}(input: $input) {
    ${subject} { ${key} } ${more} refusal { code retryable currentState } } }`;
}
