import { address, list, readSettings, type Setting, type Settings, SettingsError } from '@qtm/service-kit/process';
import { LocalStackFault } from './fault.ts';

const orNone = <T>(setting: Setting<T>): Setting<T | undefined> => ({ ...setting, fallback: undefined });

/** What the environment can tell the local stack. */
export const LOCAL_SETTINGS = {
  QTM_LOCAL_POSTGRES_URL: orNone(address('a running PostgreSQL 18 to use, as a superuser')),
  QTM_LOCAL_KAFKA_BROKERS: orNone(list('a running Kafka to use: host:port, separated by commas')),
};

export type LocalSettings = Settings<typeof LOCAL_SETTINGS>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws LocalStackFault naming each variable that is wrong */
export function localSettings(env: Environment): LocalSettings {
  try {
    return readSettings(LOCAL_SETTINGS, env);
  } catch (error) {
    if (error instanceof SettingsError) throw new LocalStackFault(`wrong settings: ${error.faults.join('; ')}`);
    throw error;
  }
}
