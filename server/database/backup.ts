import pg from 'pg'
import { errorCode, StartupError } from '../startup-error.ts'
import { LOGINS } from './bootstrap.ts'
import { databaseName, withClient, withDatabase } from './connection.ts'

const KEPT_BACKUPS = 3

/**
 * Copies the database inside the server (pg_dump is not shipped) and keeps the newest three copies. Answers the copy's
 * name. Nobody can connect to a copy. Throws StartupError when other sessions hold the database.
 */
export async function backUpDatabase(adminUrl: string, now: Date): Promise<string> {
  const source = databaseName(adminUrl)
  const stamp = now.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)
  const backup = `${source.slice(0, 40)}_backup_${stamp}`
  await withClient(withDatabase(adminUrl, 'postgres'), async (client) => {
    try {
      await client.query(`CREATE DATABASE ${pg.escapeIdentifier(backup)} TEMPLATE ${pg.escapeIdentifier(source)} ALLOW_CONNECTIONS false`)
    } catch (error) {
      throw backupError(error, source)
    }
    await client.query(`REVOKE ALL ON DATABASE ${pg.escapeIdentifier(backup)} FROM PUBLIC, ${LOGINS.join(', ')}`)
    for (const old of (await listBackups(client, source)).slice(KEPT_BACKUPS)) await client.query(`DROP DATABASE ${pg.escapeIdentifier(old)}`)
  })
  return backup
}

/** Names of the copies of this database, newest first. */
export async function listBackups(client: pg.Client, source: string): Promise<string[]> {
  const { rows } = await client.query<{ datname: string }>(
    "SELECT datname FROM pg_database WHERE starts_with(datname, $1) AND substr(datname, length($1) + 1) ~ '^[0-9]{14}$' ORDER BY datname DESC",
    [`${source.slice(0, 40)}_backup_`],
  )
  return rows.map((row) => row.datname)
}

function backupError(error: unknown, source: string): Error {
  const code = errorCode(error)
  const rest = 'or decline it with --backup none when you have another backup.'
  if (code === '55006')
    return new StartupError(`The backup needs ${source} to itself, but other programs are connected: stop Chiron and other clients first, ${rest}`, {
      cause: error,
    })
  if (code === '42501')
    return new StartupError(`DATABASE_ADMIN_URL may not create databases, which the backup needs: grant CREATEDB, ${rest}`, { cause: error })
  return error instanceof Error ? error : new Error(String(error))
}
