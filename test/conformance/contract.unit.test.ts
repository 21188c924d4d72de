import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../infra/service-kit/src/authority/evaluate.ts';
import { type MatrixRow, parseMatrix } from '../../infra/service-kit/src/authority/matrix.ts';

const SCHEMA = join(ROOT, 'schema');
const namespaces = JSON.parse(readFileSync(join(SCHEMA, 'namespaces.json'), 'utf8')) as Record<string, string>;
const services = Object.keys(namespaces);

const rows: readonly (MatrixRow & { readonly service: string })[] = services.flatMap((service) =>
  [...parseMatrix(readFileSync(join(SCHEMA, service, 'authority.yaml'), 'utf8')).rows.values()].map((row) => ({
    ...row,
    service,
  })),
);
/**
 * Who may make each transition, typed from the sources and not read from the matrices: kinds of principals, one of the grounds, all of
 * the conditions.
 */
const GOVERNOR = 'role:admin_governor';
const ACTING = ['identity_active'];
const EXECUTING = ['identity_active', 'operator_active'];
const EXPECTED: Readonly<
  Record<string, readonly [principals: string, grounds: string, conditions: readonly string[]]>
> = {
  'identity.register': ['HUMAN SERVICE', 'own_session', []],
  'identity.suspend': ['HUMAN', 'role:super_admin', [...ACTING, 'not_oneself']],
  'identity.reinstate': ['HUMAN', 'role:super_admin', [...ACTING, 'not_oneself']],
  'operator.onboard': ['HUMAN', GOVERNOR, ACTING],
  'operator.activate': ['HUMAN', GOVERNOR, [...ACTING, 'not_onboarder']],
  'operator.suspend': ['HUMAN', GOVERNOR, ACTING],
  'operator.reinstate': ['HUMAN', GOVERNOR, ACTING],
  'operator.retire': ['HUMAN', GOVERNOR, ACTING],
  'operator.set_readiness': ['HUMAN', `holder ${GOVERNOR}`, ACTING],
  'delegation.grant': ['HUMAN', 'holder', ACTING],
  'delegation.revoke': ['HUMAN', 'holder', ACTING],
  'workspace_membership.add': ['HUMAN', `holder ${GOVERNOR}`, ACTING],
  'workspace_membership.remove': ['HUMAN', `holder ${GOVERNOR}`, ACTING],
  'task.review': ['HUMAN', 'governs', ACTING],
  'task.approve': ['HUMAN', 'governs', ACTING],
  'task.reject': ['HUMAN', 'governs', ACTING],
  'task.assign': ['HUMAN', 'governs', ACTING],
  'task.close': ['HUMAN', 'governs', ACTING],
  'assignment.withdraw': ['HUMAN', 'governs', ACTING],
  'assignment.create_job': ['HUMAN', 'governs', ACTING],
  'pool.create': ['HUMAN', GOVERNOR, ACTING],
  'pool_member.add': ['HUMAN', GOVERNOR, ACTING],
  'pool_member.remove': ['HUMAN', GOVERNOR, ACTING],
  'role_grant.grant': ['HUMAN', 'role:super_admin', [...ACTING, 'not_oneself']],
  'role_grant.revoke': ['HUMAN', 'role:super_admin', [...ACTING, 'not_oneself']],
  'request.submit': ['HUMAN SERVICE', 'role:requester system_origin', [...ACTING, 'origin_fits_principal']],
  'job.claim': ['HUMAN', 'executes_for', EXECUTING],
  'job.release': ['HUMAN', 'executes_for', EXECUTING],
  'job.start': ['HUMAN', 'executes_for', EXECUTING],
  'job.complete': ['HUMAN', 'executes_for', EXECUTING],
  'job.cancel': ['HUMAN', 'governs', ACTING],
  'service_event.advance_stage': ['HUMAN', 'executes_for', EXECUTING],
  'evidence.attach': ['HUMAN', 'executes_for', EXECUTING],
  'service_event.complete': ['HUMAN', 'executes_for', EXECUTING],
  'service_event.abort': ['HUMAN', 'executes_for', EXECUTING],
  'record.correct': ['HUMAN', 'executes_for', EXECUTING],
};

const KINDS = ['HUMAN', 'SERVICE', 'AGENT'] as const;

/** In how many of all cases a row allows: kinds of principals times every way its clauses can turn out. */
function allowedCases(row: MatrixRow, clauses: readonly string[]): number {
  let allowed = 0;
  for (const kind of KINDS) {
    for (let bits = 0; bits < 2 ** clauses.length; bits++) {
      const holds = (clause: string) => (bits & (1 << clauses.indexOf(clause))) !== 0;
      const { outcome } = evaluate(row, { kind, role: (role) => holds(`role:${role}`), condition: holds });
      if (outcome === 'allowed') allowed += 1;
    }
  }
  return allowed;
}

const groundName = (ground: MatrixRow['anyOf'][number]) => ('role' in ground ? `role:${ground.role}` : ground.relation);

describe('the matrix', () => {
  test('T-AG-03 allow: every row gives its transition to somebody, and every clause of it matters', () => {
    let cases = 0;
    let allowed = 0;
    for (const row of rows) {
      const clauses = [...row.anyOf.map(groundName), ...row.allOf];
      const whole = allowedCases(row, clauses);
      cases += KINDS.length * 2 ** clauses.length;
      allowed += whole;
      expect(whole, row.transition).toBeGreaterThan(0);
      for (const clause of row.allOf) {
        const without = { ...row, allOf: row.allOf.filter((one) => one !== clause) };
        expect(allowedCases(without, clauses), `${row.transition} without ${clause}`).not.toBe(whole);
      }
      for (const ground of row.anyOf.length > 1 ? row.anyOf : []) {
        const without = { ...row, anyOf: row.anyOf.filter((one) => one !== ground) };
        expect(allowedCases(without, clauses), `${row.transition} without ${groundName(ground)}`).not.toBe(whole);
      }
    }
    process.stdout.write(`${rows.length} transitions, ${cases} cases, ${allowed} allowed\n`);
  });

  test('T-AG-03 allow: the matrices give what the sources give, to whom they give it, and nothing more', () => {
    const given = rows.map(({ transition, principals, anyOf, allOf }) => {
      return [transition, [principals.join(' '), anyOf.map(groundName).join(' '), allOf]] as const;
    });
    expect(Object.fromEntries(given)).toEqual(EXPECTED);
  });

  test('T-AG-03 deny: no agent in any row; a service in two, neither of which governs or executes', () => {
    expect(rows.filter(({ principals }) => principals.includes('AGENT'))).toEqual([]);
    const byServices = rows
      .filter(({ principals }) => principals.includes('SERVICE'))
      .map(({ transition }) => transition);
    expect(byServices.sort()).toEqual(['identity.register', 'request.submit']);
  });
});
