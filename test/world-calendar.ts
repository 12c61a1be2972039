import { createHash } from 'node:crypto'
import type { SystemActor } from '../modules/kernel/actor.ts'
import { newId } from '../modules/kernel/ids.ts'
import type { App } from '../server/app.ts'

/** A feed of a person's roster whose address nobody knows, made in the name of a user. */
export async function addCalendarFeed(app: App, actor: SystemActor, { staffId, userId }: { staffId: string; userId: string }): Promise<string> {
  const id = newId()
  return app.asSystem(actor, 'cli', 'world', async (tx) => {
    await tx.query({
      name: 'add_calendar_feed',
      text: `INSERT INTO calendar_feed (id, organisation_id, clinic_id, kind, staff_id, token_hash, created_by_id)
        VALUES ($1::uuid, $2::uuid, $3::uuid, 'staff', $4::uuid, $5::bytea, $6::uuid)`,
      values: [id, actor.organisationId, actor.clinic.id, staffId, createHash('sha256').update(id).digest(), userId],
    })
    tx.changes('CalendarFeed', [id], ['createdById', 'kind', 'staffId'])
    return id
  })
}
