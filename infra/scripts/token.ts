/** `npm run token -- --as <role>`: a session of the development issuer, for trying the system by hand. */
import { parseArgs } from 'node:util';
import {
  DEVELOPMENT_PRINCIPALS,
  hasSigningKey,
  LocalStackFault,
  MAX_TTL_S,
  START_DATA_DIR,
  signingKey,
  signToken,
  TOKEN_KINDS,
} from '@qtm/local';

const NAMES = DEVELOPMENT_PRINCIPALS.map(({ name, may }) => `    ${name.padEnd(16)} ${may}`).join('\n');
const USAGE = `usage: npm run token -- --as <role> [--subject <s>] [--kind <k>] [--ttl <seconds>] [--auth-age <seconds>]
  prints a token, and nothing else, to stdout; made with the key of npm start, whether it runs or not
  --as       whose roles the token carries:
${NAMES}
  --subject  somebody else with these roles; every subject is an identity of its own
  --kind     ${TOKEN_KINDS.join(', ')}
  --ttl      seconds until it expires, at most ${MAX_TTL_S} (the default)
  --auth-age seconds since whoever it is for last proved who they are (default 0)
  --data     data folder of another stack`;

/** The command line is wrong; the message says how. */
class UsageError extends Error {}

function readArguments(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    const options = {
      as: text,
      subject: text,
      kind: text,
      ttl: text,
      'auth-age': text,
      data: text,
      help: { type: 'boolean' },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new UsageError(`${option} ${value}: none of ${allowed.join(', ')}`);
  return found;
}

async function main(args: readonly string[]): Promise<void> {
  const {
    as: name,
    subject,
    kind,
    ttl = String(MAX_TTL_S),
    data = START_DATA_DIR,
    help,
    ...rest
  } = readArguments(args);
  if (help) {
    console.error(USAGE);
    return;
  }
  if (name === undefined) throw new UsageError('--as is missing');
  const names = DEVELOPMENT_PRINCIPALS.map((principal) => principal.name);
  const principal = DEVELOPMENT_PRINCIPALS[names.indexOf(oneOf('--as', name, names))];
  const ofKind = kind === undefined ? (principal?.kind ?? 'HUMAN') : oneOf('--kind', kind, TOKEN_KINDS);
  const ttlSeconds = Number(ttl);
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > MAX_TTL_S) {
    throw new UsageError(`--ttl ${ttl}: not a whole number of seconds from 1 to ${MAX_TTL_S}`);
  }
  const authAge = Number(rest['auth-age'] ?? 0);
  if (!Number.isInteger(authAge) || authAge < 0) {
    throw new UsageError(`--auth-age ${rest['auth-age']}: not a whole number of seconds`);
  }
  if (!hasSigningKey(data)) throw new LocalStackFault(`no issuer's key in ${data} yet: npm start makes it`);
  const token = await signToken(await signingKey(data), {
    subject: subject ?? principal?.subject ?? '',
    kind: ofKind,
    roles: principal?.roles ?? [],
    ttlSeconds,
    extra: { auth_time: Math.floor(Date.now() / 1_000) - authAge },
  });
  console.log(token);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const known = error instanceof UsageError || error instanceof LocalStackFault;
  if (!known) throw error;
  console.error(`token: ${error.message}${error instanceof UsageError ? `\n${USAGE}` : ''}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
