import { mutationsOf } from '@qtm/service-kit';
import * as commands from '../commands/index.ts';
import type { MutationResolvers, QueryResolvers, Resolvers } from '../generated/graphql.ts';
import { records, serviceEvents } from '../store.ts';
import { listPacks, listRecords, listServiceEvents, packOf } from './lists.ts';
import { Record, verifyRecord } from './record.ts';
import { Evidence, Pack, ServiceEvent } from './service-event.ts';

const Query: QueryResolvers = {
  packs: (_, args, context) => listPacks(context, args),
  pack: (_, { surface, version }, context) => packOf(context, surface, version),
  serviceEvent: (_, { id }, context) => context.load(serviceEvents, id),
  serviceEvents: (_, args, context) => listServiceEvents(context, args),
  record: (_, { id }, context) => context.load(records, id),
  records: (_, args, context) => listRecords(context, args),
  verifyRecord: (_, { id }, context) => verifyRecord(context, id),
};

const Mutation: MutationResolvers = mutationsOf(commands);

export const resolvers: Resolvers = { Query, Mutation, ServiceEvent, Evidence, Pack, Record };
