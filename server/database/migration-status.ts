import { errorCode, StartupError } from '../startup-error.ts'
import { MissingDatabaseError, withClient } from './connection.ts'
import type { MigrationFile } from './migration-files.ts'

export type MigrationStatus = {
  applied: string[]
  pending: string[]
  /** Begun but not finished. */
  failed: string[]
  /** Changed on disk since they were applied. */
  edited: string[]
  /** Applied, but not in this folder: the database is newer than the code. */
  unknown: string[]
}

type Row = { name: string; checksum: string; is_finished: boolean }

/** Compares the folder with what the database has. `url` may be the admin's or the app's: both may ask. */
export async function readMigrationStatus(url: string, files: readonly MigrationFile[], setting?: string): Promise<MigrationStatus> {
  const rows = await readHistory(url, setting)
  const byName = new Map(rows.map((row) => [row.name, row]))
  const known = new Set(files.map((file) => file.name))
  return {
    applied: rows.filter((row) => row.is_finished).map((row) => row.name),
    pending: files.filter((file) => !byName.has(file.name)).map((file) => file.name),
    failed: rows.filter((row) => !row.is_finished).map((row) => row.name),
    edited: files.filter((file) => byName.get(file.name)?.is_finished && byName.get(file.name)?.checksum !== file.checksum).map((file) => file.name),
    unknown: rows.filter((row) => !known.has(row.name)).map((row) => row.name),
  }
}

async function readHistory(url: string, setting?: string): Promise<Row[]> {
  try {
    const result = await withClient(url, (client) => client.query<Row>('SELECT name, checksum, is_finished FROM public.chiron_migrations()'), setting)
    return result.rows
  } catch (error) {
    // No database yet, or (undefined_function) one that nothing has prepared: nothing is applied.
    if (error instanceof MissingDatabaseError || errorCode(error) === '42883') return []
    throw error
  }
}

/** Throws StartupError when the history does not allow to go on from here; pending steps are no such reason. */
export function assertHistoryIsSound(status: MigrationStatus, isRetry = false): void {
  const [failed] = status.failed
  const [unknown] = status.unknown
  const [edited] = status.edited
  if (unknown !== undefined)
    throw new StartupError(
      `The database has the migration ${unknown}, which this version of Chiron does not know: start the newer version, or roll back with it.`,
    )
  if (edited !== undefined)
    throw new StartupError(
      `The migration ${edited} was changed after it had been applied: restore prisma/migrations/${edited}/migration.sql and put the change into a new migration.`,
    )
  if (failed !== undefined && !isRetry) {
    throw new StartupError(
      `The migration ${failed} failed earlier and nothing of it was kept: correct prisma/migrations/${failed}/migration.sql, then run: npm run chiron -- migrate apply --retry`,
    )
  }
}

/** Throws StartupError unless every migration of the folder is applied and sound. */
export function assertUpToDate(status: MigrationStatus): void {
  assertHistoryIsSound(status)
  if (status.pending.length === 0) return
  throw new StartupError(
    `The database lacks ${status.pending.length} migration(s) (${status.pending.join(', ')}): set DATABASE_ADMIN_URL and run: npm run chiron -- migrate apply`,
  )
}
