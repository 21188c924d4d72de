import { spawnSync } from 'node:child_process';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { freePorts, mainOf, NODE, ROOT, servicesHere } from '@qtm/local';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadMatrix } from '../../infra/service-kit/src/authority/matrix.ts';
import { standingOf } from '../../infra/service-kit/src/confirm/answer.ts';
import type { Asked } from '../../infra/service-kit/src/confirm/confirmed.ts';
import { createOwners, OwnerUnavailable } from '../../infra/service-kit/src/confirm/owners.ts';
import { sessionOf } from '../harness/sessions.ts';
import { sharedStack } from '../harness/stack.ts';
import { type Office, openOffice } from './notary.ts';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
  await office.person('ada', { keeperId: sessionOf('keeper').identityId });
  await office.person('ada', { state: 'SUSPENDED' });
  await office.person('a/strange ?id#%', { keeperId: 'nobody' });
  await office.person('l'.repeat(500));
  await office.person('secret', { state: 'SECRET' });
});
afterAll(() => office?.stop());

const NOTARY = { subject: 'notary', roles: ['notary'] } as const;

/** What an owner answers to somebody; without claims, to somebody without a session. */
async function answer(path: string, claims?: Parameters<ReturnType<typeof sharedStack>['issuer']['sign']>[0]) {
  const headers: Record<string, string> =
    claims === undefined ? {} : { authorization: `Bearer ${await sharedStack().issuer.sign(claims)}` };
  const response = await fetch(`${office.people.url}${path}`, { headers });
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for
  return { status: response.status, body: (await response.json()) as any };
}

