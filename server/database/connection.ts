import pg from 'pg'
import { errorCode, firstLine, StartupError } from '../startup-error.ts'

const CONNECT_TIMEOUT_MS = 10_000

/** Runs `work` on a connection of its own. Connection problems become a StartupError that names the host and what to do. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>, setting = 'DATABASE_ADMIN_URL'): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'chiron setup',
  })
  // Without a listener a connection that breaks between statements ends the process with a stack.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    await client.end().catch(() => {})
    throw connectionError(url, error, setting)
  }
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}

/** The same URL with another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}

/** Name of the database in the URL. */
export function databaseName(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1)) || 'postgres'
}

/** `host:port/database`, safe to print: no user, no password, no parameters. */
export function describeTarget(url: string): string {
  const parsed = new URL(url)
  return `${parsed.hostname}:${parsed.port || '5432'}/${databaseName(url)}`
}

const CAUSES: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there: start PostgreSQL or correct the address',
  ENOTFOUND: 'the host name is unknown: correct it',
  EAI_AGAIN: 'the host name could not be looked up: correct it or check the network',
  ETIMEDOUT: 'no answer: correct the address or open the firewall',
  '28P01': 'user name or password is wrong: correct them',
  '28000': 'the server refuses this user: correct the user name or pg_hba.conf',
  '3D000': 'the database does not exist: create it or correct its name',
  '53300': 'the server has no connection left: raise max_connections or stop other programs',
  '57P03': 'the server is still starting: try again in a moment',
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is not trusted: add sslrootcert=<file> to the URL",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is not trusted: add sslrootcert=<file> to the URL",
}

function connectionError(url: string, error: unknown, setting: string): Error {
  const nested = error instanceof AggregateError ? error.errors[0] : error
  const code = errorCode(error) ?? errorCode(nested)
  // The caller creates the database when it is missing, so it must see this code.
  if (code === '3D000')
    return new MissingDatabaseError(`Cannot use the database ${describeTarget(url)} of ${setting}: ${CAUSES[code]}.`, {
      cause: error,
    })
  const cause = (code !== null ? CAUSES[code] : undefined) ?? `${firstLine(nested)}: correct the address`
  return new StartupError(`Cannot connect to the database ${describeTarget(url)} of ${setting}: ${cause}.`, {
    cause: error,
  })
}

/** The server answers, but has no database of that name. */
export class MissingDatabaseError extends StartupError {}
