import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import type { ServiceDefinition, Ternary } from '@qtm/service-kit';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Evaluation, evaluate } from '../../infra/service-kit/src/authority/evaluate.ts';
import { loadMatrix, type MatrixRow } from '../../infra/service-kit/src/authority/matrix.ts';
import { loadService } from '../harness/services.ts';
import {
  answersTo,
  deadClauses,
  type Facts,
  factsFor,
  ISSUED_ROLES,
  type Knowledge,
  type Relation,
} from './authority-facts.ts';
import { TABLE } from './authority-table.ts';
import { SOURCED } from './sourced.ts';

interface Law {
  readonly service: ServiceDefinition;
  readonly row: MatrixRow;
}

const laws: Law[] = [];
beforeAll(async () => {
  for (const name of SOURCED) {
    const service = await loadService(name);
    const { rows } = loadMatrix(join(ROOT, 'schema', name, 'authority.yaml'));
    for (const row of rows.values()) laws.push({ service, row });
  }
});

const clauseOf = (ground: MatrixRow['anyOf'][number]) => ('role' in ground ? `role:${ground.role}` : ground.relation);
const lawOf = (transition: string): Law => {
  const law = laws.find(({ row }) => row.transition === transition);
  if (law === undefined) throw new Error(`no row for ${transition}`);
  return law;
};

/** Three-valued logic: what is false decides an "and", what is true an "or". */
const RANKS: readonly Ternary[] = [false, 'unknown', true];
const all = (values: readonly Ternary[]) => RANKS[Math.min(...values.map((one) => RANKS.indexOf(one)), 2)] as Ternary;
const any = (values: readonly Ternary[]) => RANKS[Math.max(...values.map((one) => RANKS.indexOf(one)), 0)] as Ternary;

const is = (known: Knowledge, state: string): Ternary => (known === 'unknown' ? 'unknown' : known === state);
const stands = ({ standing }: Facts, ...relations: readonly Relation[]): Ternary => {
  if (standing === null || !relations.includes(standing.relation)) return false;
  return standing.unknown ? 'unknown' : true;
};
const hasRole = ({ role, granted }: Facts, wanted: string): Ternary => {
  if (role === wanted) return true;
  if (granted?.role !== wanted) return false;
  return granted.unknown ? 'unknown' : true;
};
const isService = ({ kind }: Facts) => kind === 'SERVICE';
const asSystem = ({ origin }: Facts) => origin === 'SYSTEM';

/** What each clause means in the sources, over constructed facts; typed, not taken from the services. */
const MEANING: Readonly<Record<string, (facts: Facts, transition: string) => Ternary>> = {
  identity_active: ({ identity }) => is(identity, 'ACTIVE'),
  operator_active: ({ operator }) => is(operator, 'ACTIVE'),
  own_session: () => true,
  holder: (facts) => stands(facts, 'HOLDER'),
  executes_for: (facts) => stands(facts, 'HOLDER', 'EXECUTE'),
  governs: (facts) =>
    facts.audience === 'ADMIN' ? hasRole(facts, 'admin_governor') : stands(facts, 'HOLDER', 'GOVERN'),
  not_oneself: ({ aboutOneself }) => !aboutOneself,
  not_onboarder: ({ onboardedByOneself }) => !onboardedByOneself,
  system_origin: (facts) => isService(facts) && asSystem(facts),
  origin_fits_principal: (facts) => isService(facts) === asSystem(facts),
  holds_object: ({ holds }) => holds,
  to_party: ({ isTarget }) => isTarget,
  proposer: ({ isProposer }) => isProposer,
  party: ({ holds, isTarget, isProposer }) => holds || isTarget || isProposer,
  distinct_actor: ({ terms, isProposer, isAcceptor }, transition) =>
    terms === 'LITERAL' || !(isProposer || isAcceptor) || (terms === 'WAIVED' && transition === 'transfer.complete'),
  from_party_still_holds: ({ register }) => register === 'AS_PROPOSED',
  credentials_valid: ({ credentialsAsked }) => !credentialsAsked,
  seven_answers_complete: ({ answersAll }) => answersAll,
  session_fresh: ({ sessionIsFresh }) => sessionIsFresh,
  own_clock: ({ byOwnClock }) => byOwnClock,
};

/** Of a claim alone: the operator must be the one assigned, or an active member of the pool. */
function mayTake({ target, poolMember }: Facts): Ternary {
  return target === 'POOL' ? is(poolMember, 'ACTIVE') : target === 'CREW';
}

