import { address, PROCESS_SETTINGS, type SettingsSpec, secret, text, WORD } from '@qtm/service-kit/door';

const { QTM_HOST, QTM_PORT } = PROCESS_SETTINGS;

/** What a container keeps, or was given by the step before it: the one volume of its own. */
const QTM_DATA_DIR = text(
  "folder of the container's volume",
  { pattern: /^\/\S*$/, words: 'path from the root' },
  '/var/lib/qtm',
);

/** Settings of what runs in containers beside services and gateway, by the name of its file in this folder. */
export const STEP_SETTINGS = {
  keys: { QTM_DATA_DIR },
  prepare: {
    QTM_DATA_DIR,
    QTM_ADMIN_DATABASE_URL: address('the PostgreSQL cluster, as a superuser, without the password', [
      'postgres',
      'postgresql',
    ]),
    QTM_ADMIN_PASSWORD: secret(text('password of that superuser', WORD)),
  },
  issuer: { QTM_HOST, QTM_PORT, QTM_DATA_DIR },
  register: { QTM_DATA_DIR, QTM_ENDPOINT: address('GraphQL endpoint of the gateway') },
  healthy: { QTM_PORT },
} as const satisfies Readonly<Record<string, SettingsSpec>>;
