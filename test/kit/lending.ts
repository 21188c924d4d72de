import {
  action,
  actions,
  aggregate,
  type Context,
  command,
  history,
  listOf,
  mutationsOf,
  type ServiceDefinition,
  sql,
  uuids,
  withReason,
} from '@qtm/service-kit';
import { type AggregateState, event, type PersonalRef, refuse } from '@qtm/service-kit/domain';
import type { CommandInput, Grounds } from '../../infra/service-kit/src/command/command.ts';

/** A small service of these tests: things are lent until a time, and lapse by themselves. Its contract is in `lending-bench.ts`. */

interface Loan extends AggregateState {
  readonly borrower: string;
  readonly dueAt: string;
  readonly note: PersonalRef | null;
  /** What becomes of it when it falls due. */
  readonly ending: string;
}
interface Shelf extends AggregateState {
  readonly keeper: string;
}

export const loans = aggregate<Loan>({
  type: 'loan',
  agentsSee: true,
  visibleTo: (session) => (session.kind === 'AGENT' ? sql`ending <> 'UNSEEN'` : sql`borrower = ${session.identityId}`),
  personalTo: () => sql`true`,
});
/** Everybody sees it who is no agent. */
export const shelves = aggregate<Shelf>({ type: 'shelf', visibleTo: () => sql`true` });

interface TakeInput extends CommandInput {
  readonly dueAt: string;
  readonly ending: string;
  readonly note?: string | null;
}
const takeLoan = command<TakeInput, Loan, Record<never, never>, 'note'>({
  transition: 'loan.take',
  aggregate: loans,
  subject: null,
  personal: ({ note }) => ({ note }),
  decide: ({ input: { dueAt, ending }, personal: { note }, by, newId }) => [
    event('loan_taken', 'loan', { id: newId(), state: 'OPEN', borrower: by, dueAt, note, ending }),
  ],
});

interface OfLoan extends CommandInput {
  readonly loanId: string;
}
interface RenewInput extends OfLoan {
  readonly dueAt: string;
  readonly reason?: string | null;
}
const subject = ({ loanId }: OfLoan) => loanId;
const borrower = <I>({ state, session }: Grounds<I, Loan, Record<never, never>>) =>
  state?.borrower === session.identityId;

const renewLoan = command<RenewInput, Loan, Record<never, never>, 'reason'>({
  transition: 'loan.renew',
  aggregate: loans,
  subject,
  conditions: { borrower },
  ...withReason,
  decide: ({ state, input: { dueAt } }) => [event('loan_renewed', 'loan', { ...(state as Loan), dueAt })],
});

/** Of no mutation. */
export const lapseLoan = command<OfLoan, Loan>({
  transition: 'loan.lapse',
  aggregate: loans,
  subject,
  conditions: { not_sealed: ({ state }) => state?.ending !== 'DENIED' },
  decide({ state }) {
    const loan = state as Loan;
    if (loan.state !== 'OPEN') return refuse('WRONG_STATE');
    if (loan.ending === 'REFUSED') return refuse('KEPT');
    if (loan.ending === 'FAILED') throw new Error('a fault of the rule');
    return [event('loan_lapsed', 'loan', { ...loan, state: 'LAPSED' })];
  },
});

const putShelf = command<CommandInput, Shelf>({
  transition: 'shelf.put',
  aggregate: shelves,
  subject: null,
  decide: ({ by, newId }) => [event('shelf_put', 'shelf', { id: newId(), state: 'THERE', keeper: by })],
});
interface OfShelf extends CommandInput {
  readonly shelfId: string;
}
const moveShelf = command<OfShelf, Shelf>({
  transition: 'shelf.move',
  aggregate: shelves,
  subject: ({ shelfId }) => shelfId,
  decide: ({ state }) => [event('shelf_moved', 'shelf', state as Shelf)],
});

const mutations = { takeLoan, renewLoan, putShelf, moveShelf };
type Page = { readonly first?: number; readonly after?: string };
type Key = { readonly id: string };

const loanOf = (_: unknown, { id }: Key, context: Context) => context.load(loans, id);
const shelfOf = (_: unknown, { id }: Key, context: Context) => context.load(shelves, id);
const inOrder = { orderBy: 'ordered', descending: false, binding: {} } as const;

export const lending: ServiceDefinition = {
  name: 'lending',
  aggregates: [loans, shelves],
  commands: [...Object.values(mutations), lapseLoan],
  resolvers: {
    Query: {
      loan: loanOf,
      shelf: shelfOf,
      loans: (_: unknown, args: Page, context: Context) =>
        listOf(context, {
          ...inOrder,
          of: loans,
          grounds: context.session.kind === 'AGENT' ? [[]] : [[uuids('borrower', [context.session.identityId])]],
          where: [sql`(${loans.visibleTo(context.session)})`],
          args,
        }),
      shelves: (_: unknown, args: Page, context: Context) =>
        listOf(context, { ...inOrder, of: shelves, grounds: [[]], args }),
    },
    Mutation: mutationsOf(mutations),
    Loan: {
      __resolveReference: (key: Key, context: Context) => loanOf(undefined, key, context),
      note: (loan: Loan, _: unknown, context: Context) => context.personal(loans, loan.id, loan.note),
      history: history(loans),
      actions: actions([
        action(renewLoan, ({ id }: Loan) => ({ loanId: id }), { dueAt: '' }),
        // Something that agents do not see, in two ways.
        action(moveShelf, ({ id }: Loan) => [{ shelfId: id }, { shelfId: id.toUpperCase() }]),
      ]),
    },
    Shelf: {
      __resolveReference: (key: Key, context: Context) => shelfOf(undefined, key, context),
      history: history(shelves),
    },
  },
  follows: {},
  reactions: {},
  principal: {
    facts: () => ({}),
    read: ({ roles }) => ({ identityActive: true, hasRole: (role) => roles.includes(role) }),
  },
  refusals: {
    WRONG_STATE: { message: 'its state does not allow it', retryable: false },
    KEPT: { message: 'it is kept', retryable: false },
  },
  remedies: { borrower: 'it takes whoever borrowed it', not_sealed: 'it must not be sealed' },
  clock: [
    {
      command: lapseLoan,
      due: (limit) => sql`select id as loan_id, version as expected_version from loan
        where state = 'OPEN' and (published ->> 'due_at')::timestamptz <= clock_timestamp() order by ordered limit ${limit}`,
    },
  ],
};
