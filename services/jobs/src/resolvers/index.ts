import type { QueryResolvers, Resolvers } from '../generated/graphql.ts';
import { intakes, jobs, requests } from '../store.ts';
import { Desk, deskOf } from './desk.ts';
import { Actor, Intake, Request } from './intake.ts';
import { Job } from './job.ts';
import { listIntakes, listJobs, listRequests } from './lists.ts';
import { CancelJobPayload, CompleteJobPayload, Mutation, StartJobPayload, SubmitRequestPayload } from './mutations.ts';
import { traceOf } from './trace.ts';

const Query: QueryResolvers = {
  request: (_, { id }, context) => context.load(requests, id),
  requests: (_, args, context) => listRequests(context, args),
  intake: (_, { id }, context) => context.load(intakes, id),
  intakes: (_, args, context) => listIntakes(context, args),
  job: (_, { id }, context) => context.load(jobs, id),
  jobs: (_, args, context) => listJobs(context, args),
  desk: (_, { surface }, context) => deskOf(context, surface),
  trace: (_, { id }, context) => traceOf(context, id),
};

export const resolvers: Resolvers = {
  Query,
  Mutation,
  Actor,
  Request,
  Intake,
  Job,
  Desk,
  SubmitRequestPayload,
  StartJobPayload,
  CompleteJobPayload,
  CancelJobPayload,
};
