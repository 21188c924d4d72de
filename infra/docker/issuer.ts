/** The development issuer as a process of its own; an OIDC provider takes its place where people sign in. */
import { hasSigningKey, signingKey, startIssuer } from '@qtm/local';
import { createLogger, fromSetting, readSettings, runProcess } from '@qtm/service-kit/process';
import { STEP_SETTINGS } from './settings.ts';

const logger = createLogger('issuer', 'info');

await runProcess(logger, async (lifecycle) => {
  const { QTM_HOST: host, QTM_PORT: port, QTM_DATA_DIR: folder } = readSettings(STEP_SETTINGS.issuer);
  const made = !hasSigningKey(folder);
  const key = await signingKey(folder);
  const issuer = await fromSetting('QTM_HOST, QTM_PORT', () => startIssuer(key, port, host));
  lifecycle.add('http', () => issuer.stop());
  logger.info({ issuer: issuer.issuer, made }, 'ready');
});
