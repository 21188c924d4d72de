/** The last step of docker-compose.yml: registers the development principals through the gateway. */
import { registerPrincipals, signingKey, signToken } from '@qtm/local';
import { createLogger, readSettings, runProcess } from '@qtm/service-kit/process';
import { STEP_SETTINGS } from './settings.ts';

const logger = createLogger('register', 'info');

await runProcess(logger, async () => {
  const settings = readSettings(STEP_SETTINGS.register);
  const key = await signingKey(settings.QTM_DATA_DIR);
  await registerPrincipals(settings.QTM_ENDPOINT, (claims) => signToken(key, claims));
  logger.info('registered');
});
