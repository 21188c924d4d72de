import { type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on standard output. Tokens and secrets never enter a log: the known places are redacted as a second guard. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: ['req.headers.authorization', 'req.headers.cookie', 'headers.authorization', 'authorization', 'token'],
  });
}
