/** The development issuer as a process of its own; an OIDC provider takes its place where people sign in. */
import { hasSigningKey, signingKey, startIssuer } from '@qtm/local';
import { createLogger, readSettings, runProcess } from '@qtm/service-kit/process';
import { STEP_SETTINGS } from './settings.ts';

const logger = createLogger('issuer', 'info');

await runProcess(logger, async (lifecycle) => {
  const { QTM_HOST: host, QTM_PORT: port, QTM_DATA_DIR: folder } = readSettings(STEP_SETTINGS.issuer);
  const made = !hasSigningKey(folder);
  const issuer = await startIssuer(await signingKey(folder), port, host);
  lifecycle.add('http', () => issuer.stop());
  logger.info({ issuer: issuer.issuer, made }, 'ready');
});
