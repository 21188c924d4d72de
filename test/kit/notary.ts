import { randomUUID } from 'node:crypto';
import { freePorts } from '@qtm/local';
import {
  action,
  actions,
  aggregate,
  type Context,
  command,
  known,
  mutationsOf,
  type ServiceDefinition,
  sql,
} from '@qtm/service-kit';
import { event, refuse } from '@qtm/service-kit/domain';
import type { Command } from '../../infra/service-kit/src/command/command.ts';
import { runCommand } from '../../infra/service-kit/src/command/run.ts';
import type { Confirmed } from '../../infra/service-kit/src/confirm/confirmed.ts';
import { createOwners, type Owners } from '../../infra/service-kit/src/confirm/owners.ts';
import { newTrace } from '../harness/in-process.ts';
import { sessionOf } from '../harness/sessions.ts';
import { sharedStack } from '../harness/stack.ts';
import { Visitor, type VisitorOptions } from '../harness/visitor.ts';
import type { SmallService } from './assembled.ts';
import { type Options, type Running, startSmallService } from './small-service.ts';

/** Two small services of these tests: `people` owns persons; `deeds` seals deeds once the person is confirmed there. */

interface Person {
  readonly id: string;
  readonly state: string;
  readonly keeperId: string;
}
interface Deed {
  readonly id: string;
  readonly state: string;
  readonly person: string;
}

/** Roles are what the session says, and everybody is active. */
const principal: ServiceDefinition['principal'] = {
  facts: () => ({}),
  read: ({ roles }) => ({ identityActive: true, hasRole: (role) => roles.includes(role) }),
};

const persons = aggregate<Person>({
  type: 'person',
  ids: 'text',
  visibleTo: ({ identityId, roles }) =>
    sql`${roles.includes('notary')}::boolean or published ->> 'keeper_id' = ${identityId}`,
  detailTo: () => sql`published ->> 'state' <> 'SECRET'`,
});

interface PersonInput extends Partial<Person> {
  readonly id: string;
  readonly idempotencyKey: string;
}
const changePerson = command<PersonInput, Person>({
  transition: 'person.change',
  aggregate: persons,
  subject: ({ id }) => id,
  decide: ({ state, input: { idempotencyKey: _, ...change } }) => [
    event('person_changed', 'person', { ...(state as Person), ...change }),
  ],
});

const PEOPLE: SmallService = {
  definition: {
    name: 'people',
    aggregates: [persons],
    commands: [changePerson],
    resolvers: {},
    follows: {},
    reactions: {},
    principal,
    refusals: {},
  },
  matrix: '- { transition: person.change, principals: [HUMAN], anyOf: [{ role: notary }] }',
  events: ['person_registered', 'person_changed'],
  sdl: 'type Query { nobody: ID }',
};

const deeds = aggregate<Deed>({
  type: 'deed',
  ids: 'text',
  visibleTo: ({ roles }) => sql`not ${roles.includes('blind')}::boolean`,
});

interface DeedInput {
  readonly idempotencyKey: string;
  readonly deedId: string;
  readonly expectedVersion?: number | null;
}
const deed = { aggregate: deeds, subject: ({ deedId }: DeedInput) => deedId };
const facts = ({ deedId }: DeedInput) => ({
  copy: known<Person>('people', 'person', sql`(select published ->> 'person' from deed where id = ${deedId})`),
});
type Facts = ReturnType<typeof facts>;
const confirm = { person: ({ person }: Deed) => ({ service: 'people', type: 'person', id: person }) };
const personIn = ({ person }: Readonly<Record<string, Confirmed | undefined>>) => person?.value as Person | undefined;

const commands = {
  sealDeed: command<DeedInput, Deed, Facts>({
    transition: 'deed.seal',
    ...deed,
    facts,
    confirm,
    decide({ state, confirmed }) {
      const found = state as Deed;
      if (found.state !== 'OPEN') return refuse('WRONG_STATE');
      const person = personIn(confirmed);
      if (person === undefined) return refuse('PERSON_UNKNOWN');
      if (person.state !== 'ACTIVE') return refuse('PERSON_NOT_ACTIVE', { state: person.state });
      return [event('deed_sealed', 'deed', { ...found, state: 'SEALED' })];
    },
  }),
  witnessDeed: command<DeedInput, Deed, Facts>({
    transition: 'deed.witness',
    ...deed,
    facts,
    confirm,
    conditions: { keeper: ({ confirmed, session }) => personIn(confirmed)?.keeperId === session.identityId },
    decide: ({ state }) => [event('deed_witnessed', 'deed', { ...(state as Deed), state: 'WITNESSED' })],
  }),
  /** Looks at nothing of what is confirmed. */
  fileDeed: command<DeedInput, Deed>({
    transition: 'deed.file',
    ...deed,
    confirm,
    decide: ({ state }) => [event('deed_filed', 'deed', { ...(state as Deed), state: 'FILED' })],
  }),
};

const handDeed = command<DeedInput & { readonly to: string }, Deed>({
  transition: 'deed.hand',
  ...deed,
  decide: ({ state, input: { to } }) => [event('deed_handed', 'deed', { ...(state as Deed), person: to })],
});

const ofDeed = ({ id }: Deed) => ({ deedId: id });

