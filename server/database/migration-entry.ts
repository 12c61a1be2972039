import { createHash } from 'node:crypto'
import type { ClientBase } from 'pg'
import type { SystemActor } from '../../modules/kernel/actor.ts'
import { NIL_ID, newId } from '../../modules/kernel/ids.ts'
import { AccessLog } from '../audit/access-log.ts'
import { buildEntries, INSERT_EARLY_ENTRIES, INSERT_ENTRIES } from '../audit/entry.ts'

const INSTALLATION: SystemActor = {
  kind: 'system',
  name: 'migrate',
  organisationId: NIL_ID,
  clinic: { id: NIL_ID, name: '', timeZone: 'UTC', currency: 'XXX', countryCode: 'ZZ', locale: 'en', opensMinute: 0, closesMinute: 1440 },
  sharePatients: false,
  staffId: null,
  locale: 'en',
}

/**
 * A migration is a change like any other: inside its own transaction it leaves an entry with its name and the SHA-256 of its
 * script, without which a step that backfills audited tables could not commit. Nothing is written while the trail's tables
 * do not exist (before they are made, after they are rolled back).
 */
export async function recordMigration(client: ClientBase, name: string, script: string, direction: 'apply' | 'rollback'): Promise<void> {
  const { rows } = await client.query<{ hasTrail: boolean; hasLog: boolean }>(
    `SELECT to_regclass('audit.search') IS NOT NULL AS "hasTrail", to_regclass('audit.installation') IS NOT NULL AS "hasLog"`,
  )
  const [state] = rows
  if (state?.hasTrail !== true) return
  const operation = {
    requestId: newId(),
    actor: INSTALLATION,
    origin: 'cli' as const,
    address: null,
    userAgent: null,
    name: `migrate.${direction}/${name}`,
    documentHash: createHash('sha256').update(script).digest('hex'),
    action: 'update' as const,
  }
  await client.query('SET LOCAL ROLE chiron_audit_owner')
  await client.query(state.hasLog ? INSERT_ENTRIES : INSERT_EARLY_ENTRIES, [
    JSON.stringify(buildEntries({ operation, access: new AccessLog(), outcome: 'ok' })),
  ])
  await client.query('RESET ROLE')
}
