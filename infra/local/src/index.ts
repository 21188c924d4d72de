/** PostgreSQL, Kafka, a token issuer, and every service and the gateway on them: all of QTM OS on one machine. */
export { provision, type ServiceDatabase } from '@qtm/service-kit/provision';
export { brokerEnvironment } from './docker/broker.ts';
export { imagesOfStack } from './docker/images.ts';
export { LocalStackFault } from './fault.ts';
export { hasSigningKey, type SigningKey, signingKey } from './issuer/key.ts';
export { DEVELOPMENT_PRINCIPALS, type DevelopmentPrincipal } from './issuer/principals.ts';
export { registerPrincipals } from './issuer/register.ts';
export { startIssuer } from './issuer/server.ts';
export {
  DEVELOPMENT_AUDIENCE,
  DEVELOPMENT_ISSUER,
  MAX_TTL_S,
  signToken,
  TOKEN_KINDS,
  type TokenClaims,
  type TokenKind,
} from './issuer/token.ts';
export { kafkaJars } from './kafka/jars.ts';
export { findJava } from './kafka/java.ts';
export { brokerSettings, type Detour } from './kafka/properties.ts';
export { gatewayMain, JARS_DIR, mainOf, NODE, ROOT, START_DATA_DIR, servicesHere, servicesOf } from './layout.ts';
export { freePorts } from './ports.ts';
export { serverSettings } from './postgres/cluster.ts';
export { environmentWith } from './process/environment.ts';
export { LOCAL_SETTINGS } from './settings.ts';
export { type LocalStack, type StackOptions, type StackPorts, startLocalStack } from './stack.ts';
export { lastWords, Managed } from './system/managed.ts';
export { type System, type SystemOptions, startSystem } from './system/system.ts';
export { waitFor } from './wait.ts';