describe('an owner', () => {
  test('says how an aggregate of it stands: with its epoch and version, and as it is published', async () => {
    const state = { id: 'ada', state: 'SUSPENDED', keeper_id: sessionOf('keeper').identityId };
    const standing = { status: 200, body: { epoch: 1, version: 2, state } };
    expect(await answer('/aggregates/person/ada', NOTARY)).toEqual(standing);
    expect(await answer('/aggregates/person/ada', { subject: 'keeper' })).toEqual(standing);
  });

  test.each(['a/strange ?id#%', 'l'.repeat(500)])('takes the id %j', async (id) => {
    const { status, body } = await answer(`/aggregates/person/${encodeURIComponent(id)}`, NOTARY);
    expect([status, body.state?.id]).toEqual([200, id]);
  });

  test('gives the epoch of the fact by which it stands so, as topics gave it', async () => {
    const { chassis, pool } = office.people;
    const restored = { ...chassis, origin: { ...chassis.origin, epoch: 7 } };
    const session = sessionOf('notary', ['notary']);
    expect(await standingOf(restored, pool, session, { type: 'person', id: 'ada' })).toMatchObject({ epoch: 1 });
  });

  const nothing = { status: 404, body: { errors: [expect.objectContaining({ extensions: { code: 'NOT_FOUND' } })] } };
  test.each<[string, string, Parameters<typeof answer>[1]]>([
    ['of what is not there', '/aggregates/person/bob', NOTARY],
    ['of what the caller may not see', '/aggregates/person/ada', { subject: 'stranger' }],
    ['of what the caller may not see as a whole', '/aggregates/person/secret', NOTARY],
    ['to an agent of somebody who sees it', '/aggregates/person/ada', { ...NOTARY, kind: 'AGENT' }],
    ['of what another service owns', '/aggregates/deed/ada', NOTARY],
    ['of what is no aggregate', '/aggregates/__proto__/ada', NOTARY],
    ['of attempts, which every service has', '/aggregates/attempt/not-a-uuid', NOTARY],
    ['of an id that no column holds', '/aggregates/person/a%00b', NOTARY],
  ])('says nothing %s', async (_, path, claims) => {
    expect(await answer(path, claims)).toEqual(nothing);
  });

  test('takes half a character for no path at all', async () => {
    expect((await answer('/aggregates/person/%ED%A0%80', NOTARY)).status).toBe(400);
  });

  test('answers nobody without a session', async () => {
    expect(await answer('/aggregates/person/ada')).toMatchObject({
      status: 401,
      body: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
    });
    const foreign = await answer('/aggregates/person/ada', { ...NOTARY, extra: { iss: 'https://elsewhere' } });
    expect(foreign.status).toBe(401);
  });

  test('says that its database is away, and nothing of why', async () => {
    const other = await openOffice();
    await other.people.pool.end();
    const token = await sharedStack().issuer.sign(NOTARY);
    const response = await fetch(`${other.people.url}/aggregates/person/ada`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect([response.status, await response.json()]).toEqual([
      503,
      {
        errors: [
          {
            message: 'the database of the service does not answer; repeat later',
            extensions: { code: 'SERVICE_UNAVAILABLE' },
          },
        ],
      },
    ]);
    await other.openDeed('one', 'ada');
    const { data } = await other.visitor(NOTARY).attempt('sealDeed', { deedId: 'one' });
    expect(data.sealDeed.refusal.code).toBe('AUTHORITY_UNAVAILABLE');
    await other.deeds.stop();
    await other.people.shut();
  });
});

test('a service whose matrix wants something confirmed ends at its start where no setting names an owner', () => {
  const service = servicesHere().find((name) => {
    const { rows } = loadMatrix(join(ROOT, 'schema', name, 'authority.yaml'));
    return [...rows.values()].some(({ confirm }) => confirm.length > 0);
  });
  const env = {
    QTM_ISSUER: 'issuer',
    QTM_AUDIENCE: 'audience',
    QTM_JWKS_URL: 'http://127.0.0.1:1',
    QTM_DATABASE_URL: 'postgres://127.0.0.1:1/none',
    QTM_RELAY_DATABASE_URL: 'postgres://127.0.0.1:1/none',
    QTM_KAFKA_BROKERS: '127.0.0.1:1',
    QTM_CONSISTENCY_SECRET: 'x'.repeat(32),
  };
  const { status, stdout } = spawnSync(NODE, [mainOf(service ?? '')], { cwd: ROOT, env, encoding: 'utf8' });
  const lines = stdout.trimEnd().split('\n');
  expect([status, lines.length]).toEqual([1, 1]);
  expect(JSON.parse(lines[0] ?? '').msg).toMatch(
    /^did not start: wrong settings: QTM_OWNER_URLS names no address of \w+/,
  );
});

describe('who asks an owner', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  /** A process at an address of its own that answers so. */
  async function process(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const says = (status: number, body: unknown): RequestListener => {
    return (_, response) => void response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };

  const ADA: Asked = { service: 'people', type: 'person', id: 'ada' };
  const SOUND = { epoch: 2, version: 3, state: { id: 'ada', keeper_id: 'k' } };
  const CONFIRMED = { epoch: 2, version: 3, value: { id: 'ada', keeperId: 'k' } };
  const NONE = { errors: [{ message: 'none', extensions: { code: 'NOT_FOUND' } }] };
  const behalf = {
    authorization: 'Bearer the.callers.own',
    trace: { traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` },
  };

  const ask = (urls: readonly string[], asked = ADA, timeoutMs = 10_000) => {
    const addresses = urls.map((url) => ({ service: 'people', url }));
    return createOwners({ addresses, timeoutMs }).ask(asked, behalf);
  };

  test('sends the path, the token of the caller and the trace, and reads what is answered', async () => {
    const asked: IncomingMessage[] = [];
    const url = await process((request, response) => {
      asked.push(request);
      says(200, SOUND)(request, response as never);
    });
    expect(await ask([url], { ...ADA, id: 'a/b?' })).toEqual(CONFIRMED);
    expect(
      asked.map(({ method, url: path, headers }) => [method, path, headers.authorization, headers.traceparent]),
    ).toEqual([['GET', '/aggregates/person/a%2Fb%3F', behalf.authorization, behalf.trace.traceparent]]);
  });

  test('takes it that there is none where the owner says so', async () => {
    expect(await ask([await process(says(404, NONE))])).toBeUndefined();
  });

  test.each<[string, number, unknown]>([
    ['knows no such path', 404, { message: 'Route GET:/aggregates not found' }],
    ['takes the session for none', 401, { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] }],
    ['is starting', 503, { errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] }],
    ['has a fault', 500, NONE],
    ['says nothing', 200, ''],
    ['says null', 200, 'null'],
    ['speaks another language', 200, '<html>'],
    ['leaves the version out', 200, { ...SOUND, version: undefined }],
    ['has a version of another form', 200, { ...SOUND, version: '3' }],
    ['leaves the epoch out', 200, { ...SOUND, epoch: null }],
    ['leaves the state out', 200, { ...SOUND, state: null }],
  ])('has no answer from a process that %s, and takes that of the next', async (_, status, body) => {
    const broken = await process(says(status, body));
    await expect(ask([broken])).rejects.toThrow(OwnerUnavailable);
    expect(await ask([broken, await process(says(200, SOUND))])).toEqual(CONFIRMED);
  });

  test('goes on to the next process where nobody listens, or nobody answers in time', async () => {
    const silent = await process(() => undefined);
    const { nobody } = await freePorts('nobody');
    const gone = `http://127.0.0.1:${nobody}`;
    await expect(ask([gone])).rejects.toThrow(/ECONNREFUSED/);
    await expect(ask([silent], ADA, 200)).rejects.toThrow(/timeout/i);
    expect(await ask([gone, silent, await process(says(200, SOUND))], ADA, 2_000)).toEqual(CONFIRMED);
  });

  test('follows nobody to another address, and takes the token nowhere else', async () => {
    let reached = false;
    const elsewhere = await process((request, response) => {
      reached = true;
      says(200, SOUND)(request, response as never);
    });
    const leading = await process((_, response) => void response.writeHead(302, { location: elsewhere }).end());
    await expect(ask([leading])).rejects.toThrow(OwnerUnavailable);
    expect(reached).toBe(false);
  });

  test('says where it failed and why, and nothing of the token', async () => {
    await expect(ask([])).rejects.toThrow('no address of people is listed');
    const broken = await process(says(500, {}));
    await expect(ask([broken])).rejects.toThrow(`${broken}: it answered with status 500`);
    await expect(ask([broken])).rejects.not.toThrow('the.callers.own');
  });
});
