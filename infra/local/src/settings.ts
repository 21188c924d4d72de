import {
  brokers,
  database,
  type Environment,
  readSettings,
  type Setting,
  type Settings,
  SettingsError,
} from '@qtm/service-kit/process';
import { LocalStackFault } from './fault.ts';

const orNone = <T>(setting: Setting<T>): Setting<T | undefined> => ({ ...setting, fallback: undefined });

/** What the environment can tell the local stack. */
export const LOCAL_SETTINGS = {
  QTM_LOCAL_POSTGRES_URL: orNone(database('a running PostgreSQL 18 to use, as a superuser')),
  QTM_LOCAL_KAFKA_BROKERS: orNone(brokers('a running Kafka to use')),
};

export type LocalSettings = Settings<typeof LOCAL_SETTINGS>;
export type { Environment };

/** @throws LocalStackFault naming each variable that is wrong */
export function localSettings(env: Environment): LocalSettings {
  try {
    return readSettings(LOCAL_SETTINGS, env);
  } catch (error) {
    if (error instanceof SettingsError) throw new LocalStackFault(error.message);
    throw error;
  }
}
