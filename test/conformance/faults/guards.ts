import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { type ServiceDefinition, type Session, sql } from '@qtm/service-kit';
import { loadMatrix } from '../../../infra/service-kit/src/authority/matrix.ts';
import type { Aggregate } from '../../../infra/service-kit/src/journal/aggregate.ts';
import { loadService } from '../../harness/services.ts';
import { sessionOf } from '../../harness/sessions.ts';
import { askedTypes, listedTypes } from '../operations.ts';
import { SOURCED } from '../sourced.ts';
import { type TableFile, tableFilesOf } from '../transition-tables.ts';
import { type Fault, KIT_GUARDS, type KitGuard, type Predicate } from './fault.ts';

/** One thing that stands in somebody's way, and the tests that could notice that it no longer does. */
export interface Guard {
  readonly name: string;
  readonly fault: Fault;
  /** Parts of the paths of test files. */
  readonly tests: readonly string[];
}

const AUTHORITY_TESTS = ['test/conformance/matrix.unit.test.ts'];

/** Every principal, ground and condition of every row of every matrix. Off: it holds, whoever asks. */
function clausesOf({ name, commands }: ServiceDefinition): readonly Guard[] {
  const { rows } = loadMatrix(join(ROOT, 'schema', name, 'authority.yaml'));
  return [...rows.values()].flatMap(({ transition, anyOf, allOf }) => {
    const conditions = commands.find((command) => command.transition === transition)?.spec.conditions ?? {};
    const grounds = anyOf.map((ground) => ('role' in ground ? `role:${ground.role}` : ground.relation));
    // A condition that looks at nothing keeps nobody away: what it asks for cannot be otherwise.
    const clauses = [...grounds, ...allOf].filter((clause) => conditions[clause]?.length !== 0);
    return [
      { name: `${transition}: principals`, fault: { kind: 'principals', transition } as const, tests: AUTHORITY_TESTS },
      ...clauses.map(
        (clause): Guard => ({
          name: `${transition}: ${clause}`,
          fault: { kind: 'clause', transition, clause },
          tests: AUTHORITY_TESTS,
        }),
      ),
    ];
  });
}

/** These make something with an id that was allotted for it: there is never a state to make it from. */
const ALWAYS_NEW = ['request.submit', 'pool.create', 'evidence.attach'];

/** Every command in every state whose row of the transition table does not have it. Off: the state accepts it. */
function cellsOf(service: string, { aggregate, file, name, table }: TableFile): readonly Guard[] {
  const targets = new Map(Object.values(table).flatMap((row) => Object.entries(row)));
  const states = Object.keys(table).filter((state) => state !== 'NONE');
  return states.flatMap((state) =>
    [...targets]
      .filter(([command]) => !(command in (table[state] ?? {})) && !ALWAYS_NEW.includes(`${aggregate}.${command}`))
      .map(([command, to]) => ({
        name: `${aggregate} ${state}: no ${command}`,
        fault: { kind: 'cell', file, table: name, state, command, to } as const,
        tests: [`services/${service}/src/domain/`],
      })),
  );
}

/** Who sees which rows, how much of them, and what they say of people. Off: everybody does. */
export function predicatesOf(definition: ServiceDefinition): readonly Guard[] {
  const { name: service, aggregates } = definition;
  const tests = [`services/${service}/test/`];
  const [listed, asked] = [listedTypes(), askedTypes()];
  return aggregates.flatMap((of): Guard[] => {
    const aggregate = of.type;
    const stated = PREDICATES.filter((predicate) => guards(definition, of, predicate));
    // Who sees what a thing belongs to, sees it, too; hiding the one hides the other.
    const own = stated.filter((predicate) => predicate === 'reasonsTo' || asked.has(aggregate));
    const toAgents = asked.has(aggregate) && (!of.agentsSee || tellsOfPeople(definition, of));
    const predicates = toAgents ? ([...own, 'agents'] as const) : own;
    const notForAgents = of.agentsSee ? 'personal values not for agents' : 'not for agents';
    return [
      ...predicates.map((predicate): Guard => {
        const name = predicate === 'agents' ? notForAgents : predicate;
        return {
          name: `${aggregate}: ${name}`,
          fault: { kind: 'predicate', service, aggregate, of: predicate },
          tests,
        };
      }),
      ...(listed.includes(aggregate) && aggregate !== LISTED_AS_INTAKES && stated.includes('visibleTo')
        ? [{ name: `${aggregate}: what a list shows`, fault: { kind: 'list', aggregate } as const, tests }]
        : []),
    ];
  });
}

/** Requests are listed by their intakes, whose list is a guard already. */
const LISTED_AS_INTAKES = 'request';
const PREDICATES: readonly Predicate[] = ['visibleTo', 'detailTo', 'personalTo', 'reasonsTo'];

/** What everybody may, is no guard; nor what there is not, nor is it a second one to repeat the first. */
function guards(definition: ServiceDefinition, of: Aggregate, predicate: Predicate): boolean {
  const text = (which: Predicate) => of[which](SOMEBODY).text;
  if (text(predicate) === sql`true`.text) return false;
  if (predicate === 'visibleTo') return true;
  if (predicate === 'detailTo') return text('detailTo') !== text('visibleTo');
  const personal = hasPersonalValues(definition.name, of.type);
  if (predicate === 'personalTo') return personal && text('personalTo') !== text('visibleTo');
  const ofItsOwn = text('reasonsTo') !== text('personalTo') || !personal;
  return text('reasonsTo') !== NOTHING && (ofItsOwn || hasReasons(definition, of));
}

/** True where somebody reads personal values or reasons of it, so that an agent that sees the rest must not. */
function tellsOfPeople(definition: ServiceDefinition, of: Aggregate): boolean {
  const told = (which: Predicate) => of[which](SOMEBODY).text !== NOTHING;
  return (
    (hasPersonalValues(definition.name, of.type) && told('personalTo')) ||
    (hasReasons(definition, of) && told('reasonsTo'))
  );
}

const SOMEBODY: Session = sessionOf('somebody');
const NOTHING = sql`false`.text;

function hasReasons({ commands }: ServiceDefinition, of: Aggregate): boolean {
  return commands.some(({ spec }) => spec.aggregate === of && spec.reason !== undefined);
}

function hasPersonalValues(service: string, aggregate: string): boolean {
  const file = join(ROOT, 'schema', service, 'aggregates', `${aggregate}.v1.json`);
  const { properties } = JSON.parse(readFileSync(file, 'utf8')) as { properties: Record<string, object> };
  return Object.values(properties).some((property) => 'x-personal' in property);
}

/** Everything that stands in somebody's way, listed from the matrices, the transition tables, the definitions and the kit. */
export async function everyGuard(): Promise<readonly Guard[]> {
  const found: Guard[] = [];
  for (const name of SOURCED) {
    const service = await loadService(name);
    found.push(...clausesOf(service));
    for (const table of await tableFilesOf(name)) found.push(...cellsOf(name, table));
    found.push(...predicatesOf(service));
  }
  const kit = Object.entries(KIT_GUARDS) as readonly (readonly [KitGuard, readonly string[]])[];
  return [...found, ...kit.map(([name, tests]): Guard => ({ name, fault: { kind: 'kit', name }, tests }))];
}
