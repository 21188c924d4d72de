import { ATTEMPTS_PER_MINUTE } from '../command/attempt-cap.ts';
import { integer, list, oneOf, PROCESS_SETTINGS, readSettings, type Settings, text } from '../process/settings.ts';

const DAY_MS = 86_400_000;

/** Settings of every service. */
export const SERVICE_SETTINGS = {
  ...PROCESS_SETTINGS,
  QTM_DATABASE_URL: text("address of the service's database, as its runtime role"),
  QTM_RELAY_DATABASE_URL: text("address of the service's database, as the role that reads the journal's stream"),
  QTM_POOL_SIZE: integer('connections for commands and reads', { min: 1, max: 200 }, 10),
  QTM_FOLLOWER_POOL_SIZE: integer(
    'connections for applying what other services publish, one partition each',
    { min: 1, max: 50 },
    6,
  ),
  QTM_KAFKA_BROKERS: list('Kafka brokers, host:port separated by commas'),
  QTM_TOPIC_PREFIX: text('put before topic names, so that several installations can share a broker', ''),
  QTM_TOPIC_RETENTION_MS: integer('how long topics keep facts; -1 is for ever', { min: -1, max: 3_650 * DAY_MS }, -1),
  QTM_ATTEMPTS_PER_MINUTE: integer(
    'denied attempts of one principal that are facts of their own, in each minute and process; more are counted in one',
    { min: 0, max: 1_000_000 },
    ATTEMPTS_PER_MINUTE,
  ),
  QTM_CONSISTENCY_SECRET: text('secret that all services share, under which consistency tokens are signed'),
  QTM_MAX_WAITERS: integer('requests that may wait for facts at a time', { min: 0, max: 100_000 }, 1_000),
  QTM_TEST_CONTROLS: oneOf('routes that pause what a test must see paused; never in production', ['off', 'on'], 'off'),
} as const;

export type ServiceSettings = Settings<typeof SERVICE_SETTINGS>;

/** @throws SettingsError naming each variable that is missing or wrong */
export function readServiceSettings(env?: Readonly<Record<string, string | undefined>>): ServiceSettings {
  return readSettings(SERVICE_SETTINGS, env);
}
