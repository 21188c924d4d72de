/** The first step of docker-compose.yml: makes the administrator's password, once per volume. Everything else is derived from it. */
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger, readSettings, runProcess } from '@qtm/service-kit/process';
import { STEP_SETTINGS } from './settings.ts';

const logger = createLogger('keys', 'info');

await runProcess(logger, async () => {
  const file = join(readSettings(STEP_SETTINGS.keys).QTM_DATA_DIR, 'admin-password');
  if (existsSync(file)) return logger.info('the password is there');
  writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  logger.info('made a password');
});
