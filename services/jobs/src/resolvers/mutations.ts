import { byKey, type Context, mutationsOf } from '@qtm/service-kit';
import * as commands from '../commands/index.ts';
import type {
  CancelJobPayloadResolvers,
  CompleteJobPayloadResolvers,
  MutationResolvers,
  StartJobPayloadResolvers,
  SubmitRequestPayloadResolvers,
} from '../generated/graphql.ts';
import type { VersionedIntake, VersionedJob } from '../generated/states.ts';
import { intakes } from '../store.ts';

export const Mutation: MutationResolvers = mutationsOf(commands);

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
) => payload.intake ?? context.load(intakes, payload.job?.intakeId);

export const CompleteJobPayload: CompleteJobPayloadResolvers = { intake };
export const CancelJobPayload: CancelJobPayloadResolvers = { intake };
