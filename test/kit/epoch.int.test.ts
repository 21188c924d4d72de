import { provision, type ServiceDatabase, waitFor } from '@qtm/local';
import { createLogger, createMetrics, Readiness } from '@qtm/service-kit/process';
import { epochSettings } from '@qtm/service-kit/settings';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Follower } from '../../infra/service-kit/src/consumer/follower.ts';
import { connectKafka, type KafkaClient } from '../../infra/service-kit/src/kafka/client.ts';
import { loadNamespaces, type Namespace } from '../../infra/service-kit/src/kafka/topic.ts';
import { readSettings } from '../../infra/service-kit/src/process/settings.ts';
import { Relay } from '../../infra/service-kit/src/relay/relay.ts';
import { slotName } from '../../infra/service-kit/src/relay/slot.ts';
import { type EpochDesk, openEpoch } from '../../infra/service-kit/src/restore/epoch-desk.ts';
import { SCHEMA_ROOT } from '../../infra/service-kit/src/service/boot.ts';
import { createKitMetrics } from '../../infra/service-kit/src/service/kit-metrics.ts';
import { type Bench, openBench } from '../harness/bench.ts';
import { uniqueName } from '../harness/names.ts';
import { loadService } from '../harness/services.ts';
import { sessionOf } from '../harness/sessions.ts';
import { sharedStack } from '../harness/stack.ts';
import { topicsOf } from './relayed.ts';

/** The service that is restored, and one that follows it. */
const SOURCE = 'operator';
const CONSUMER = 'jobs';
const FOLLOWED = ['identity', 'operator', 'delegation', 'workspace_membership'];

const FIRST = sessionOf('first governor', ['admin_governor', 'super_admin']);
const SECOND = sessionOf('second governor', ['admin_governor']);

const prefix = uniqueName('epoch-');
const logger = createLogger('epoch test', 'silent');
const namespaces = loadNamespaces(SCHEMA_ROOT, prefix);

let kafka: KafkaClient;
let consumer: Bench;
let follower: Follower;
beforeAll(async () => {
  kafka = await connectKafka([sharedStack().kafka.brokers], 'epoch test', logger);
  await topicsOf(kafka, namespaces);
  consumer = await openBench(await loadService(CONSUMER));
  follower = new Follower({
    applier: consumer.applier,
    group: prefix,
    concurrency: 3,
    kafka,
    namespaces,
    readiness: new Readiness(),
    onApplied: () => undefined,
  });
  await follower.start();
});
afterAll(async () => {
  await follower?.stop();
  await consumer?.stop();
  await kafka?.close();
});

/** The source as a running process: its commands and its relay. */
async function run(database: string) {
  const bench = await openBench(await loadService(SOURCE), 4, undefined, database);
  const { namespace, topic } = namespaces.get(SOURCE) as Namespace;
  const relay = new Relay({
    service: SOURCE,
    namespace,
    topic,
    databaseUrl: bench.urls.relayUrl,
    slot: slotName(bench.urls.database),
    kafka,
    metrics: createKitMetrics(createMetrics('epoch test')),
    readiness: new Readiness(),
    logger,
  });
  await relay.start();
  return {
    bench,
    async act(session: typeof FIRST, field: string, input: object) {
      const name = `${field[0]?.toUpperCase()}${field.slice(1)}`;
      const mutation = `mutation ($input: ${name}Input!) { ${field}(input: $input) { refusal { code details { name value } } } }`;
      const { data, errors } = await bench.ask(session, mutation, {
        input: { idempotencyKey: crypto.randomUUID(), ...input },
      });
      expect(errors).toEqual([]);
      expect(data[field].refusal).toBeNull();
    },
    async stop() {
      await relay.stop();
      await bench.stop();
    },
  };
}
type Running = Awaited<ReturnType<typeof run>>;

const onboard = (source: Running, slug: string, name = slug) =>
  source.act(FIRST, 'onboardOperator', {
    slug,
    name,
    type: 'ORGANIZATION',
    surfaces: ['municipal'],
    holderIdentityId: FIRST.identityId,
  });

interface Told {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly published: object;
}

/** What the source holds, and what the consumer holds of it. */
async function compare(
  source: Running,
): Promise<{ readonly source: readonly Told[]; readonly copies: readonly Told[] }> {
  const tables = FOLLOWED.map((type) => `select '${type}' as type, id::text, version, published from ${type}`);
  return {
    source: await source.bench.rows<Told & object>(
      `select * from (${tables.join(' union all ')}) as held order by type, id`,
    ),
    copies: await consumer.rows<Told & object>(
      `select type, id, version, published from foreign_aggregate
        where source = $1 and not unknown order by type, id`,
      [SOURCE],
    ),
  };
}

