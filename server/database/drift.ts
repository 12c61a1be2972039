import { describeCatalogue } from './catalogue.ts'
import { withClient } from './connection.ts'
import { diffSchemas } from './migrate.ts'
import { readMigrations, readSchemaFiles } from './migration-files.ts'
import { type MigrationStatus, readMigrationStatus } from './migration-status.ts'
import { createShadowDatabase } from './shadow.ts'

export type DriftReport = {
  history: MigrationStatus
  /** Objects that the migrations make and the database lacks, and the reverse; each one readable line. */
  missing: string[]
  unexpected: string[]
  /** SQL that would bring the migrations to the schema files; empty when they agree. */
  schemaDifference: string
  hasDrift: boolean
}

/**
 * Compares three things: the database, the migrations that it says it has (replayed in a database that is dropped again),
 * and the schema files. Tables, columns, constraints, indexes, triggers, functions, policies, owners and privileges count.
 */
export async function findDrift({ adminUrl, dir, schemaDir }: { adminUrl: string; dir: string; schemaDir: string }): Promise<DriftReport> {
  const migrations = await readMigrations(dir)
  const history = await readMigrationStatus(adminUrl, migrations)
  const applied = migrations.filter((file) => history.applied.includes(file.name))
  const actual = await withClient(adminUrl, describeCatalogue)
  const expected = await replay(
    adminUrl,
    applied.map((file) => file.sql),
  )
  const missing = [...expected].filter((line) => !actual.has(line)).sort()
  const unexpected = [...actual].filter((line) => !expected.has(line)).sort()
  const schemaDifference = await diffSchemas(adminUrl, migrations, await readSchemaFiles(schemaDir))
  const isHistoryOff = history.failed.length + history.edited.length + history.unknown.length > 0
  const hasDrift = isHistoryOff || missing.length + unexpected.length > 0 || schemaDifference !== ''
  return { history, missing, unexpected, schemaDifference, hasDrift }
}

async function replay(adminUrl: string, scripts: readonly string[]): Promise<Set<string>> {
  const shadow = await createShadowDatabase(adminUrl)
  try {
    return await withClient(shadow.url, async (client) => {
      for (const sql of scripts) {
        await client.query('BEGIN')
        await client.query(sql)
        await client.query('RESET ROLE')
        await client.query('COMMIT')
      }
      return describeCatalogue(client)
    })
  } finally {
    await shadow.drop()
  }
}
