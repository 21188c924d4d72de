import { waitFor } from '@qtm/local';
import { sql } from '@qtm/service-kit';
import { createLogger, Readiness } from '@qtm/service-kit/process';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Follower } from '../../infra/service-kit/src/consumer/follower.ts';
import type { Reactions } from '../../infra/service-kit/src/consumer/reaction.ts';
import { connectKafka, type KafkaClient } from '../../infra/service-kit/src/kafka/client.ts';
import { loadNamespaces } from '../../infra/service-kit/src/kafka/topic.ts';
import { SCHEMA_ROOT } from '../../infra/service-kit/src/service/boot.ts';
import type { Bench } from '../harness/bench.ts';
import { foreignFact } from '../harness/foreign-facts.ts';
import { uniqueName } from '../harness/names.ts';
import { sharedStack } from '../harness/stack.ts';
import { topicsOf } from './relayed.ts';
import { count, openTown, submit } from './town.ts';

const FACTS = 60;
/** In so many transactions the follower's connection is ended, before or after the reaction did its work. */
const KILLS = 12;

let town: Bench;
let kafka: KafkaClient;
let admin: Client;
const prefix = uniqueName('killed-');

beforeAll(async () => {
  const { postgres, kafka: broker } = sharedStack();
  town = await openTown();
  kafka = await connectKafka([broker.brokers], 'follower test', createLogger('follower test', 'silent'));
  admin = new Client({ connectionString: postgres.adminUrl });
  await admin.connect();
});
afterAll(async () => {
  await admin?.end();
  await kafka?.close();
  await town?.stop();
});

/** The reactions of the service; their connection is ended by the server in some of their transactions. */
function interrupted(reactions: Reactions): { readonly reactions: Reactions; readonly kills: () => number } {
  let kills = 0;
  let calls = 0;
  const ended: Reactions = Object.fromEntries(
    Object.entries(reactions).map(([type, reaction]) => [
      type,
      async (tx, fact) => {
        calls += 1;
        const due = kills < KILLS && calls % 3 === 0;
        const [backend] = await tx.rows<{ pid: number }>(sql`select pg_backend_pid() as pid`);
        const end = () => admin.query('select pg_terminate_backend($1, 5000)', [backend?.pid]);
        if (due) kills += 1;
        if (due && kills % 2 === 0) await end();
        await reaction(tx, fact);
        if (due && kills % 2 === 1) await end();
      },
    ]),
  );
  return { reactions: ended, kills: () => kills };
}

test('a follower whose connection is ended within its transactions loses nothing and does nothing twice', async () => {
  const namespaces = loadNamespaces(SCHEMA_ROOT, prefix);
  await topicsOf(kafka, namespaces);
  const facts = [];
  for (let index = 0; index < FACTS; index++) {
    const { payload } = await submit(town, `killed-${index}`);
    const [intake] = await town.rows("select published ->> 'task_id' as task from intake where id = $1", [
      payload.intake.id,
    ]);
    facts.push(foreignFact('governance', 'task_opened', { id: intake?.task, intake_id: payload.intake.id }));
  }
  const producer = await kafka.producer();
  await producer.send(
    namespaces.get('governance')?.topic ?? '',
    facts.map(({ event }) => ({
      key: event.aggregate_id,
      value: JSON.stringify(event),
      headers: { ce_type: event.event_type, ce_subject: `task/${event.aggregate_id}` },
    })),
  );
  await producer.close();

  const { reactions, kills } = interrupted(town.applier.reactions);
  const follower = new Follower({
    applier: { ...town.applier, reactions },
    group: prefix,
    concurrency: 2,
    kafka,
    namespaces,
    readiness: new Readiness(),
    onApplied: () => undefined,
  });
  try {
    await follower.start();
    const copied = async () =>
      (await count(town, 'foreign_aggregate', "source = 'governance' and type = 'task' and not unknown")) === FACTS;
    await waitFor(async () => ((await copied()) ? true : undefined), {
      timeoutMs: 60_000,
      what: 'every fact is applied',
    });
  } finally {
    await follower.stop();
  }
  expect(kills()).toBe(KILLS);
  expect(await count(town, 'parked_event')).toBe(0);
  expect(await count(town, 'intake', "state = 'TASKED' and version = 2")).toBe(FACTS);
  expect(await count(town, 'journal', "event_type like '%.intake_tasked.v1'")).toBe(FACTS);
});
