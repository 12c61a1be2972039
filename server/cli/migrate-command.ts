import { join } from 'node:path'
import { defineCommand } from 'citty'
import type { Config } from '../config.ts'
import { bootstrapDatabase } from '../database/bootstrap.ts'
import { findDrift } from '../database/drift.ts'
import {
  applyMigrations,
  type BackupChoice,
  createMigration,
  findMigrationStatus,
  planMigrations,
  rollBackMigration,
} from '../database/migrate.ts'
import { StartupError } from '../startup-error.ts'
import { type CommandContext, requireAdminUrl, withDatabaseAccess } from './database-access.ts'

const backupArg = {
  backup: {
    type: 'string',
    default: 'auto',
    description: 'auto: copy the database first; none: you have another backup',
  },
} as const

/** `chiron migrate …`. Every subcommand answers in plain lines and throws StartupError for what stands in its way. */
export function createMigrateCommand(context: CommandContext) {
  const { output, root } = context
  const dir = join(root, 'prisma', 'migrations')
  const schemaDir = join(root, 'prisma', 'schema')
  const withAdmin = (work: (adminUrl: string) => Promise<void>) =>
    withDatabaseAccess(context, async (config) => {
      const adminUrl = requireAdminUrl(config)
      await bootstrapDatabase({ ...config.database, adminUrl })
      await work(adminUrl)
    })
  return defineCommand({
    meta: { name: 'migrate', description: 'Change the database step by step' },
    subCommands: {
      create: defineCommand({
        meta: { description: 'Write the next step from the difference between prisma/schema and the migrations' },
        args: { name: { type: 'positional', required: true, description: 'What the step does, as in add_allergies' } },
        run: ({ args }) =>
          withAdmin(async (adminUrl) => {
            const name = await createMigration({ adminUrl, dir, schemaDir, label: args.name })
            output.line(
              `Wrote prisma/migrations/${name}: read both files and add what Prisma cannot say (policies, checks, grants).`,
            )
          }),
      }),
      plan: defineCommand({
        meta: { description: 'Dry run: show pending SQL and run it in a transaction that is rolled back' },
        run: () =>
          withAdmin(async (adminUrl) => {
            const pending = await planMigrations(adminUrl, dir)
            for (const file of pending) output.line(`-- ${file.name}\n${file.sql.trimEnd()}\n`)
            output.line(
              pending.length === 0
                ? 'Nothing is pending.'
                : `${pending.length} step(s) would be applied; each ran without error and was undone.`,
            )
          }),
      }),
      apply: defineCommand({
        meta: { description: 'Apply pending steps, after a copy of the database' },
        args: { ...backupArg, retry: { type: 'boolean', default: false, description: 'Try a failed step again' } },
        run: ({ args }) =>
          withAdmin(async (adminUrl) => {
            const report = await applyMigrations({ adminUrl, dir, backup: parseBackup(args.backup), retry: args.retry })
            if (report.backup !== null) output.line(`Backup: database ${report.backup}`)
            output.line(report.applied.length === 0 ? 'Nothing is pending.' : `Applied: ${report.applied.join(', ')}`)
          }),
      }),
      status: defineCommand({
        meta: { description: 'What is applied, pending, failed or changed; code 1 unless all is applied' },
        run: () => withDatabaseAccess(context, (config) => printStatus(config, dir, context)),
      }),
      drift: defineCommand({
        meta: { description: 'Compare the database, the migrations and prisma/schema; code 1 on any difference' },
        run: () => withAdmin((adminUrl) => printDrift(adminUrl, { dir, schemaDir }, context)),
      }),
      rollback: defineCommand({
        meta: { description: 'Undo the newest step with its down.sql, after a copy of the database' },
        args: backupArg,
        run: ({ args }) =>
          withAdmin(async (adminUrl) => {
            const { name, backup } = await rollBackMigration({ adminUrl, dir, backup: parseBackup(args.backup) })
            if (backup !== null) output.line(`Backup: database ${backup}`)
            output.line(`Rolled back: ${name}`)
          }),
      }),
    },
  })
}

async function printStatus(config: Config, dir: string, { output }: CommandContext): Promise<void> {
  const status = await findMigrationStatus(config.database.adminUrl ?? config.database.appUrl, dir)
  for (const [state, names] of Object.entries(status)) output.line(`${state.padEnd(8)} ${names.join(', ') || '-'}`)
  const { applied: _, ...open } = status
  if (Object.values(open).some((names) => names.length > 0))
    throw new StartupError('The database does not have this version of the schema: run npm run chiron -- migrate apply')
}

async function printDrift(
  adminUrl: string,
  folders: { dir: string; schemaDir: string },
  { output }: CommandContext,
): Promise<void> {
  const report = await findDrift({ adminUrl, ...folders })
  const { failed, edited, unknown } = report.history
  for (const [state, names] of Object.entries({ failed, edited, unknown }))
    for (const name of names) output.line(`migration ${name}: ${state}`)
  for (const line of report.missing) output.line(`- ${line}`)
  for (const line of report.unexpected) output.line(`+ ${line}`)
  if (report.schemaDifference !== '')
    output.line(`prisma/schema asks for more than the migrations do:\n${report.schemaDifference}`)
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
