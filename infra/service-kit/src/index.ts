/** The chassis of every service: what a service is made of, and what runs it. */
export type { Remedies } from './authority/remedy.ts';
export type { Deadline } from './clock/deadline.ts';
export type { Decider, Grounds, Principal } from './command/command.ts';
export { command, withReason } from './command/command.ts';
export { badUserInput } from './command/errors.ts';
export {
  type Fact,
  type Facts,
  type FactValues,
  fact,
  type Known,
  known,
  locked,
  stored,
  type Ternary,
} from './command/fact.ts';
export type { Payload } from './command/payload.ts';
export type { Follows } from './consumer/copies.ts';
export type { Incoming } from './consumer/incoming.ts';
export type { ReactionTx } from './consumer/reaction.ts';
export { empty, join, type Row, raw, rowsOf, type Sql, sql } from './database/statement.ts';
export { type Action, action, actions } from './graphql/actions.ts';
export type { Context, Related } from './graphql/context.ts';
export { byKey, mapNodes } from './graphql/entity.ts';
export { history } from './graphql/history.ts';
export { type Ground, listOf, texts, uuids, whereGiven } from './graphql/list.ts';
export { mutationsOf } from './graphql/mutations.ts';
export { inDetailOf, relatedRows } from './graphql/related.ts';
export {
  type AggregateRow,
  aggregate,
  type Stored,
  storedOf,
  type Versioned,
} from './journal/aggregate.ts';
export { canonicalJson } from './journal/canonical-json.ts';
export { fromWire, toWire } from './journal/keys.ts';
export { isUuid } from './journal/uuid.ts';
export { personalHash } from './personal/personal.ts';
export type { Session } from './process/session.ts';
export type { PrincipalLookup } from './service/chassis.ts';
export { checkDefinition, type ServiceDefinition } from './service/definition.ts';
export type { Measure } from './service/measures.ts';
export type { OwnActs } from './service/own-acts.ts';
export { runService } from './service/run.ts';
