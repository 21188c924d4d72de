import { parseArgs } from 'node:util';
import { LocalStackFault } from '@qtm/local';

export const USAGE = `usage: npm start [-- --port <port>] [--fresh]
  brings up PostgreSQL, Kafka, a token issuer, every service and the gateway; Ctrl-C ends them all
  --port <port>   port of the GraphQL endpoint (default 4000)
  --fresh         begins with empty data; what was there is gone
  --help          this text

  QTM_LOCAL_POSTGRES_URL   a running PostgreSQL 18 to use instead, as its superuser (wal_level=logical)
  QTM_LOCAL_KAFKA_BROKERS  a running Kafka to use instead, host:port separated by commas
  data, logs and secrets lie in .local/data and stay between starts`;

export interface StartOptions {
  readonly port: number;
  readonly fresh: boolean;
}

/** Undefined where help was asked for. @throws LocalStackFault saying what is wrong with the arguments */
export function readOptions(args: string[]): StartOptions | undefined {
  const values = parsed(args);
  if (values.help) return undefined;
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new LocalStackFault(`--port ${values.port}: not a port`);
  return { port, fresh: values.fresh };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string', default: '4000' },
        fresh: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new LocalStackFault((error as Error).message);
  }
}
