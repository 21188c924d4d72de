/** What every process needs, services and gateway alike: settings, logs, metrics, sessions, HTTP, start and stop. */
export { bearerSession } from './bearer.ts';
export { drainOnClose } from './drain.ts';
export { fromSetting } from './from-setting.ts';
export { createHttpServer } from './http.ts';
export { identityId } from './identity-id.ts';
export { Lifecycle, runProcess } from './lifecycle.ts';
export { createLogger, type Logger } from './logger.ts';
export { Counter, createMetrics, Gauge, Histogram, LATENCY_BUCKETS_S, type Registry } from './metrics.ts';
export { countOpenRequests } from './open-requests.ts';
export { OPERATION_BOUNDS } from './operation-bounds.ts';
export { Readiness } from './readiness.ts';
export {
  createSessionVerifier,
  type PrincipalKind,
  type Session,
  SessionError,
  type VerifySession,
} from './session.ts';
export {
  address,
  brokers,
  database,
  type Environment,
  file,
  HOST_NAME,
  integer,
  list,
  oneOf,
  PROCESS_SETTINGS,
  readSettings,
  type Setting,
  type Settings,
  SettingsError,
  type SettingsSpec,
  secret,
  setForLibrary,
  text,
  WORD,
} from './settings.ts';
export { traceparentOf } from './trace-context.ts';
export { saysTooManyFaults } from './variable-faults.ts';
