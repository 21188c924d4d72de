import { createLogger, createMetrics, createSessionVerifier, fromSetting, runProcess } from '@qtm/service-kit/process';
import { createGateway } from './server.ts';
import { readGatewayConfig } from './settings.ts';

const logger = createLogger('gateway', 'info');

await runProcess(logger, async (lifecycle) => {
  const config = readGatewayConfig();
  const { settings, supergraph } = config;
  logger.level = settings.QTM_LOG_LEVEL;
  const verify = createSessionVerifier({
    issuer: settings.QTM_ISSUER,
    audience: settings.QTM_AUDIENCE,
    jwksUrl: settings.QTM_JWKS_URL,
    rolesClaim: settings.QTM_ROLES_CLAIM,
  });
  const server = await createGateway({ ...config, logger, registry: createMetrics('gateway'), verify });
  lifecycle.add('http', () => server.close());
  const place = { host: settings.QTM_HOST, port: settings.QTM_PORT };
  const endpoint = await fromSetting('QTM_HOST, QTM_PORT', () => server.listen(place));
  logger.info({ endpoint: `${endpoint}/graphql`, subgraphs: supergraph.subgraphs }, 'listening');
});
