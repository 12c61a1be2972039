import type pg from 'pg'
import { errorCode, firstLine, StartupError } from '../startup-error.ts'
import { backUpDatabase } from './backup.ts'
import { LOGINS } from './bootstrap.ts'
import { withClient } from './connection.ts'
import { recordMigration } from './migration-entry.ts'
import { type MigrationFile, readMigrations, readSchemaFiles, type SchemaFile, writeMigration } from './migration-files.ts'
import { assertHistoryIsSound, type MigrationStatus, readMigrationStatus } from './migration-status.ts'
import { migrationList, NO_FILTERS, withSchemaEngine } from './schema-engine.ts'

export type BackupChoice = 'auto' | 'none'

export type ApplyOptions = {
  adminUrl: string
  /** Folder of `NNNN_name/migration.sql`. */
  dir: string
  /** 'auto': a copy of the database before anything changes, when it already has migrations. */
  backup: BackupChoice
  /** Try a step again that failed earlier. */
  retry?: boolean
  now?: Date
}

export type ApplyReport = { applied: string[]; backup: string | null }

/**
 * Applies every pending migration, each in one transaction, into Prisma's ordinary `_prisma_migrations`. Throws
 * StartupError naming the step that failed (nothing of it is kept; earlier ones stay) or why the history is unsound.
 */
export async function applyMigrations({ adminUrl, dir, backup, retry = false, now = new Date() }: ApplyOptions): Promise<ApplyReport> {
  const migrations = await readMigrations(dir)
  const status = await readMigrationStatus(adminUrl, migrations)
  assertHistoryIsSound(status, retry)
  if (status.pending.length + status.failed.length === 0) return { applied: [], backup: null }
  const copy = backup === 'auto' && status.applied.length > 0 ? await backUpDatabase(adminUrl, now) : null
  let cause: unknown = null
  const onScriptError = (error: unknown) => (cause = error)
  try {
    const applied = await withSchemaEngine({ adminUrl, migrations, onScriptError }, async (engine) => {
      for (const migrationName of status.failed) await engine.markMigrationRolledBack({ migrationName })
      return engine.applyMigrations({ migrationsList: migrationList(migrations), filters: NO_FILTERS })
    })
    return { applied: applied.appliedMigrationNames, backup: copy }
  } catch (error) {
    const after = await readMigrationStatus(adminUrl, migrations)
    const failed = migrations.find((file) => after.failed.includes(file.name))
    if (failed === undefined) throw error
    throw new StartupError(
      `The migration ${failed.name} failed (${describe(cause ?? error, failed.sql)}) and nothing of it was kept: correct ${dir}/${failed.name}/migration.sql, then run: npm run chiron -- migrate apply --retry`,
      { cause: error },
    )
  } finally {
    await hideHistory(adminUrl)
  }
}

/** Which migrations the database has, lacks, or disagrees about. */
export async function findMigrationStatus(adminUrl: string, dir: string): Promise<MigrationStatus> {
  return readMigrationStatus(adminUrl, await readMigrations(dir))
}

/** The pending steps, after running them in a transaction that is rolled back. Throws StartupError naming the one that would fail. */
export async function planMigrations(adminUrl: string, dir: string): Promise<MigrationFile[]> {
  const migrations = await readMigrations(dir)
  const status = await readMigrationStatus(adminUrl, migrations)
  assertHistoryIsSound(status, true)
  const pending = migrations.filter((file) => status.pending.includes(file.name) || status.failed.includes(file.name))
  await withClient(adminUrl, async (client) => {
    await client.query('BEGIN')
    // A dry run must not hold up a working clinic behind its locks.
    await client.query("SET LOCAL lock_timeout = '5s'")
    for (const file of pending) {
      await runScript(client, file.sql).catch((error: unknown) => {
        throw new StartupError(`The migration ${file.name} would fail (${describe(error, file.sql)}): correct ${dir}/${file.name}/migration.sql.`, {
          cause: error,
        })
      })
    }
    await client.query('ROLLBACK')
  })
  return pending
}

