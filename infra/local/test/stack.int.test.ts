import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createSessionVerifier, identityId } from '@qtm/service-kit/process';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEVELOPMENT_PRINCIPALS } from '../src/issuer/principals.ts';
import { type LocalStack, startLocalStack } from '../src/stack.ts';
import { makeDataFolder } from './data-folder.ts';

const folder = makeDataFolder();
const lines: string[] = [];
let stack: LocalStack;

beforeAll(async () => {
  stack = await startLocalStack({ dataDir: folder.path, ephemeral: true, log: (line) => lines.push(line) });
});

afterAll(async () => {
  await stack?.stop();
  folder.remove();
});

async function query(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('says what came up, and how long it took', () => {
  for (const part of ['PostgreSQL', 'Kafka', 'token issuer']) {
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${part} ready after \\d+\\.\\d s$`)));
  }
});

test('a second start on the same data is refused, and says who is there', async () => {
  const second = startLocalStack({ dataDir: folder.path, ephemeral: true, log: () => {} });
  await expect(second).rejects.toThrow(new RegExp(`^already running here: process ${process.pid}, since 20`));
  expect(await query(stack.postgres.adminUrl, 'select 1 as up')).toEqual([{ up: 1 }]);
});

describe('PostgreSQL', () => {
  test('is set up for streams of facts, and listens on this machine alone', async () => {
    const [settings] = await query(
      stack.postgres.adminUrl,
      `select current_setting('wal_level') as wal_level, current_setting('listen_addresses') as listen_addresses,
         current_setting('max_replication_slots')::int >= 100 as slots, current_setting('server_version_num')::int / 10000 as major`,
    );
    expect(settings).toEqual({ wal_level: 'logical', listen_addresses: '127.0.0.1', slots: true, major: 18 });
  });

  test('a service gets its database and three roles; a second time the same', async () => {
    const first = await stack.provision('parcels');
    await query(first.ownerUrl, 'create table thing (id int); grant select on thing to parcels_app');
    expect(await stack.provision('parcels')).toEqual(first);
    expect(await query(first.appUrl, 'select count(*)::int as things from thing')).toEqual([{ things: 0 }]);
    await expect(query(first.appUrl, 'insert into thing values (1)')).rejects.toThrow('permission denied');
    await expect(query(first.appUrl, 'create table other (id int)')).rejects.toThrow('permission denied');
    await expect(query(first.appUrl, "select pg_create_logical_replication_slot('s', 'pgoutput')")).rejects.toThrow(
      'permission denied',
    );
  });

  test('the owner publishes and the relay streams', async () => {
    const { ownerUrl, relayUrl } = await stack.provision('streams');
    await query(ownerUrl, 'create table fact (id int); create publication facts for table fact');
    await query(relayUrl, "select pg_create_logical_replication_slot('streams_relay', 'pgoutput')");
    await query(relayUrl, "select pg_drop_replication_slot('streams_relay')");
  });

  test('no role enters the database of another service', async () => {
    const [mine, theirs] = await Promise.all([stack.provision('ours'), stack.provision('theirs')]);
    const trespass = new URL(mine.appUrl);
    trespass.pathname = new URL(theirs.appUrl).pathname;
    await expect(query(trespass.href, 'select 1')).rejects.toThrow('permission denied for database');
  });

  test('a database is copied from a template, with its tables and the rights on them', async () => {
    const template = await stack.provision('copies', { database: 'copies_template' });
    await query(
      template.ownerUrl,
      'create table thing (id int); insert into thing values (7); grant select on thing to copies_app',
    );
    const names = Array.from({ length: 5 }, (_, index) => `copies_${index}`);
    const copies = await Promise.all(
      names.map((database) => stack.provision('copies', { database, template: 'copies_template' })),
    );
    expect(copies.map(({ database }) => database)).toEqual(names);
    expect(await query(copies[4]?.appUrl ?? '', 'select id from thing')).toEqual([{ id: 7 }]);
  });

  test('a name that would be another in SQL or too long is a bug of the caller', async () => {
    await expect(stack.provision('jobs"; drop')).rejects.toThrow('no name of a service');
    await expect(stack.provision('jobs', { database: 'x'.repeat(51) })).rejects.toThrow('no name of a service');
  });

  test('its password is nobody else’s to read', () => {
    expect(statSync(join(folder.path, 'postgres', 'admin-password')).mode & 0o077).toBe(0);
  });
});

describe('Kafka', () => {
  // A broker that has just come back takes a while to know who leads what.
  const patient = { retries: 20, maxRetryTime: 1_000 };
  const client = (retry = patient) => new Kafka({ brokers: [stack.kafka.brokers], logLevel: logLevel.NOTHING, retry });

  async function produce(topic: string, value: string, retry = patient): Promise<void> {
    const producer = client(retry).producer({ allowAutoTopicCreation: false });
    await producer.connect();
    await producer.send({ topic, messages: [{ key: 'k', value }] });
    await producer.disconnect();
  }

  async function consume(topic: string, count: number): Promise<readonly string[]> {
    const consumer = client().consumer({ groupId: `${topic}-readers`, maxWaitTimeInMs: 100, retry: patient });
    const values: string[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      // A broker that still loads its groups is asked again by the client itself.
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error);
      });
      consumer.run({
        eachMessage: async ({ message }) => {
          if (values.push(String(message.value)) === count) resolve();
        },
      });
    });
    await consumer.disconnect();
    return values;
  }

  async function createTopic(topic: string): Promise<void> {
    const admin = client().admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    await admin.disconnect();
  }

  test('keeps messages over a kill -9, at the same address', async () => {
    await createTopic('kept');
    await produce('kept', 'before');
    await stack.kafka.kill();
    await stack.kafka.restart();
    await produce('kept', 'after');
    expect(await consume('kept', 2)).toEqual(['before', 'after']);
    expect(lines).not.toContainEqual(expect.stringContaining('by itself'));
  });

  test('makes no topic that nobody asked for', async () => {
    await expect(produce('unasked', 'x', { retries: 2, maxRetryTime: 500 })).rejects.toThrow(
      'does not host this topic-partition',
    );
  });
});

describe('token issuer', () => {
  test('tells its key as any OIDC provider does', async () => {
    const discovery = await fetch(new URL('/.well-known/openid-configuration', stack.issuer.jwksUrl));
    const { issuer, jwks_uri: jwksUri } = (await discovery.json()) as { issuer: string; jwks_uri: string };
    const token = await stack.issuer.sign({ subject: 's', roles: ['requester'] });
    const { payload, protectedHeader } = await jwtVerify(token, createRemoteJWKSet(new URL(jwksUri)), {
      issuer,
      audience: stack.issuer.audience,
    });
    expect(protectedHeader.alg).toBe('EdDSA');
    expect(payload).toMatchObject({ sub: 's', qtm_kind: 'HUMAN', roles: ['requester'], acr: 'development' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
  });

  test('nobody else reads the key, and what is published cannot sign', async () => {
    expect(statSync(join(folder.path, 'issuer-key.json')).mode & 0o077).toBe(0);
    const { keys } = (await (await fetch(stack.issuer.jwksUrl)).json()) as { keys: object[] };
    expect(keys).toEqual([expect.not.objectContaining({ d: expect.anything() })]);
    expect((await fetch(new URL('/key', stack.issuer.jwksUrl))).status).toBe(404);
  });

  test.each(DEVELOPMENT_PRINCIPALS)('a session of $name is one to the services', async (principal) => {
    const { issuer, audience, jwksUrl } = stack.issuer;
    const verify = createSessionVerifier({ issuer, audience, jwksUrl, rolesClaim: 'roles' });
    const session = await verify(await stack.issuer.sign(principal));
    expect(session).toMatchObject({ kind: principal.kind, roles: principal.roles, subject: principal.subject });
    expect(session.identityId).toBe(identityId('https://issuer.qtm.local', principal.subject));
  });

  test('an agent in the chain makes the session an agent’s; a changed token is none', async () => {
    const { issuer, audience, jwksUrl } = stack.issuer;
    const verify = createSessionVerifier({ issuer, audience, jwksUrl, rolesClaim: 'roles' });
    const acted = await stack.issuer.sign({ subject: 's', act: { sub: 'omni', qtm_kind: 'AGENT' } });
    expect((await verify(acted)).kind).toBe('AGENT');
    const [header, , signature] = acted.split('.');
    const [, payload] = (await stack.issuer.sign({ subject: 'other' })).split('.');
    await expect(verify([header, payload, signature].join('.'))).rejects.toThrow('not a valid session');
    const late = await stack.issuer.sign({ subject: 's', extra: { exp: 1 } });
    await expect(verify(late)).rejects.toThrow('expired');
  });
});
