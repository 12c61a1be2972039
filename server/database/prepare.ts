import { bootstrapDatabase } from './bootstrap.ts'
import { type ApplyReport, applyMigrations, type BackupChoice } from './migrate.ts'
import { readMigrations } from './migration-files.ts'
import { assertUpToDate, readMigrationStatus } from './migration-status.ts'

export type PrepareOptions = {
  database: { adminUrl: string | null; appUrl: string; auditorUrl: string; sequencerUrl: string | null }
  /** Folder of the migrations. */
  dir: string
  backup: BackupChoice
}

/**
 * Brings the database to this version of the code. Without the admin's address it only checks, as the app, and throws
 * StartupError when migrations are pending or failed.
 */
export async function prepareDatabase({ database, dir, backup }: PrepareOptions): Promise<ApplyReport> {
  const { adminUrl, appUrl, auditorUrl, sequencerUrl } = database
  if (adminUrl === null) {
    assertUpToDate(await readMigrationStatus(appUrl, await readMigrations(dir), 'DATABASE_URL'))
    return { applied: [], backup: null }
  }
  await bootstrapDatabase({ adminUrl, appUrl, auditorUrl, sequencerUrl })
  return applyMigrations({ adminUrl, dir, backup })
}
