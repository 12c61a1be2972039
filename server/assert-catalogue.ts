import { PERMISSIONS } from '../modules/kernel/permissions.ts'
import type { Database } from './db.ts'
import { StartupError } from './startup-error.ts'

/** Start-up assertion: the rights in the database are those of the code. Throws StartupError naming the difference. */
export async function assertCatalogueMatches(database: Database): Promise<void> {
  const { rows } = await database.pool.query<{ code: string }>('SELECT code FROM permission')
  const stored = new Set(rows.map(({ code }) => code))
  const missing = Object.keys(PERMISSIONS).filter((code) => !stored.has(code))
  const unknown = [...stored].filter((code) => !(code in PERMISSIONS))
  if (missing.length + unknown.length === 0) return
  throw new StartupError(
    `The permissions in the database differ from the code's (missing: ${missing.join(', ') || 'none'}; unknown: ${unknown.join(', ') || 'none'}): run the migrations of this version.`,
  )
}