/** Writes the next step from the difference between the migrations and the schema files, with its way back. Answers its name. */
export async function createMigration(options: { adminUrl: string; dir: string; schemaDir: string; label: string }): Promise<string> {
  const { adminUrl, dir, schemaDir, label } = options
  const migrations = await readMigrations(dir)
  const files = await readSchemaFiles(schemaDir)
  const up = await diffSchemas(adminUrl, migrations, files)
  if (up === '') throw new StartupError(`The schema files in ${schemaDir} ask for nothing that the migrations do not already do: there is no step to create.`)
  const down = await diffSchemas(adminUrl, migrations, files, true)
  const asOwner = (sql: string) => `SET ROLE chiron_migrator;\n\n${sql}\n\nRESET ROLE;\n`
  return writeMigration(dir, label, asOwner(up), asOwner(down))
}

/** SQL that brings the migrations to the schema files, or (`isReverse`) back; empty text means that they agree. */
export async function diffSchemas(adminUrl: string, migrations: readonly MigrationFile[], files: SchemaFile[], isReverse = false): Promise<string> {
  const history = { tag: 'migrations' as const, ...migrationList(migrations) }
  const schema = { tag: 'schemaDatamodel' as const, files }
  const [from, to] = isReverse ? [schema, history] : [history, schema]
  const rest = { script: true, exitCode: null, shadowDatabaseUrl: null, filters: NO_FILTERS }
  return withSchemaEngine({ adminUrl, migrations }, async (engine) => {
    const { stdout } = await engine.diff({ from, to, ...rest })
    const sql = stdout?.trim() ?? ''
    // The engine says this instead of answering nothing.
    return sql === '-- This is an empty migration.' ? '' : sql
  })
}

/**
 * Runs the newest step's down.sql and forgets the step, in one transaction. Answers its name. Throws StartupError when
 * there is nothing to roll back, no down.sql, or it fails.
 */
export async function rollBackMigration({
  adminUrl,
  dir,
  backup,
  now = new Date(),
}: Omit<ApplyOptions, 'retry'>): Promise<{ name: string; backup: string | null }> {
  const migrations = await readMigrations(dir)
  const status = await readMigrationStatus(adminUrl, migrations)
  assertHistoryIsSound(status)
  const name = status.applied.at(-1)
  if (name === undefined) throw new StartupError('There is no migration to roll back.')
  const file = migrations.find((candidate) => candidate.name === name)
  if (!file?.downSql?.trim()) throw new StartupError(`The migration ${name} has no down.sql: write ${dir}/${name}/down.sql, or restore a backup.`)
  const downSql = file.downSql
  const copy = backup === 'auto' ? await backUpDatabase(adminUrl, now) : null
  await withClient(adminUrl, async (client) => {
    await client.query('BEGIN')
    await runScript(client, downSql).catch((error: unknown) => {
      throw new StartupError(`Rolling back ${name} failed (${describe(error, downSql)}) and nothing was changed: correct ${dir}/${name}/down.sql.`, {
        cause: error,
      })
    })
    await recordMigration(client, name, downSql, 'rollback')
    await client.query('DELETE FROM public._prisma_migrations WHERE migration_name = $1', [name])
    await client.query('COMMIT')
  })
  return { name, backup: copy }
}

async function runScript(client: pg.Client, sql: string): Promise<void> {
  await client.query(sql)
  await client.query('RESET ROLE')
}

/** The history's logs quote statements and data: no login reads it, whatever default privileges a migration set. */
async function hideHistory(adminUrl: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const { rows } = await client.query("SELECT 1 WHERE to_regclass('public._prisma_migrations') IS NOT NULL")
    if (rows.length > 0) await client.query(`REVOKE ALL ON public._prisma_migrations FROM PUBLIC, ${LOGINS.join(', ')}`)
  })
}

/** PostgreSQL's message with the line of the script it points at. */
function describe(error: unknown, sql: string): string {
  const position = typeof error === 'object' && error !== null && 'position' in error ? Number(error.position) : 0
  const line = position > 0 ? ` at line ${sql.slice(0, position).split('\n').length}` : ''
  const code = errorCode(error)
  return `${firstLine(error)}${line}${code === null ? '' : `, ${code}`}`
}
