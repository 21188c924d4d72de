import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadService } from '../../harness/services.ts';
import { SOURCED } from '../sourced.ts';
import { KIT_GUARDS } from './fault.ts';
import { everyGuard, predicatesOf } from './guards.ts';

const guards = await everyGuard();
const names = guards.map(({ name }) => name);
/** Always true: the id of an identity derives from its session. */
const NEVER_OTHERWISE = 'identity.register: own_session';

describe('what can be switched off', () => {
  test('is every principal, ground and condition of every row that is written down', () => {
    const written = SOURCED.flatMap((service) => {
      const rows = parse(readFileSync(join(ROOT, 'schema', service, 'authority.yaml'), 'utf8')) as {
        transition: string;
        anyOf: { role?: string; relation?: string }[];
        allOf: string[];
      }[];
      return rows.flatMap(({ transition, anyOf, allOf }) => {
        const grounds = anyOf.map(({ role, relation }) => relation ?? `role:${role}`);
        return ['principals', ...grounds, ...allOf].map((clause) => `${transition}: ${clause}`);
      });
    });
    const clauses = guards.filter(({ fault }) => fault.kind === 'principals' || fault.kind === 'clause');
    expect([...clauses.map(({ name }) => name), NEVER_OTHERWISE].sort()).toEqual(written.sort());
  });

  test('is every command in every state that does not accept it', () => {
    const ofJob = names.filter((name) => name.startsWith('job ') && name.includes(': no '));
    // Five states, five commands, seven cells that are there.
    expect(ofJob).toHaveLength(5 * 5 - 7);
    expect(ofJob).toContain('job COMPLETED: no claim');
  });

  test('is who sees what of every aggregate that is not for everybody', () => {
    for (const name of ['job: visibleTo', 'job: detailTo', 'task: not for agents', 'record: what a list shows']) {
      expect(names).toContain(name);
    }
    expect(names).not.toContain('operator: visibleTo');
  });

  test('is not that an agent sees what it may, but that it reads nothing of people there', async () => {
    const workflow = await loadService('workflow');
    const aggregates = workflow.aggregates.map((one) => ({ ...one, agentsSee: true }));
    const visibility = predicatesOf({ ...workflow, aggregates }).map(({ name }) => name);
    expect(visibility.filter((name) => name.endsWith('agents')).sort()).toEqual([
      'evidence: personal values not for agents',
      'record: personal values not for agents',
      'service_event: personal values not for agents',
    ]);
  });

  test('is what the kit keeps for all, each once', () => {
    expect(names).toEqual(expect.arrayContaining(Object.keys(KIT_GUARDS)));
    expect(new Set(names).size).toBe(names.length);
  });
});
