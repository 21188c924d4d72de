import { waitFor } from '@qtm/local';
import { Kafka, logLevel } from 'kafkajs';
import { asService } from './databases.ts';
import type { TestSystem } from './system.ts';
import { topicsOf } from './topics.ts';
import type { Visitor } from './visitor.ts';

/** A job that somebody claims and releases in turn, for an operator. */
export interface Claimed {
  readonly operator: string;
  readonly jobId: string;
}

/** What stands between a fact and the service that decides about the job. */
export interface Obstacle {
  put(): Promise<void>;
  remove(): Promise<void>;
}

/** A part of a service that holds still. */
export function held(system: TestSystem, service: string, part: 'follower' | 'relay'): Obstacle {
  const control = (what: string) => async () => {
    for (const { url } of system.services.get(service) ?? []) {
      await fetch(`${url}/test/${part}/${what}`, { method: 'POST' });
    }
  };
  return { put: control('pause'), remove: control('resume') };
}

/** An event that nobody can read, of what these headers name: it is parked, and later ones of its key queue behind it. */
export function parked(
  system: TestSystem,
  { source, key, headers }: { readonly source: string; readonly key: string; readonly headers: Record<string, string> },
  holder: Visitor,
  job: Claimed,
): Obstacle {
  return {
    async put() {
      const brokers = system.stack.kafka.brokers;
      const producer = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).producer();
      await producer.connect();
      await producer.send({
        topic: topicsOf({ ...system, brokers }).get(source) ?? '',
        messages: [{ key, value: '{}', headers }],
      });
      await producer.disconnect();
      const isParked = async () =>
        (await tried(system.again(holder), 'claimJob', job)) === 'AUTHORITY_UNKNOWN' ? true : undefined;
      await waitFor(isParked, { timeoutMs: PARKED_TIMEOUT_MS, what: 'the key is parked' });
    },
    remove: async () => undefined,
  };
}
const PARKED_TIMEOUT_MS = 30_000;

/** Whether a command of the job was accepted, or why not. */
export async function tried(
  by: Visitor,
  command: 'claimJob' | 'releaseJob',
  { operator, jobId }: Claimed,
): Promise<string> {
  const input = command === 'claimJob' ? { jobId, asOperator: operator } : { jobId };
  const { data, errors } = await by.attempt(command, input);
  return errors[0]?.extensions.code ?? data[command].refusal?.code ?? 'accepted';
}

/** What came of a command, and when it was sent. */
export interface Tried {
  readonly outcome: string;
  readonly sentMs: number;
}

/** Claims and releases the job in turn until `untilMs`, each in a conversation that has seen what `seen` has. */
export async function keepTrying(
  system: TestSystem,
  holder: Visitor,
  job: Claimed,
  seen: Visitor | undefined,
  untilMs: number,
): Promise<readonly Tried[]> {
  const outcomes: Tried[] = [];
  let command: 'claimJob' | 'releaseJob' = 'claimJob';
  while (performance.now() < untilMs) {
    const by = system.again(holder);
    const sentMs = performance.now();
    const outcome = await tried(seen === undefined ? by : by.learn(seen), command, job);
    outcomes.push({ outcome, sentMs });
    if (outcome === 'accepted') command = command === 'claimJob' ? 'releaseJob' : 'claimJob';
  }
  return outcomes;
}

/** When the job was last changed, as its journal tells, in milliseconds. */
export async function lastChange(system: TestSystem, { jobId }: Claimed): Promise<number> {
  const last = "select max(occurred_at) as at from journal where aggregate_type = 'job' and aggregate_id = $1";
  const [row] = await asService<{ at: string }>(system, 'jobs', last, [jobId]);
  return Date.parse(row?.at ?? '');
}
