import type { Appointment } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { withinReach } from './queries.ts'
import { appointments } from './records.ts'

const MOST_VISITS = 500

/** Visits of a person at the active clinic that are still to come and begin at an instant or later, in order; 500 at most. */
export async function listVisitsToCome(db: Db, actor: ClinicActor, staffId: string, from: Date): Promise<Appointment[]> {
  return appointments.read(db, {
    name: 'list_visits_to_come',
    text: `SELECT ${appointments.columns('a')} FROM appointment a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.staff_id = $3::uuid
      AND a.starts_at >= $4::timestamptz AND a.status IN ('scheduled', 'confirmed') AND ${withinReach('$5')} ORDER BY a.starts_at, a.id LIMIT ${MOST_VISITS}`,
    values: [actor.organisationId, actor.clinic.id, staffId, from, actor.sharePatients],
  })
}

/** How many visits hold a person's time at other clinics of the organisation from an instant on. */
export async function countVisitsElsewhere(db: Db, actor: ClinicActor, staffId: string, from: Date): Promise<number> {
  const [row] = await db.query<{ visits: number }>({
    name: 'count_visits_elsewhere',
    text: `SELECT count(DISTINCT c.appointment_id)::int AS visits FROM resource_claim c
      WHERE c.organisation_id = $1::uuid AND c.clinic_id <> $2::uuid AND c.staff_id = $3::uuid AND lower(c.during) >= $4::timestamptz`,
    values: [actor.organisationId, actor.clinic.id, staffId, from],
  })
  db.aggregates('visitsElsewhere', { staffId, from: from.toISOString() })
  return row?.visits ?? 0
}
