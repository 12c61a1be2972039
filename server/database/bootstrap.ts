import pg from 'pg'
import { StartupError } from '../startup-error.ts'
import { databaseName, describeTarget, MissingDatabaseError, withClient, withDatabase } from './connection.ts'
import { scramVerifier } from './scram.ts'

export const MINIMUM_SERVER_VERSION = 18

/** NOLOGIN owners: of schema `audit`, and of the application's schema `public`. */
export const OWNERS = ['chiron_audit_owner', 'chiron_migrator'] as const
export const LOGINS = ['chiron_app', 'chiron_auditor', 'chiron_sequencer'] as const

const REQUIRED_EXTENSIONS = ['btree_gist', 'pg_trgm', 'unaccent'] as const

/**
 * A forgotten transaction would stall the audit log's horizon for everybody, so every login has bounds.
 */
const LOGIN_SETTINGS = {
  // The trail's promise is durability: a server that acknowledges early would break it without a word.
  synchronous_commit: 'on',
  transaction_timeout: '60s',
  idle_in_transaction_session_timeout: '30s',
  statement_timeout: '60s',
  lock_timeout: '15s',
  search_path: 'public',
  timezone: 'UTC',
} as const

export type BootstrapUrls = {
  /** A superuser, or a role with CREATEROLE that owns or may create the database. */
  adminUrl: string
  appUrl: string
  auditorUrl: string
  /** Null: the role exists, but nobody can sign in as it yet. */
  sequencerUrl?: string | null
}

export type BootstrapReport = { isDatabaseCreated: boolean; missingOptionalExtensions: string[] }

/**
 * Creates whatever is missing around the tables: the database, roles and logins (passwords as in the URLs), extensions,
 * schema `audit`, database privileges. Safe to repeat. Throws StartupError when the server is too old, cannot be reached,
 * or a login holds rights that would defeat row-level security.
 */
export async function bootstrapDatabase(urls: BootstrapUrls): Promise<BootstrapReport> {
  assertLogin(urls.appUrl, 'chiron_app', 'DATABASE_URL')
  assertLogin(urls.auditorUrl, 'chiron_auditor', 'DATABASE_AUDITOR_URL')
  const isDatabaseCreated = await ensureDatabase(urls.adminUrl)
  return withClient(urls.adminUrl, async (client) => {
    const isSuperuser = await findIsSuperuser(client)
    // Two processes that start at once would otherwise collide on the same catalogue rows.
    await client.query("SELECT pg_advisory_lock(hashtext('chiron bootstrap'))")
    await ensureRoles(client, urls, isSuperuser)
    const missingOptionalExtensions = await prepareEmptyDatabase(client)
    await assertLoginsAreWeak(client)
    return { isDatabaseCreated, missingOptionalExtensions }
  })
}

/** Schemas, extensions and privileges of one database; answers the optional extensions that are not to be had. */
export async function prepareEmptyDatabase(client: pg.Client): Promise<string[]> {
  await ensureSchemas(client)
  const missingOptionalExtensions = await ensureExtensions(client)
  await ensureMigrationsFunction(client)
  await applyDatabasePrivileges(client, client.database ?? '')
  return missingOptionalExtensions
}

/** Throws StartupError unless the server is PostgreSQL 18 or later. */
export async function assertServerVersion(client: pg.Client, url: string): Promise<void> {
  const { rows } = await client.query<{ server_version_num: string }>('SHOW server_version_num')
  const major = Math.floor(Number(rows[0]?.server_version_num) / 10_000)
  if (major >= MINIMUM_SERVER_VERSION) return
  throw new StartupError(
    `The database at ${describeTarget(url)} is PostgreSQL ${major}, but Chiron needs ${MINIMUM_SERVER_VERSION} or later: upgrade it, or unset DATABASE_URL to use the embedded one.`,
  )
}

/** Privileges on the database itself. CREATE DATABASE … TEMPLATE does not copy them, so copies need this as well. */
export async function applyDatabasePrivileges(client: pg.Client, database: string): Promise<void> {
  const name = pg.escapeIdentifier(database)
  await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`)
  await client.query(`GRANT CONNECT ON DATABASE ${name} TO ${LOGINS.join(', ')}`)
}

function assertLogin(url: string, expected: string, setting: string): void {
  if (decodeURIComponent(new URL(url).username) === expected) return
  throw new StartupError(`${setting} must sign in as ${expected}: use postgresql://${expected}:<password>@… (the login is created for you).`)
}

async function ensureDatabase(adminUrl: string): Promise<boolean> {
  try {
    await withClient(adminUrl, (client) => assertServerVersion(client, adminUrl))
    return false
  } catch (error) {
    if (!(error instanceof MissingDatabaseError)) throw error
  }
  const maintenanceUrl = withDatabase(adminUrl, 'postgres')
  await withClient(maintenanceUrl, async (client) => {
    await assertServerVersion(client, maintenanceUrl)
    await createDatabase(client, databaseName(adminUrl))
  })
  return true
}

