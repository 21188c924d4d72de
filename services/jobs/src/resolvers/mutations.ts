import { byKey, type Context } from '@qtm/service-kit';
import * as commands from '../commands/job.ts';
import { submitRequest } from '../commands/submit-request.ts';
import type {
  CancelJobPayloadResolvers,
  CompleteJobPayloadResolvers,
  MutationResolvers,
  StartJobPayloadResolvers,
  SubmitRequestPayloadResolvers,
} from '../generated/graphql.ts';
import type { VersionedIntake, VersionedJob } from '../generated/states.ts';
import { intakes } from '../store.ts';

export const Mutation: MutationResolvers = {
  submitRequest: (_, { input }, context) => context.run(submitRequest, input),
  claimJob: (_, { input }, context) => context.run(commands.claimJob, input),
  releaseJob: (_, { input }, context) => context.run(commands.releaseJob, input),
  startJob: (_, { input }, context) => context.run(commands.startJob, input),
  completeJob: (_, { input }, context) => context.run(commands.completeJob, input),
  cancelJob: (_, { input }, context) => context.run(commands.cancelJob, input),
};

export const SubmitRequestPayload: SubmitRequestPayloadResolvers = {
  task: ({ intake }) => byKey('id', intake?.taskId),
};

export const StartJobPayload: StartJobPayloadResolvers = {
  serviceEvent: ({ job }) => byKey('id', job?.serviceEventId),
};

/** The end of a job answers with its intake, whether that changed or not. */
const intake = (
  payload: { readonly job?: VersionedJob | null | undefined; readonly intake?: VersionedIntake | null | undefined },
  _: unknown,
  context: Context,
) => payload.intake ?? (payload.job == null ? null : context.load(intakes, payload.job.intakeId));

export const CompleteJobPayload: CompleteJobPayloadResolvers = { intake };
export const CancelJobPayload: CancelJobPayloadResolvers = { intake };
