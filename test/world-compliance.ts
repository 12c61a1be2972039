import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientBase } from 'pg'
import type { SystemActor } from '../modules/kernel/actor.ts'
import { newId } from '../modules/kernel/ids.ts'
import type { App } from '../server/app.ts'
import { integrate } from '../server/audit/sequencer/integrate.ts'
import { publish } from '../server/audit/sequencer/publish.ts'
import { bindSigner } from '../server/audit/sequencer/signing-key.ts'
import { withClient } from '../server/database/connection.ts'
import type { ClonedDatabase } from './postgres.ts'

/** The key that signs the logs of test worlds. */
export const TEST_SEED = Buffer.alloc(32, 9)

/**
 * Integrates everything that was written, in as few batches as `limit` allows. The horizon belongs to the whole server, on which other tests have
 * transactions under way: it has to pass every entry first.
 */
export async function integrateAll(client: ClientBase, limit?: number): Promise<void> {
  const deadline = performance.now() + 20_000
  for (;;) {
    const { rowCount } = await client.query(
      'SELECT FROM audit.entry e, audit.installation i WHERE e.xid >= pg_snapshot_xmin(pg_current_snapshot()) AND e.at >= i.epoch_started_at LIMIT 1',
    )
    if (rowCount === 0) break
    if (performance.now() > deadline) throw new Error('an entry waits for a transaction that does not end')
    await sleep(20)
  }
  while (!(await integrate(client, limit)).isCaughtUp);
}

/** Integrates what was written and signs it. Answers the spine's checkpoint, and the oldest entry of an operation at each clinic. */
export function publishTrail({ sequencerUrl }: ClonedDatabase): Promise<{ checkpoint: string; entryOf: (clinicId: string) => string }> {
  return withClient(sequencerUrl, async (client) => {
    const signer = await bindSigner(client, TEST_SEED)
    await integrateAll(client)
    const published = await publish(client, signer)
    const { rows } = await client.query<{ clinic_id: string; entry_id: string }>(
      'SELECT DISTINCT ON (clinic_id) clinic_id, entry_id FROM audit.search ORDER BY clinic_id, at, entry_id',
    )
    const entries = new Map(rows.map(({ clinic_id, entry_id }) => [clinic_id, entry_id]))
    return { checkpoint: published?.note ?? '', entryOf: (clinicId) => entries.get(clinicId) ?? '' }
  })
}

/** An export that waits, of a trail that nobody exports: no job is sent. */
export async function addExport(app: App, actor: SystemActor, requestedById: string): Promise<string> {
  return app.asSystem(actor, 'cli', 'world', async (tx) => {
    const id = newId()
    await tx.query({
      name: 'add_export',
      text: `INSERT INTO audit_export (id, organisation_id, clinic_id, requested_by_id, format, filter, reason, locale)
        VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, 'csv', '{}', 'inspection', 'en')`,
      values: [id, actor.organisationId, actor.clinic.id, requestedById],
    })
    tx.changes('AuditExport', [id], ['filter', 'format', 'reason'])
    return id
  })
}

/** A verification that waits, of a trail that nobody verifies. */
export async function addVerification(app: App, actor: SystemActor): Promise<void> {
  await app.asSystem(actor, 'cli', 'world', async (tx) => {
    await tx.query({
      name: 'add_verification',
      text: 'INSERT INTO audit.verification (id, organisation_id, clinic_id) VALUES ($1::uuid, $2::uuid, $3::uuid)',
      values: [newId(), actor.organisationId, actor.clinic.id],
    })
    return null
  })
}
