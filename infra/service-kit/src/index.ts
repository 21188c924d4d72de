/** The chassis of every service: what a service is made of, and what runs it. */
export type { Command, CommandInput, CommandSpec, Decider, Grounds, Principal } from './command/command.ts';
export { command } from './command/command.ts';
export { type Fact, type Facts, fact, type Known, known, locked, type Ternary } from './command/fact.ts';
export type { Payload } from './command/payload.ts';
export type { RefusalValue } from './command/refusals.ts';
export { join, raw, rowsOf, type Sql, sql } from './database/statement.ts';
export type { Context } from './graphql/context.ts';
export { type Aggregate, aggregate, type Versioned } from './journal/aggregate.ts';
export type { Session } from './process/session.ts';
export type { PrincipalLookup } from './service/chassis.ts';
