import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { concatAST, type DocumentNode, Kind, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../infra/service-kit/src/authority/evaluate.ts';
import { type MatrixRow, parseMatrix } from '../../infra/service-kit/src/authority/matrix.ts';

const SCHEMA = join(ROOT, 'schema');
const namespaces = JSON.parse(readFileSync(join(SCHEMA, 'namespaces.json'), 'utf8')) as Record<string, string>;
const services = Object.keys(namespaces);
function sdlOf(service: string): DocumentNode {
  const folder = join(SCHEMA, service, 'graphql');
  return concatAST(readdirSync(folder).map((file) => parse(readFileSync(join(folder, file), 'utf8'))));
}

/** Fields of the types that a subgraph owns, as `Type.field`. */
function ownFields(sdl: DocumentNode): readonly string[] {
  return sdl.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION) return [];
    const stub = definition.directives?.some(({ arguments: given }) =>
      given?.some(({ name, value }) => name.value === 'resolvable' && 'value' in value && value.value === false),
    );
    return stub ? [] : (definition.fields ?? []).map(({ name }) => `${definition.name.value}.${name.value}`);
  });
}

/** Fields whose names speak of what another service answers. */
const trespasses = (sdl: DocumentNode, words: RegExp) => ownFields(sdl).filter((field) => words.test(field));

const SPINE = [
  'actor',
  'request',
  'intake',
  'task',
  'assignment',
  'job',
  'service_event',
  'record',
  'settlement',
  'signal',
];

function isSubsequence(steps: readonly string[], of: readonly string[]): boolean {
  let from = 0;
  return steps.every((step) => {
    const found = of.indexOf(step, from);
    from = found + 1;
    return found >= 0;
  });
}

describe('the order of the spine', () => {
  test.each([
    [['actor', 'request', 'job', 'service_event', 'record']],
    [['actor', 'request', 'task', 'assignment', 'job', 'service_event', 'record', 'settlement']],
    [['request', 'task', 'assignment', 'job', 'service_event', 'record', 'settlement']],
    [['actor', 'request', 'intake', 'task', 'job', 'service_event', 'record', 'signal']],
    [['intake', 'job', 'service_event', 'record']],
  ])('T-SP-32 allow: a stated order is part of it', (steps) => {
    expect(isSubsequence(steps, SPINE)).toBe(true);
  });

  test('T-SP-32 deny: a reversed one is not, nor one with a step of its own', () => {
    expect(isSubsequence(['job', 'task'], SPINE)).toBe(false);
    expect(isSubsequence(['request', 'dispatch', 'job'], SPINE)).toBe(false);
  });
});

describe('who owns what', () => {
  test('T-WF-04 allow: a job names its operator, and says nothing else of who that is', () => {
    expect(ownFields(sdlOf('jobs'))).toContain('Job.operator');
    expect(trespasses(sdlOf('jobs'), /\.(readiness|displayName|subject|delegations|holder)/)).toEqual([]);
  });

  test('T-WF-04 deny: a job within operator would be found', () => {
    expect(trespasses(sdlOf('operator'), /[jJ]ob/)).toEqual([]);
    expect(trespasses(parse('type Mutation { assignJob: Boolean }'), /[jJ]ob/)).toEqual(['Mutation.assignJob']);
  });

  test('T-WF-11 allow: the desk is a view of jobs', () => {
    expect(ownFields(sdlOf('jobs'))).toContain('Desk.queue');
  });

  test('T-WF-11 deny: a desk within operator would be found', () => {
    expect(trespasses(sdlOf('operator'), /[dD]esk|[qQ]ueue/)).toEqual([]);
    expect(trespasses(parse('type Operator { deskQueue: [ID!] }'), /[dD]esk|[qQ]ueue/)).toEqual(['Operator.deskQueue']);
  });

  test('T-WF-12 allow: a pack says stages, evidence and outcomes', () => {
    expect(ownFields(sdlOf('workflow'))).toEqual(
      expect.arrayContaining(['Pack.stages', 'PackStage.evidence', 'Pack.outcomeCodes']),
    );
  });

  test('T-WF-12 deny: who works, or where, within a pack would be found', () => {
    const who = /^Pack\w*\.(assignee|operator|desk|workspace|board|sprint)/;
    expect(trespasses(sdlOf('workflow'), who)).toEqual([]);
    expect(trespasses(parse('type PackStage { assignee: ID }'), who)).toEqual(['PackStage.assignee']);
  });
});

/** What does not say the same of a service: its folder, its namespace, the types of its events. */
function misnamed(service: string, namespace: string, eventTypes: readonly string[]): readonly string[] {
  const [name, tld] = namespace.split('.');
  const faults = eventTypes.filter((type) => !type.startsWith(`${tld}.${name}.`));
  return name === service ? faults : [`${service} is not ${namespace}`, ...faults];
}

function eventTypesOf(service: string): readonly string[] {
  return readdirSync(join(SCHEMA, service, 'events')).map((file) => {
    return JSON.parse(readFileSync(join(SCHEMA, service, 'events', file), 'utf8')).properties.event_type.const;
  });
}

describe('names', () => {
  test.each(services)('T-NS-22 allow: folder, namespace and events say the same', (service) => {
    expect(misnamed(service, namespaces[service] ?? '', eventTypesOf(service))).toEqual([]);
    expect(readdirSync(join(ROOT, 'services'))).toContain(service);
  });

  test('T-NS-22 deny: an event of another namespace, or a folder of another name, would be found', () => {
    expect(misnamed('jobs', 'jobs.xen', ['x1.jobs.job_claimed.v1'])).toEqual(['x1.jobs.job_claimed.v1']);
    expect(misnamed('work', 'jobs.xen', [])).toEqual(['work is not jobs.xen']);
  });
});

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
