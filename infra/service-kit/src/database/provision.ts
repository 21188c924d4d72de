import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import { openClient } from './client.ts';

/** Addresses of one service's database, by what they may do. */
export interface ServiceDatabase {
  readonly database: string;
  /** Owns the tables: migrations. */
  readonly ownerUrl: string;
  /** The running service. */
  readonly appUrl: string;
  /** Reads the journal's stream. */
  readonly relayUrl: string;
}

export interface ProvisionOptions {
  /** Another database of the same service; named after the service where absent. */
  readonly database?: string;
  /** An existing database to copy; nobody may be connected to it. */
  readonly template?: string;
}

const ROLES = {
  owner: 'login nosuperuser nocreatedb nocreaterole',
  app: 'login nosuperuser nocreatedb nocreaterole',
  relay: 'login replication nosuperuser nocreatedb nocreaterole',
} as const;

/** Short enough that roles and the slot named after it fit into the 63 characters of PostgreSQL. */
const NAME = /^[a-z][a-z0-9_-]{0,49}$/;

/**
 * Makes sure that a service has its database and its three roles, and that only they may enter it. Passwords of the roles are
 * derived from the administrator's, so that they need not be kept.
 */
export async function provision(
  adminUrl: string,
  service: string,
  { database = service, template }: ProvisionOptions = {},
): Promise<ServiceDatabase> {
  for (const name of [service, database]) assert(NAME.test(name), `no name of a service or a database: ${name}`);
  const secret = new URL(adminUrl).password;
  const admin = await openClient({ connectionString: adminUrl });
  try {
    // Two at the same time would each find the role missing.
    await admin.query("select pg_advisory_lock(hashtext('provision'))");
    for (const [role, rights] of Object.entries(ROLES)) await ensureRole(admin, `${service}_${role}`, rights, secret);
    await ensureDatabase(admin, service, database, template);
  } finally {
    await admin.end();
  }
  const url = (role: keyof typeof ROLES) => {
    const address = new URL(adminUrl);
    address.username = `${service}_${role}`;
    address.password = passwordOf(secret, `${service}_${role}`);
    address.pathname = `/${database}`;
    return address.href;
  };
  return { database, ownerUrl: url('owner'), appUrl: url('app'), relayUrl: url('relay') };
}

async function ensureRole(admin: Client, role: string, rights: string, secret: string): Promise<void> {
  const { rowCount } = await admin.query('select 1 from pg_roles where rolname = $1', [role]);
  const verb = rowCount === 0 ? 'create' : 'alter';
  await admin.query(
    `${verb} role ${escapeIdentifier(role)} with ${rights} password ${escapeLiteral(passwordOf(secret, role))}`,
  );
}

async function ensureDatabase(admin: Client, service: string, database: string, template?: string): Promise<void> {
  const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [database]);
  const name = escapeIdentifier(database);
  if (rowCount === 0) {
    const from = template === undefined ? '' : ` template ${escapeIdentifier(template)}`;
    await admin.query(`create database ${name} owner ${escapeIdentifier(`${service}_owner`)}${from}`);
  }
  // Rights of a database are not copied from a template, and a provisioning may have been broken off before this.
  const roles = Object.keys(ROLES).map((role) => escapeIdentifier(`${service}_${role}`));
  await admin.query(`revoke all on database ${name} from public`);
  await admin.query(`grant connect on database ${name} to ${roles.join(', ')}`);
}

function passwordOf(secret: string, role: string): string {
  return createHmac('sha256', secret).update(role).digest('hex');
}
