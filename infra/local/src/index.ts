/** PostgreSQL, Kafka, a token issuer, and every service and the gateway on them: all of QTM OS on one machine. */
export { LocalStackFault } from './fault.ts';
export { signingKey } from './issuer/key.ts';
export { DEVELOPMENT_PRINCIPALS, type DevelopmentPrincipal } from './issuer/principals.ts';
export {
  DEVELOPMENT_AUDIENCE,
  DEVELOPMENT_ISSUER,
  signToken,
  type TokenClaims,
  type TokenKind,
} from './issuer/token.ts';
export { freePorts } from './ports.ts';
export type { ServiceDatabase } from './postgres/provision.ts';
export { type LocalStack, type StackOptions, startLocalStack } from './stack.ts';
export { NODE, ROOT, servicesHere } from './system/layout.ts';
export { lastWords, Managed } from './system/managed.ts';
export { type System, type SystemOptions, startSystem } from './system/system.ts';
export { waitFor } from './wait.ts';
