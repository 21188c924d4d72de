import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { type ServiceDefinition, type Session, sql } from '@qtm/service-kit';
import { loadMatrix } from '../../../infra/service-kit/src/authority/matrix.ts';
import type { Aggregate } from '../../../infra/service-kit/src/journal/aggregate.ts';
import { loadService } from '../../harness/services.ts';
import { sessionOf } from '../../harness/sessions.ts';
import { listedTypes } from '../operations.ts';
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
function clausesOf(service: string): readonly Guard[] {
  const { rows } = loadMatrix(join(ROOT, 'schema', service, 'authority.yaml'));
  return [...rows.values()].flatMap(({ transition, anyOf, allOf }) => [
    { name: `${transition}: principals`, fault: { kind: 'principals', transition } as const, tests: AUTHORITY_TESTS },
    ...[...anyOf.map((ground) => ('role' in ground ? `role:${ground.role}` : ground.relation)), ...allOf].map(
      (clause): Guard => ({
        name: `${transition}: ${clause}`,
        fault: { kind: 'clause', transition, clause },
        tests: AUTHORITY_TESTS,
      }),
    ),
  ]);
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
function predicatesOf({ name: service, aggregates }: ServiceDefinition): readonly Guard[] {
  const tests = [`services/${service}/test/`];
  const listed = listedTypes();
  return aggregates.flatMap((of): Guard[] => {
    const stated = PREDICATES.filter((predicate) => guards(of, predicate));
    const aggregate = of.type;
    return [
      ...stated.map((predicate): Guard => {
        return {
          name: `${aggregate}: ${predicate}`,
          fault: { kind: 'predicate', service, aggregate, of: predicate },
          tests,
        };
      }),
      { name: `${aggregate}: not for agents`, fault: { kind: 'predicate', service, aggregate, of: 'agents' }, tests },
      ...(listed.includes(aggregate) && stated.includes('visibleTo')
        ? [{ name: `${aggregate}: what a list shows`, fault: { kind: 'list', aggregate } as const, tests }]
        : []),
    ];
  });
}

const PREDICATES: readonly Predicate[] = ['visibleTo', 'detailTo', 'personalTo'];

/** What everybody may, is no guard; nor is it a second one to repeat the first. */
function guards(of: Aggregate, predicate: Predicate): boolean {
  const somebody: Session = sessionOf('somebody');
  const text = (name: Predicate) => of[name](somebody).text;
  if (text(predicate) === sql`true`.text) return false;
  return predicate !== 'detailTo' || text('detailTo') !== text('visibleTo');
}

/** Everything that stands in somebody's way, listed from the matrices, the transition tables, the definitions and the kit. */
export async function everyGuard(): Promise<readonly Guard[]> {
  const found: Guard[] = [];
  for (const name of SOURCED) {
    found.push(...clausesOf(name));
    for (const table of await tableFilesOf(name)) found.push(...cellsOf(name, table));
    found.push(...predicatesOf(await loadService(name)));
  }
  const kit = Object.entries(KIT_GUARDS) as readonly (readonly [KitGuard, readonly string[]])[];
  return [...found, ...kit.map(([name, tests]): Guard => ({ name, fault: { kind: 'kit', name }, tests }))];
}
