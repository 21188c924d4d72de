import { DEFAULT_STEP_UP } from '../authority/step-up.ts';
import { ATTEMPTS_PER_MINUTE } from '../command/attempt-cap.ts';
import type { OwnerAddress } from '../confirm/owners.ts';
import {
  brokers,
  database,
  type Environment,
  type Form,
  integer,
  list,
  oneOf,
  PROCESS_SETTINGS,
  readSettings,
  type Setting,
  type Settings,
  secret,
  text,
  WORD,
} from '../process/settings.ts';

const DAY_MS = 86_400_000;
const TOPIC_PREFIX: Form = { pattern: /^[\w.-]{0,100}$/, words: 'letters, digits, dots, dashes, underscores' };
/** As long as the hash that signs with it. */
const SIGNING_SECRET: Form = { pattern: /^\S{32,}$/, words: '32 characters or more, without spaces' };
const ROLE: Form = { pattern: /^[a-z_][a-z0-9_-]{0,62}$/, words: 'name of a role of PostgreSQL' };

/** Where a service answers, and which; no path, and nobody's password. */
const OWNER: Pick<Setting<OwnerAddress>, 'form' | 'parse'> = {
  form: 'service=http://host:port',
  parse(value) {
    const [, service, url] = /^([a-z][a-z0-9-]*)=(https?:\/\/[^\s/?#@]+)\/?$/.exec(value) ?? [];
    if (service === undefined || url === undefined || !URL.canParse(url)) throw new Error(`not ${this.form}`);
    return { service, url };
  },
};

/** Settings of every service. */
export const SERVICE_SETTINGS = {
  ...PROCESS_SETTINGS,
  QTM_DATABASE_URL: database("address of the service's database, as its runtime role"),
  QTM_RELAY_DATABASE_URL: database("address of the service's database, as the role that reads the journal's stream"),
  QTM_POOL_SIZE: integer('connections for commands and reads', { min: 1, max: 200, unit: 'connections' }, 10),
  QTM_FOLLOWER_POOL_SIZE: integer(
    'connections for applying what other services publish',
    { min: 1, max: 50, unit: 'connections' },
    6,
  ),
  QTM_KAFKA_BROKERS: brokers('Kafka brokers'),
  QTM_TOPIC_PREFIX: text('put before topic names, so that several installations can share a broker', TOPIC_PREFIX, ''),
  QTM_TOPIC_RETENTION_MS: integer(
    'how long topics keep facts; -1 is for ever',
    { min: -1, max: 3_650 * DAY_MS, unit: 'ms' },
    -1,
  ),
  QTM_ATTEMPTS_PER_MINUTE: integer(
    'denied attempts of one principal that are facts of their own, in each minute and process; more are counted in one',
    { min: 0, max: 1_000_000, unit: 'attempts' },
    ATTEMPTS_PER_MINUTE,
  ),
  QTM_CONSISTENCY_SECRET: secret(
    text('secret that all services share, under which consistency tokens are signed', SIGNING_SECRET),
  ),
  QTM_AUTHORITY_MAX_AGE_MS: integer(
    'a command is refused where it rests on what is known of another service and that is older',
    { min: 100, max: 3_600_000, unit: 'ms' },
    5_000,
  ),
  QTM_CLOCK_INTERVAL_MS: integer(
    'how often a service with deadlines looks for what has fallen due',
    { min: 50, max: 3_600_000, unit: 'ms' },
    1_000,
  ),
  QTM_STEP_UP_MAX_AGE_S: integer(
    'longest time since the principal proved who they are, for what takes a session proved again a moment ago',
    { min: 1, max: 86_400, unit: 's' },
    DEFAULT_STEP_UP.maxAgeS,
  ),
  QTM_STEP_UP_ACR_VALUES: list(
    'ways to prove who one is (`acr`) that count for what takes a session proved again a moment ago; any where none is named',
    text('', WORD),
    DEFAULT_STEP_UP.acrValues,
  ),
  QTM_OWNER_URLS: list(
    'where the services answer that are asked to confirm what they own; one with several processes is named once for each',
    OWNER,
    [],
  ),
  QTM_CONFIRM_TIMEOUT_MS: integer(
    'longest wait for what another service is asked to confirm',
    { min: 100, max: 15_000, unit: 'ms' },
    2_000,
  ),
  QTM_MAX_WAITERS: integer(
    'requests that may wait for facts at a time',
    { min: 0, max: 100_000, unit: 'requests' },
    1_000,
  ),
  QTM_TEST_CONTROLS: oneOf('routes that pause what a test must see paused; never in production', ['off', 'on'], 'off'),
} as const;

export type ServiceSettings = Settings<typeof SERVICE_SETTINGS>;

/** @throws SettingsError naming each variable that is missing or wrong */
export function readServiceSettings(env?: Environment): ServiceSettings {
  return readSettings(SERVICE_SETTINGS, env);
}

/** Settings of the step that brings the database of `service` up to date. */
export function migrationSettings(service: string) {
  return {
    QTM_OWNER_DATABASE_URL: database("address of the service's database, as the role that owns its tables"),
    QTM_APP_ROLE: text('runtime role, which is granted what it may do', ROLE, `${service}_app`),
    QTM_RELAY_ROLE: text("role that reads the journal's stream", ROLE, `${service}_relay`),
  };
}

/** Settings of the step that raises the epoch of `service` after a restore. */
export function epochSettings(service: string) {
  return {
    ...migrationSettings(service),
    QTM_KAFKA_BROKERS: SERVICE_SETTINGS.QTM_KAFKA_BROKERS,
    QTM_TOPIC_PREFIX: SERVICE_SETTINGS.QTM_TOPIC_PREFIX,
  };
}

/** Settings of the desk of parked events; the address may come from what runs on this machine. */
export const PARKING_SETTINGS = {
  QTM_DATABASE_URL: { ...SERVICE_SETTINGS.QTM_DATABASE_URL, fallback: undefined },
  QTM_TOPIC_PREFIX: SERVICE_SETTINGS.QTM_TOPIC_PREFIX,
};
