/** `npm run migrate -- <service>`: brings one service's database up to date, as a step of its own before a deployment. */
import { migrate } from '@qtm/service-kit/migrate';
import { readSettings, SettingsError } from '@qtm/service-kit/process';
import { migrationSettings } from '@qtm/service-kit/settings';

const USAGE = `usage: npm run migrate -- <service>
  QTM_OWNER_DATABASE_URL   address of the service's database, as the role that owns its tables
  QTM_APP_ROLE             runtime role that is granted what it may do (default <service>_app)
  QTM_RELAY_ROLE           role that reads the journal's stream (default <service>_relay)`;

async function main(service: string | undefined): Promise<number> {
  if (service === undefined || service.startsWith('-')) {
    console.error(USAGE);
    return service === '--help' ? 0 : 2;
  }
  const settings = readSettings(migrationSettings(service));
  const { applied } = await migrate({
    service,
    ownerUrl: settings.QTM_OWNER_DATABASE_URL,
    appRole: settings.QTM_APP_ROLE,
    relayRole: settings.QTM_RELAY_ROLE,
    log: (line) => console.log(line),
  });
  console.log(applied.length === 0 ? `${service}: nothing to do` : `${service}: ${applied.length} applied`);
  return 0;
}

try {
  process.exitCode = await main(process.argv[2]);
} catch (error) {
  console.error(`migrate: ${(error as Error).message}`);
  process.exitCode = error instanceof SettingsError ? 2 : 1;
}
