import { randomUUID } from 'node:crypto';
import type { ServiceDefinition, Session } from '@qtm/service-kit';
import type { Registry } from '@qtm/service-kit/process';
import type { Pool } from '../../infra/service-kit/src/database/pool.ts';
import { createContext } from '../../infra/service-kit/src/graphql/context.ts';
import { createSubgraph } from '../../infra/service-kit/src/graphql/subgraph.ts';
import type { Chassis } from '../../infra/service-kit/src/service/chassis.ts';
import type { Answer } from '../harness/bench.ts';
import { newTrace } from '../harness/in-process.ts';
import { assembled } from './assembled.ts';
import { lending } from './lending.ts';

const TABLE = (name: string, columns: string) => `create table ${name} (
  id uuid primary key, version integer not null, state text not null, published jsonb not null, occurred_at text not null,
  last_event_id uuid not null, ordered integer generated always as identity, ${columns});`;

const TABLES = [
  TABLE(
    'loan',
    `borrower uuid not null generated always as ((published ->> 'borrower')::uuid) stored,
    ending text not null generated always as (published ->> 'ending') stored`,
  ),
  TABLE('shelf', `keeper uuid not null generated always as ((published ->> 'keeper')::uuid) stored`),
].join('\n');

const MATRIX = `
- { transition: loan.take, seed: none, from: [NONE], to: OPEN, principals: [HUMAN], anyOf: [{ role: requester }], allOf: [] }
- { transition: loan.renew, seed: none, from: [OPEN], to: OPEN, principals: [HUMAN], anyOf: [{ relation: borrower }], allOf: [] }
- { transition: loan.lapse, seed: none, from: [OPEN], to: LAPSED, principals: [SERVICE], anyOf: [{ relation: own_clock }], allOf: [not_sealed] }
- { transition: shelf.put, seed: none, from: [NONE], to: THERE, principals: [HUMAN], anyOf: [{ role: requester }], allOf: [] }
- { transition: shelf.move, seed: none, from: [THERE], to: THERE, principals: [HUMAN], anyOf: [{ role: requester }], allOf: [] }
`;

const GRAPH = `
type Query {
  loan(id: ID!): Loan
  loans(first: Int, after: String): Loans!
  shelf(id: ID!): Shelf
  shelves(first: Int, after: String): Shelves!
}
type Mutation {
  takeLoan(input: TakeLoanInput!): LoanPayload!
  renewLoan(input: RenewLoanInput!): LoanPayload!
  putShelf(input: ShelfInput!): ShelfPayload!
  moveShelf(input: ShelfInput!): ShelfPayload!
}
type Loan @key(fields: "id") {
  id: ID!
  state: String!
  version: Int!
  note: String
  history(first: Int, after: String): JournalConnection
  actions: [ActionExplanation!]
}
type Loans { edges: [LoanEdge!]! pageInfo: PageInfo! totalCount: Int! }
type LoanEdge { node: Loan! cursor: String! }
type Shelf @key(fields: "id") { id: ID! state: String! history(first: Int, after: String): JournalConnection }
type Shelves { edges: [ShelfEdge!]! pageInfo: PageInfo! totalCount: Int! }
type ShelfEdge { node: Shelf! cursor: String! }
input TakeLoanInput { idempotencyKey: String! dueAt: String! ending: String! note: String }
input RenewLoanInput { idempotencyKey: String! loanId: ID! dueAt: String! reason: String }
input ShelfInput { idempotencyKey: String! shelfId: ID }
type LoanPayload { loan: Loan refusal: Refusal }
type ShelfPayload { shelf: Shelf refusal: Refusal }
`;

const EVENTS = ['loan_taken', 'loan_renewed', 'loan_lapsed', 'shelf_put', 'shelf_moved'];

/** The service in this process, on a database of its own. */
export interface Lending {
  readonly chassis: Chassis;
  readonly registry: Registry;
  readonly pool: Pool;
  /** Address of the database, as the role that owns its tables. */
  readonly ownerUrl: string;
  ask(session: Session, query: string, variables?: object): Promise<Answer>;
  /** Lends something, due then. */
  lend(
    session: Session,
    loan: { readonly dueAt: string; readonly ending?: string; readonly note?: string },
  ): Promise<string>;
  rows(text: string, values?: readonly unknown[]): Promise<Record<string, never>[]>;
  stop(): Promise<void>;
}

export async function openLending(definition: ServiceDefinition = lending): Promise<Lending> {
  const small = { definition, matrix: MATRIX, tables: TABLES, events: EVENTS, sdl: GRAPH };
  const { schemaRoot, chassis, registry, pool, ownerUrl, logger } = await assembled(small);
  const apollo = createSubgraph({ service: definition.name, schemaRoot, resolvers: definition.resolvers, logger });
  await apollo.start();
  const ask: Lending['ask'] = async (session, query, variables = {}) => {
    const request = { session, pool, trace: newTrace(), upToDate: true, wrote: () => undefined };
    const contextValue = { ...createContext(chassis, request), answerHeaders: () => [] };
    const { body } = await apollo.executeOperation({ query, variables: { ...variables } }, { contextValue });
    if (body.kind !== 'single') throw new Error('an answer in parts');
    const { data, errors = [] } = JSON.parse(JSON.stringify(body.singleResult)) as Answer & { errors?: [] };
    return { data, errors };
  };
  return {
    chassis,
    registry,
    pool,
    ownerUrl,
    ask,
    async lend(session, { ending = 'LAPSED', ...loan }) {
      const input = { idempotencyKey: randomUUID(), ending, ...loan };
      const query = 'mutation ($input: TakeLoanInput!) { takeLoan(input: $input) { loan { id } } }';
      const { data, errors } = await ask(session, query, { input });
      if (errors.length > 0) throw new Error(JSON.stringify(errors));
      return data.takeLoan.loan.id;
    },
    rows: async (text, values = []) => (await pool.query(text, [...values])).rows,
    async stop() {
      await apollo.stop();
      await pool.end();
    },
  };
}
