import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE } from '@qtm/local';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedStack } from '../harness/stack.ts';
import { copyOfRepository } from './repository-copy.ts';

const NEW = ['infra/scripts/new.ts', 'service', 'treasury'];

let copy: string;
let said: string;

/** Runs a program of the copy there, and gives what it said and how it ended. */
function run(args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const assigned = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const { status, stdout, stderr } = spawnSync('env', [...assigned, NODE, ...args], { cwd: copy, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

beforeAll(() => {
  copy = copyOfRepository();
  const { status, output } = run(NEW);
  said = output;
  expect(status, output).toBe(0);
});
afterAll(() => copy && rmSync(copy, { recursive: true, force: true }));

describe('npm run new:service -- treasury', () => {
  test('writes at most twelve files and enters the service wherever services are listed', () => {
    expect(said.match(/^written: /gm)?.length).toBeLessThanOrEqual(12);
    expect(JSON.parse(readFileSync(join(copy, 'schema/namespaces.json'), 'utf8'))).toMatchObject({
      treasury: 'treasury.xen',
    });
    const compose = readFileSync(join(copy, 'docker-compose.yml'), 'utf8');
    expect(compose).toMatch(/^ {2}treasury:\n/m);
    expect(compose).toContain('QTM_SUBGRAPH_TREASURY_URLS: http://treasury:');
  });

  test('leaves a repository that keeps every rule, and composes', () => {
    const { status, output } = run(['infra/scripts/check.ts']);
    expect(status, output).toBe(0);
    expect(readFileSync(join(copy, 'schema/generated/supergraph.graphql'), 'utf8')).toContain('"treasury"');
  });

  test('writes a service that passes its own tests', () => {
    const { postgres, kafka } = sharedStack();
    const given = { QTM_LOCAL_POSTGRES_URL: postgres.adminUrl, QTM_LOCAL_KAFKA_BROKERS: kafka.brokers };
    const { status, output } = run(['node_modules/vitest/vitest.mjs', 'run', 'services/treasury'], given);
    expect(status, output).toBe(0);
    expect(output).toMatch(/Test Files .*2 passed/);
  });

  test('writes a service that starts with the others, answers through the gateway and publishes', async () => {
    const { startTestSystem } = await import(join(copy, 'test/harness/system.ts'));
    const { relayed, valuesOf } = await import(join(copy, 'test/harness/topics.ts'));
    const system = await startTestSystem();
    try {
      const governor = system.visitor({ roles: ['admin_governor'] });
      const openedBy = { id: await governor.register() };
      const input = { title: 'Reserve', note: 'Told in confidence' };
      const selection = 'treasuryEntry { id title note openedBy { id } }';
      const { treasuryEntry } = await governor.mutate('openTreasuryEntry', input, selection);
      expect(treasuryEntry).toMatchObject({ ...input, openedBy });

      const observed = { ...system, brokers: system.stack.kafka.brokers };
      await relayed(observed);
      const values: string[] = await valuesOf(observed, `${system.topicPrefix}xen.treasury.events.v1`);
      const events = values.map((value) => JSON.parse(value));
      const opened = events.find(({ event_type: type }) => type === 'xen.treasury.treasury_entry_opened.v1');
      expect(opened).toMatchObject({ aggregate_id: treasuryEntry.id, actor_id: openedBy.id, new_state: 'OPEN' });
      expect(values.join()).not.toContain(input.note);
    } finally {
      await system.stop();
    }
  });

  test('does not write over what is there', () => {
    const service = join(copy, 'services/treasury/src/service.ts');
    writeFileSync(service, '// Its own words.\n');
    expect(run(NEW)).toMatchObject({ status: 1, output: 'there is a service treasury already\n' });
    expect(readFileSync(service, 'utf8')).toBe('// Its own words.\n');
  });
});
