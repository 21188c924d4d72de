import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, servicesHere } from '@qtm/local';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMPOSE_FILE } from '../../infra/scripts/deployment/compose.ts';
import { type Containers, startContainers } from '../harness/containers.ts';
import { uniqueName } from '../harness/names.ts';
import { sharedStack } from '../harness/stack.ts';

/** No engine is needed: what the containers would hold, are told and run is run as processes of this machine. */
let containers: Containers;
beforeAll(async () => {
  const { dataDir, postgres, kafka } = sharedStack();
  const instance = uniqueName('c');
  containers = await startContainers({
    folder: join(dataDir, instance),
    adminUrl: postgres.adminUrl,
    brokers: kafka.brokers,
    env: { QTM_HOST: '127.0.0.1', QTM_LOG_LEVEL: 'warn', QTM_TOPIC_PREFIX: `${instance}.` },
  });
});
afterAll(() => containers?.stop());

test(`what ${COMPOSE_FILE} runs comes up in its order, each process from what its image holds`, async () => {
  expect([...containers.running.keys()].sort()).toEqual(['gateway', 'issuer', ...servicesHere()].sort());
  for (const name of containers.running.keys()) {
    expect(await containers.exec(name, '/qtm/infra/docker/healthy.ts'), name).toBe('');
  }
});

test('each service and the gateway expose the figures of docs/METRICS.md', async () => {
  const page = readFileSync(join(ROOT, 'docs/METRICS.md'), 'utf8');
  const sections = new Map(
    page.split(/^## /m).map((section) => [section.split('\n', 1)[0], [...section.matchAll(/^\| `(qtm_\w+)`/gm)]]),
  );
  for (const [name, one] of containers.running) {
    if (name === 'issuer') continue;
    const ofServices = [...(sections.get('Services') ?? []), ...(sections.get(`Of ${name} alone`) ?? [])];
    const listed = name === 'gateway' ? (sections.get('Gateway') ?? []) : ofServices;
    const text = await (await fetch(`${one.url}/metrics`)).text();
    const exposed = [...text.matchAll(/^# TYPE (qtm_\w+)/gm)].map(([, metric]) => metric).sort();
    expect(exposed, name).toEqual(listed.map(([, metric]) => metric).sort());
  }
});

test('a session of its issuer is somebody whom its last step has registered', async () => {
  const args = ['--data', '/var/lib/qtm', '--as', 'requester'];
  const token = await containers.exec('issuer', '/qtm/infra/scripts/token.ts', ...args);
  const answer = await fetch(`${containers.running.get('gateway')?.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token.trim()}` },
    body: JSON.stringify({ query: '{ me { kind roles identity { state } } }' }),
  });
  expect(await answer.json()).toMatchObject({
    data: { me: { kind: 'HUMAN', roles: ['requester'], identity: { state: 'ACTIVE' } } },
  });
});

test('its steps can be run again, and each process ends in good order', async () => {
  for (const service of servicesHere()) {
    const output = await containers.exec(`${service}-prepare`, '/qtm/infra/docker/prepare.ts', service);
    expect(output, service).toContain('"applied":0');
  }
  for (const one of [...containers.running.values()].reverse()) {
    await one.stop();
    expect(await one.ended, `${one.name} (${ROOT})`).toBe('exit code 0');
  }
});
