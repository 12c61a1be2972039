import { join } from 'node:path'
import { defineCommand } from 'citty'
import type { Config } from '../config.ts'
import { bootstrapDatabase } from '../database/bootstrap.ts'
import { findDrift } from '../database/drift.ts'
import { applyMigrations, type BackupChoice, createMigration, findMigrationStatus, planMigrations, rollBackMigration } from '../database/migrate.ts'
import { StartupError } from '../startup-error.ts'
import { type CommandContext, requireAdminUrl, withDatabaseAccess } from './database-access.ts'

const backupArg = {
  backup: {
    type: 'string',
    default: 'auto',
    description: 'auto: copy the database first; none: you have another backup',
  },
} as const

/** What the subcommands work on. */
type Workplace = CommandContext & { dir: string; schemaDir: string }

/** `chiron migrate …`. Every subcommand answers in plain lines and throws StartupError for what stands in its way. */
export function createMigrateCommand(context: CommandContext) {
  const place: Workplace = { ...context, dir: join(context.root, 'prisma', 'migrations'), schemaDir: join(context.root, 'prisma', 'schema') }
  return defineCommand({
    meta: { name: 'migrate', description: 'Change the database step by step' },
    subCommands: {
      create: defineCommand({
        meta: { description: 'Write the next step from the difference between prisma/schema and the migrations' },
        args: { name: { type: 'positional', required: true, description: 'What the step does, as in add_allergies' } },
        run: ({ args }) => create(place, args.name),
      }),
      plan: defineCommand({
        meta: { description: 'Dry run: show pending SQL and run it in a transaction that is rolled back' },
        run: () => plan(place),
      }),
      apply: defineCommand({
        meta: { description: 'Apply pending steps, after a copy of the database' },
        args: { ...backupArg, retry: { type: 'boolean', default: false, description: 'Try a failed step again' } },
        run: ({ args }) => apply(place, parseBackup(args.backup), args.retry),
      }),
      status: defineCommand({
        meta: { description: 'What is applied, pending, failed or changed; code 1 unless all is applied' },
        run: () => withDatabaseAccess(context, (config) => printStatus(config, place)),
      }),
      drift: defineCommand({
        meta: { description: 'Compare the database, the migrations and prisma/schema; code 1 on any difference' },
        run: () => withAdmin(place, (adminUrl) => printDrift(adminUrl, place)),
      }),
      rollback: defineCommand({
        meta: { description: 'Undo the newest step with its down.sql, after a copy of the database' },
        args: backupArg,
        run: ({ args }) => rollBack(place, parseBackup(args.backup)),
      }),
    },
  })
}

function withAdmin(place: Workplace, work: (adminUrl: string) => Promise<void>): Promise<void> {
  return withDatabaseAccess(place, async (config) => {
    const adminUrl = requireAdminUrl(config)
    await bootstrapDatabase({ ...config.database, adminUrl })
    await work(adminUrl)
  })
}

function create(place: Workplace, label: string): Promise<void> {
  return withAdmin(place, async (adminUrl) => {
    const name = await createMigration({ adminUrl, dir: place.dir, schemaDir: place.schemaDir, label })
    place.output.line(`Wrote prisma/migrations/${name}: read both files and add what Prisma cannot say (policies, checks, grants).`)
  })
}

function plan(place: Workplace): Promise<void> {
  const { output } = place
  return withAdmin(place, async (adminUrl) => {
    const pending = await planMigrations(adminUrl, place.dir)
    for (const file of pending) output.line(`-- ${file.name}\n${file.sql.trimEnd()}\n`)
    output.line(pending.length === 0 ? 'Nothing is pending.' : `${pending.length} step(s) would be applied; each ran without error and was undone.`)
  })
}

function apply(place: Workplace, backup: BackupChoice, retry: boolean): Promise<void> {
  return withAdmin(place, async (adminUrl) => {
    const report = await applyMigrations({ adminUrl, dir: place.dir, backup, retry })
    if (report.backup !== null) place.output.line(`Backup: database ${report.backup}`)
    place.output.line(report.applied.length === 0 ? 'Nothing is pending.' : `Applied: ${report.applied.join(', ')}`)
  })
}

function rollBack(place: Workplace, choice: BackupChoice): Promise<void> {
  return withAdmin(place, async (adminUrl) => {
    const { name, backup } = await rollBackMigration({ adminUrl, dir: place.dir, backup: choice })
    if (backup !== null) place.output.line(`Backup: database ${backup}`)
    place.output.line(`Rolled back: ${name}`)
  })
}

async function printStatus(config: Config, { output, dir }: Workplace): Promise<void> {
  const status = await findMigrationStatus(config.database.adminUrl ?? config.database.appUrl, dir)
  for (const [state, names] of Object.entries(status)) output.line(`${state.padEnd(8)} ${names.join(', ') || '-'}`)
  const { applied: _, ...open } = status
  if (Object.values(open).some((names) => names.length > 0))
    throw new StartupError('The database does not have this version of the schema: run npm run chiron -- migrate apply')
}

async function printDrift(adminUrl: string, { output, dir, schemaDir }: Workplace): Promise<void> {
  const report = await findDrift({ adminUrl, dir, schemaDir })
  const { failed, edited, unknown } = report.history
  for (const [state, names] of Object.entries({ failed, edited, unknown })) for (const name of names) output.line(`migration ${name}: ${state}`)
  for (const line of report.missing) output.line(`- ${line}`)
  for (const line of report.unexpected) output.line(`+ ${line}`)
  if (report.schemaDifference !== '') output.line(`prisma/schema asks for more than the migrations do:\n${report.schemaDifference}`)
  if (report.hasDrift)
    throw new StartupError(
      'There is drift (- the migrations make it, the database lacks it; + the reverse): undo the change by hand, or write a migration for it.',
    )
  output.line('No drift: database, migrations and prisma/schema agree.')
}

function parseBackup(value: string): BackupChoice {
  if (value === 'auto' || value === 'none') return value
  throw new StartupError(`--backup is auto or none, not "${value}".`)
}