function expected(transition: string, facts: Facts): Evaluation['outcome'] {
  const { principals = '', grounds = '', conditions = [] } = TABLE[transition] ?? {};
  const holds = (clause: string): Ternary => {
    if (clause.startsWith('role:')) return hasRole(facts, clause.slice('role:'.length));
    const meaning = MEANING[clause]?.(facts, transition) ?? false;
    return transition === 'job.claim' && clause === 'executes_for' ? all([meaning, mayTake(facts)]) : meaning;
  };
  const kind = principals.split(' ').includes(facts.kind);
  // A session that is not fresh is said last, and to whoever lacks nothing else.
  const others = conditions.filter((clause) => clause !== 'session_fresh');
  const holding = all([kind, any(grounds.split(' ').map(holds)), ...others.map(holds)]);
  if (holding !== true) return holding === false ? 'denied' : 'unknown';
  return conditions.every((clause) => others.includes(clause) || holds(clause) === true) ? 'allowed' : 'challenged';
}

describe('the matrices against the sources', () => {
  test('T-AG-03 allow: they give what the sources give, to whom, from and to the states they name, and nothing more', () => {
    const given = laws.map(({ row: { transition, principals, anyOf, allOf, from, to } }) => {
      const grounds = anyOf.map(clauseOf).join(' ');
      const states = `${from.join(' ')} > ${to}`;
      return [transition, { principals: principals.join(' '), grounds, conditions: allOf, states }] as const;
    });
    expect(Object.fromEntries(given)).toEqual(TABLE);
  });

  test('T-AG-03 deny: no agent in any row; a service in three, none of which governs, executes or moves authority', () => {
    expect(laws.filter(({ row }) => row.principals.includes('AGENT'))).toEqual([]);
    const byServices = laws.filter(({ row }) => row.principals.includes('SERVICE')).map(({ row }) => row.transition);
    expect(byServices.sort()).toEqual(['identity.register', 'request.submit', 'transfer.expire']);
  });
});

/** Some hundred thousand cases; a busy machine takes its time over them. */
const WALK = { timeout: 120_000 };

describe('every way an act can be tried', WALK, () => {
  test('T-AG-03 allow: the commands decide as the sources say, in every case; no agent in any', () => {
    const counts = { cases: 0, allowed: 0, unknown: 0, denied: 0, challenged: 0, allowedToAgents: 0 };
    for (const { service, row } of laws) {
      let allowed = 0;
      for (const facts of factsFor(row)) {
        const { outcome } = evaluate(row, answersTo(service, row.transition, facts));
        if (outcome !== expected(row.transition, facts))
          expect.fail(`${row.transition} is ${outcome} in ${JSON.stringify(facts)}`);
        counts.cases += 1;
        counts[outcome] += 1;
        if (outcome === 'allowed') allowed += 1;
        if (outcome === 'allowed' && facts.kind === 'AGENT') counts.allowedToAgents += 1;
      }
      expect(allowed, `${row.transition} is given to nobody`).toBeGreaterThan(0);
    }
    process.stdout.write(`${laws.length} transitions: ${JSON.stringify(counts)}\n`);
    expect(counts.allowedToAgents).toBe(0);
  });

  test('T-AG-03 allow: every principal, ground and condition of every row makes a difference to somebody', () => {
    const dead = laws.flatMap(({ service, row }) =>
      deadClauses(row, (facts) => answersTo(service, row.transition, facts)).map(
        (clause) => `${row.transition}: ${clause}`,
      ),
    );
    expect(dead).toEqual([]);
  });

  test.each([
    [
      'a ground that another one covers',
      'job.release',
      { anyOf: [{ relation: 'executes_for' }, { relation: 'holder' }] },
    ],
    ['a condition that is there twice', 'job.start', { allOf: ['identity_active', 'operator_active', 'own_session'] }],
    ['a principal that no ground can help', 'operator.retire', { principals: ['HUMAN', 'SERVICE'] }],
  ] as const)('T-AG-03 deny: %s would be found', (_, transition, change) => {
    const { service, row } = lawOf(transition);
    expect(deadClauses({ ...row, ...change } as MatrixRow, planted(service, transition))).toHaveLength(1);
  });

  test('T-AG-03 deny: a clause of which nothing is constructed would be found', () => {
    const { row } = lawOf('job.release');
    const generator = factsFor({ ...row, allOf: [...row.allOf, 'moon_is_full'] });
    expect(() => generator.next()).toThrow("no facts are constructed for the clause 'moon_is_full'");
  });

  test('every role that an issuer can give is tried', () => {
    const form = JSON.parse(readFileSync(join(ROOT, 'schema/authority.schema.json'), 'utf8'));
    expect([...ISSUED_ROLES].sort()).toEqual([...form.$defs.role.enum].sort());
  });
});

/** The answers of the command, and those of clauses that its row does not have. */
function planted(service: ServiceDefinition, transition: string) {
  return (facts: Facts) => {
    const answers = answersTo(service, transition, facts);
    return {
      ...answers,
      role: (role: string) => (facts.kind === 'SERVICE' ? false : answers.role(role)),
      condition: (name: string) =>
        name === 'holder' || name === 'own_session'
          ? (MEANING[name]?.(facts, transition) ?? false)
          : answers.condition(name),
    };
  };
}
