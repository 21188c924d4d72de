/**
 * The step of docker-compose.yml before a service: its database and roles, its migrations, and the files its settings are read from.
 * Only this step knows the administrator and the owner of the tables. Usage: node prepare.ts <service>
 */
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '@qtm/service-kit/migrate';
import { createLogger, fromSetting, readSettings, runProcess } from '@qtm/service-kit/process';
import { provision } from '@qtm/service-kit/provision';
import { STEP_SETTINGS } from './settings.ts';

const [, , service = ''] = process.argv;
const logger = createLogger(`${service}-prepare`, 'info');

await runProcess(logger, async () => {
  const settings = readSettings(STEP_SETTINGS.prepare);
  const admin = new URL(settings.QTM_ADMIN_DATABASE_URL);
  admin.password = settings.QTM_ADMIN_PASSWORD;
  const { ownerUrl, appUrl, relayUrl } = await fromSetting('QTM_ADMIN_DATABASE_URL, QTM_ADMIN_PASSWORD', () =>
    provision(admin.href, service),
  );
  const roles = { appRole: `${service}_app`, relayRole: `${service}_relay` };
  const { applied } = await migrate({ service, ownerUrl, ...roles, log: (line) => logger.info(line) });
  const files = {
    'database-url': appUrl,
    'relay-database-url': relayUrl,
    // The same for all services, without a place that all of them can read.
    'consistency-secret': createHmac('sha256', settings.QTM_ADMIN_PASSWORD).update('consistency').digest('hex'),
  };
  for (const [name, value] of Object.entries(files)) {
    writeFileSync(join(settings.QTM_DATA_DIR, name), value, { mode: 0o600 });
  }
  logger.info({ applied: applied.length }, 'prepared');
});
