import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { NotFoundError } from '../kernel/errors.ts'
import type { LocalDate } from '../kernel/time.ts'

/** The roster of a week at the active clinic, locked until the transaction ends; a draft is opened when there is none. */
export async function openRoster(tx: Tx, actor: ClinicActor, weekStart: LocalDate): Promise<{ id: string; status: string }> {
  const values = [actor.organisationId, actor.clinic.id, weekStart]
  const opened = await tx.query<{ id: string }>({
    name: 'open_roster',
    text: 'INSERT INTO roster (organisation_id, clinic_id, week_start) VALUES ($1::uuid, $2::uuid, $3::date) ON CONFLICT (clinic_id, week_start) DO NOTHING RETURNING id',
    values,
  })
  tx.changes(
    'Roster',
    opened.map(({ id }) => id),
    ['weekStart'],
  )
  const [roster] = await tx.query<{ id: string; status: string }>({
    name: 'lock_roster',
    text: 'SELECT id, status FROM roster WHERE organisation_id = $1::uuid AND clinic_id = $2::uuid AND week_start = $3::date FOR NO KEY UPDATE',
    values,
  })
  if (!roster) throw new NotFoundError('Roster')
  return roster
}