async function untilEqual(source: Running): Promise<void> {
  const equal = async () => {
    const compared = await compare(source);
    return JSON.stringify(compared.source) === JSON.stringify(compared.copies) ? true : undefined;
  };
  await waitFor(equal, { timeoutMs: 30_000, what: 'the copies equal their source' }).catch(async () => {
    const compared = await compare(source);
    expect(compared.copies).toEqual(compared.source);
  });
}

/** A copy of a database at which nobody works: as good as a dump. */
function copyOf(of: ServiceDatabase): Promise<ServiceDatabase> {
  const database = uniqueName('restored_');
  return provision(sharedStack().postgres.adminUrl, SOURCE, { database, template: of.database });
}

async function deskOf({ ownerUrl }: ServiceDatabase, topicPrefix = prefix): Promise<EpochDesk> {
  const env = {
    QTM_OWNER_DATABASE_URL: ownerUrl,
    QTM_KAFKA_BROKERS: sharedStack().kafka.brokers,
    QTM_TOPIC_PREFIX: topicPrefix,
  };
  return openEpoch(await loadService(SOURCE), readSettings(epochSettings(SOURCE), env));
}

test('a database restored from a backup goes on under a higher epoch, and who follows it has what it has', async () => {
  const first = await run(uniqueName('epoch_'));
  await first.act(FIRST, 'registerIdentity', {});
  await first.act(SECOND, 'registerIdentity', {});
  for (const slug of ['kept', 'moved', 'moved-on']) await onboard(first, slug);
  await first.act(SECOND, 'activateOperator', { slug: 'moved' });
  await untilEqual(first);
  await first.stop();

  const backup = await copyOf(first.bench.urls);
  const later = await run(first.bench.urls.database);
  const another = sessionOf('registered after the backup');
  await later.act(another, 'registerIdentity', {});
  await later.act(FIRST, 'suspendOperator', { slug: 'moved' });
  await later.act(FIRST, 'reinstateOperator', { slug: 'moved' });
  await later.act(FIRST, 'suspendOperator', { slug: 'moved' });
  await later.act(SECOND, 'activateOperator', { slug: 'moved-on' });
  await onboard(later, 'again', 'before');
  await onboard(later, 'never-again');
  await untilEqual(later);
  await later.stop();

  // The disk is gone; what there is is the backup. A process that was forgotten keeps the epoch from being raised.
  const restored = await copyOf(backup);
  const desk = await deskOf(restored);
  const forgotten = new Client({ connectionString: restored.appUrl });
  await forgotten.connect();
  await expect(desk.raise()).rejects.toThrow(/operator still works with this database; .*: operator_app \(\d+\)/);
  await forgotten.end();
  expect(await desk.current()).toBe(1);

  const { epoch, lost, restored: stated, gone } = await desk.raise();
  await desk.close();
  expect(epoch).toBe(2);
  expect(lost).toHaveLength(7);
  const names = (ones: readonly { readonly type: string; readonly id: string }[]) =>
    ones.map(({ type, id }) => `${type} ${id}`).sort();
  expect(names(stated)).toEqual(['operator moved', 'operator moved-on']);
  expect(names(gone)).toEqual([`identity ${another.identityId}`, 'operator again', 'operator never-again']);

  const next = await run(restored.database);
  await onboard(next, 'again', 'afterwards');
  await next.act(SECOND, 'activateOperator', { slug: 'again' });
  await onboard(next, 'new');
  await untilEqual(next);
  const [again] = await consumer.rows("select epoch, version from foreign_aggregate where id = 'again'");
  expect(again).toEqual({ epoch: 2, version: 2 });
  expect(await consumer.rows("select id from foreign_aggregate where epoch = 1 and id = 'kept'")).toHaveLength(1);
  expect(await consumer.rows('select id from foreign_aggregate where divergent')).toEqual([]);
  await next.stop();

  // Without it the same backup leaves consumers with what it does not have, and with two contents for one version.
  const silent = await run((await copyOf(backup)).database);
  await silent.act(SECOND, 'activateOperator', { slug: 'moved-on' });
  await onboard(silent, 'end');
  const heard = async () =>
    (await consumer.rows("select id from foreign_aggregate where id = 'end'")).length > 0 ? true : undefined;
  await waitFor(heard, { timeoutMs: 30_000, what: 'what the silent one says last is heard' });
  const { source, copies } = await compare(silent);
  expect(copies).not.toEqual(source);
  await silent.stop();
});

test('a restore that lost nothing tells nothing but the epoch', async () => {
  const bench = await openBench(await loadService(SOURCE), 2);
  await bench.stop();
  const lonely = uniqueName('lonely-');
  await topicsOf(kafka, loadNamespaces(SCHEMA_ROOT, lonely));
  const desk = await deskOf(bench.urls, lonely);
  expect(await desk.raise()).toEqual({ epoch: 2, lost: [], restored: [], gone: [] });
  expect((await desk.raise()).epoch).toBe(3);
  await desk.close();
});
