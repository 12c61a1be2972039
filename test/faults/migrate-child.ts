// Prepares a database as `chiron serve` does, with the migrations of any folder: the process that the fault `migration` kills.
import { prepareDatabase } from '../../server/database/prepare.ts'
import { StartupError } from '../../server/startup-error.ts'

process.once('disconnect', () => process.exit(0))
try {
  await prepareDatabase({ database: JSON.parse(process.env.MIGRATE_DATABASE ?? '{}'), dir: process.env.MIGRATE_DIR ?? '', backup: 'none' })
} catch (error) {
  process.stderr.write(`${error instanceof StartupError ? 'SAID' : 'THREW'} ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
process.exit(0)