const DEEDS: SmallService = {
  definition: {
    name: 'deeds',
    aggregates: [deeds],
    commands: [...Object.values(commands), handDeed],
    resolvers: {
      Query: { deed: (_: unknown, { id }: Pick<Deed, 'id'>, context: Context) => context.load(deeds, id) },
      Mutation: mutationsOf(commands),
      Deed: { actions: actions([action(commands.sealDeed, ofDeed), action(commands.witnessDeed, ofDeed)]) },
    },
    follows: { people: ['person'] },
    reactions: {},
    principal,
    refusals: Object.fromEntries(
      ['WRONG_STATE', 'PERSON_UNKNOWN', 'PERSON_NOT_ACTIVE'].map((code) => [code, { message: code, retryable: false }]),
    ),
    remedies: { keeper: 'it takes the keeper of the person' },
  },
  matrix: `
- transition: deed.seal
  principals: [HUMAN]
  anyOf: [{ role: notary }]
  allOf: [session_fresh, identity_active]
  confirm: [person]
- transition: deed.witness
  principals: [HUMAN]
  anyOf: [{ relation: keeper }]
  allOf: [session_fresh, identity_active]
  confirm: [person]
- { transition: deed.file, principals: [HUMAN], anyOf: [{ role: notary }], confirm: [person] }
- { transition: deed.hand, principals: [HUMAN], anyOf: [{ role: notary }] }
`,
  events: ['deed_opened', 'deed_handed', 'deed_sealed', 'deed_witnessed', 'deed_filed'],
  sdl: `
    type Query { deed(id: ID!): Deed }
    type Mutation {
      sealDeed(input: SealDeedInput!): DeedPayload
      witnessDeed(input: WitnessDeedInput!): DeedPayload
      fileDeed(input: FileDeedInput!): DeedPayload
    }
    type Deed { id: ID! state: String! version: Int! actions: [ActionExplanation!] }
    type DeedPayload { deed: Deed refusal: Refusal }
    input SealDeedInput { idempotencyKey: String! deedId: ID! expectedVersion: Int }
    input WitnessDeedInput { idempotencyKey: String! deedId: ID! expectedVersion: Int }
    input FileDeedInput { idempotencyKey: String! deedId: ID! expectedVersion: Int }
  `,
};

/** Questions that were sent to owners, and what is done just before each is. */
export interface Questions {
  readonly asked: string[];
  before: () => Promise<void>;
}

export interface Office {
  readonly people: Running;
  readonly deeds: Running;
  readonly questions: Questions;
  /** Registers a person, or writes how it stands now. */
  person(id: string, change?: Partial<Person>): Promise<void>;
  /** Opens a deed of a person. */
  openDeed(id: string, person: string): Promise<void>;
  /** Makes it the deed of another person. */
  handDeed(id: string, person: string): Promise<void>;
  /** Somebody who speaks to `deeds`, with a session that was proved so many seconds ago. */
  visitor(options: VisitorOptions, provedAgoS?: number): Visitor;
  stop(): Promise<void>;
}

/** As a notary, within the process. */
async function run({ chassis, pool }: Running, what: Command<never>, input: object): Promise<void> {
  const { refusal } = await runCommand(chassis, what, { idempotencyKey: randomUUID(), ...input } as never, {
    session: sessionOf('notary', ['notary']),
    pool,
    trace: newTrace(),
    upToDate: true,
    wrote: () => undefined,
  });
  if (refusal !== null) throw new Error(`${what.transition}: ${refusal.code}`);
}

/** Both services, which speak over HTTP. */
export async function openOffice(options: Options & { readonly timeoutMs?: number } = {}): Promise<Office> {
  const { port } = await freePorts('port');
  const people = await startSmallService(PEOPLE, { port });
  const { timeoutMs = 10_000 } = options;
  const over = createOwners({ addresses: [{ service: 'people', url: people.url }], timeoutMs });
  const questions: Questions = { asked: [], before: async () => undefined };
  const owners: Owners = {
    async ask(asked, behalf) {
      questions.asked.push(`${asked.service}/${asked.type}/${asked.id}`);
      await questions.before();
      return over.ask(asked, behalf);
    },
  };
  const deedsRun = await startSmallService(DEEDS, { owners, ...options });
  const { sign } = sharedStack().issuer;
  return {
    people,
    deeds: deedsRun,
    questions,
    async person(id, change = {}) {
      const first = { id, state: 'ACTIVE', keeperId: 'nobody', ...change };
      const isNew = await people.acts.write('person.register', [event('person_registered', 'person', first)]);
      if (!isNew) await run(people, changePerson, { id, ...change });
    },
    async openDeed(id, person) {
      await deedsRun.acts.write('deed.open', [event('deed_opened', 'deed', { id, state: 'OPEN', person })]);
    },
    handDeed: (deedId, to) => run(deedsRun, handDeed, { deedId, to }),
    visitor: (claims, provedAgoS = 0) =>
      new Visitor('', sign, {
        endpoint: `${deedsRun.url}/graphql`,
        extra: { auth_time: Math.floor(Date.now() / 1_000) - provedAgoS },
        ...claims,
      }),
    async stop() {
      await deedsRun.stop();
      await people.stop();
    },
  };
}