/** An empty database. From template0, because template1 may have another locale; built-in C.UTF-8 sorts alike everywhere. */
export async function createDatabase(client: pg.Client, name: string): Promise<void> {
  const locale = "ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
  await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE template0 ${locale}`)
}

async function findIsSuperuser(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ rolsuper: boolean; rolcreaterole: boolean; rolname: string }>(
    'SELECT rolname, rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user',
  )
  const role = rows[0]
  if (role?.rolsuper) return true
  if (role?.rolcreaterole) return false
  throw new StartupError(`DATABASE_ADMIN_URL signs in as ${role?.rolname}, who may not create roles: use a superuser or a role with CREATEROLE.`)
}

async function ensureRoles(client: pg.Client, urls: BootstrapUrls, isSuperuser: boolean): Promise<void> {
  const { rows } = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles WHERE rolname = ANY($1)', [[...OWNERS, ...LOGINS]])
  const existing = new Set(rows.map((row) => row.rolname))
  for (const role of OWNERS) {
    if (!existing.has(role)) await client.query(`CREATE ROLE ${role} NOLOGIN`)
    // Migrations say SET ROLE, which even a creating role may not do without this.
    await client.query(`GRANT ${role} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE`)
  }
  // Only a superuser may name these attributes at all; for others assertLoginsAreWeak refuses what it cannot correct.
  const weak = isSuperuser ? 'NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS' : ''
  for (const role of OWNERS) if (weak) await client.query(`ALTER ROLE ${role} NOLOGIN ${weak}`)
  const passwords = {
    chiron_app: urls.appUrl,
    chiron_auditor: urls.auditorUrl,
    chiron_sequencer: urls.sequencerUrl ?? null,
  }
  for (const role of LOGINS) {
    if (!existing.has(role)) await client.query(`CREATE ROLE ${role} LOGIN`)
    const url = passwords[role]
    const secret = url === null ? '' : `PASSWORD ${pg.escapeLiteral(scramVerifier(decodeURIComponent(new URL(url).password)))}`
    await client.query(`ALTER ROLE ${role} LOGIN NOINHERIT ${weak} ${secret}`)
    for (const [name, value] of Object.entries(LOGIN_SETTINGS)) await client.query(`ALTER ROLE ${role} SET ${name} = ${pg.escapeLiteral(value)}`)
  }
}

async function ensureSchemas(client: pg.Client): Promise<void> {
  const name = pg.escapeIdentifier(client.database ?? '')
  // Becoming a schema's owner needs CREATE on the database at that moment; nothing needs it afterwards.
  await client.query('BEGIN')
  await client.query(`GRANT CREATE ON DATABASE ${name} TO ${OWNERS.join(', ')}`)
  await client.query('ALTER SCHEMA public OWNER TO chiron_migrator')
  await client.query('CREATE SCHEMA IF NOT EXISTS audit AUTHORIZATION chiron_audit_owner')
  await client.query(`REVOKE CREATE ON DATABASE ${name} FROM ${OWNERS.join(', ')}`)
  await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC')
  await client.query('GRANT USAGE ON SCHEMA public TO PUBLIC')
  await client.query('REVOKE ALL ON SCHEMA audit FROM PUBLIC')
  await client.query(`GRANT USAGE ON SCHEMA audit TO chiron_migrator, ${LOGINS.join(', ')}`)
  await client.query('COMMIT')
}

/**
 * `serve` must know whether the schema fits its code, and its login may not read `_prisma_migrations` (whose logs quote
 * data). This function answers names and checksums only; plpgsql, because the table does not exist yet.
 */
async function ensureMigrationsFunction(client: pg.Client): Promise<void> {
  await client.query(`
    CREATE OR REPLACE FUNCTION public.chiron_migrations() RETURNS TABLE (name text, checksum text, is_finished boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      IF to_regclass('public._prisma_migrations') IS NULL THEN RETURN; END IF;
      RETURN QUERY SELECT m.migration_name::text, m.checksum::text, m.finished_at IS NOT NULL
        FROM public._prisma_migrations m WHERE m.rolled_back_at IS NULL ORDER BY m.migration_name;
    END $$`)
  await client.query('REVOKE ALL ON FUNCTION public.chiron_migrations() FROM PUBLIC')
  await client.query(`GRANT EXECUTE ON FUNCTION public.chiron_migrations() TO ${LOGINS.join(', ')}`)
}

async function ensureExtensions(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; isInstalled: boolean }>(
    'SELECT name, installed_version IS NOT NULL AS "isInstalled" FROM pg_available_extensions',
  )
  const available = new Map(rows.map((row) => [row.name, row.isInstalled]))
  for (const name of REQUIRED_EXTENSIONS) {
    if (!available.has(name))
      throw new StartupError(`PostgreSQL's extension ${name} is not installed on the server: install the postgresql-contrib package there.`)
    if (!available.get(name)) await client.query(`CREATE EXTENSION IF NOT EXISTS ${name} SCHEMA public`)
  }
  if (available.get('pg_stat_statements')) return []
  // Not a trusted extension: only a superuser installs it, and only a preloaded library collects anything.
  if (!(await findIsSuperuser(client)) || !available.has('pg_stat_statements')) return ['pg_stat_statements']
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public')
  return []
}

async function assertLoginsAreWeak(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ rolname: string; problem: string }>(
    `SELECT rolname, concat_ws(', ', CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END,
       CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
       (SELECT 'membership in ' || string_agg(g.rolname, ', ') FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid)) AS problem
     FROM pg_roles r WHERE rolname = ANY($1)`,
    [[...LOGINS]],
  )
  const strong = rows.find((row) => row.problem !== '')
  if (strong) throw new StartupError(`The login ${strong.rolname} has ${strong.problem}, which would defeat row-level security: take it away and start again.`)
}
