import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import type { Interval } from '../kernel/time.ts'
import { withinReach } from './queries.ts'
import { type AppointmentStatus, toStatus } from './status.ts'

/** A visit as somebody's calendar shows it: nothing of the patient or the client. */
export type VisitTime = Interval & {
  readonly id: string
  readonly status: AppointmentStatus
  readonly version: number
  readonly updatedAt: Date
  /** When it was cancelled or missed. */
  readonly offSince: Date | null
  readonly typeName: string
  readonly roomName: string | null
}

type VisitRow = Omit<VisitTime, 'status'> & { readonly status: string; readonly typeId: string; readonly roomId: string | null }

const VISIT_FIELDS = Object.freeze(['cancelledAt', 'endsAt', 'noShowAt', 'roomId', 'staffId', 'startsAt', 'status', 'typeId'])

/** Visits of a person or a room at the active clinic that touch an interval, by start, those that are off included, in one statement. */
export async function listVisitsOfResource(
  db: Db,
  actor: ClinicActor,
  resource: { readonly kind: 'staff' | 'room'; readonly id: string },
  { start, end }: Interval,
): Promise<VisitTime[]> {
  const rows = await db.query<VisitRow>({
    ...STATEMENTS[resource.kind],
    values: [actor.organisationId, actor.clinic.id, resource.id, start, end, actor.sharePatients],
  })
  const idsOf = (ids: readonly (string | null)[]) => ids.filter((id) => id !== null)
  db.reads(
    'Appointment',
    rows.map(({ id }) => id),
    VISIT_FIELDS,
  )
  db.reads('AppointmentType', idsOf(rows.map(({ typeId }) => typeId)), ['name'])
  db.reads('Room', idsOf(rows.map(({ roomId }) => roomId)), ['name'])
  return rows.map(({ typeId: _type, roomId: _room, status, ...visit }) => ({ ...visit, status: toStatus(status) }))
}

// A visit lasts 24 hours at most (CHECK), so an index on the start bounds the search from below as well.
const textFor = (column: 'staff_id' | 'room_id') => `SELECT a.id, a.starts_at AS start, a.ends_at AS "end", a.status, a.version, a.updated_at AS "updatedAt",
    coalesce(a.cancelled_at, a.no_show_at) AS "offSince", a.type_id AS "typeId", t.name AS "typeName", a.room_id AS "roomId", r.name AS "roomName"
  FROM appointment a JOIN appointment_type t ON t.organisation_id = a.organisation_id AND t.id = a.type_id
    LEFT JOIN room r ON r.clinic_id = a.clinic_id AND r.id = a.room_id
  WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.${column} = $3::uuid AND a.starts_at > $4::timestamptz - interval '24 hours'
    AND a.starts_at < $5::timestamptz AND a.ends_at > $4::timestamptz AND ${withinReach('$6')}
  ORDER BY a.starts_at, a.id`

const STATEMENTS = {
  staff: { name: 'visits_of_staff', text: textFor('staff_id') },
  room: { name: 'visits_of_room', text: textFor('room_id') },
} as const

/** Times within an interval at which a person does not work although the schedule says so: their own time off, and closures of the active clinic. */
export async function listClosedTimes(db: Db, actor: ClinicActor, staffId: string, { start, end }: Interval): Promise<Interval[]> {
  const rows = await db.query<Interval & { readonly id: string }>({
    name: 'closed_times_of_staff',
    text: `SELECT b.id, b.starts_at AS start, b.ends_at AS "end" FROM resource_block b WHERE b.organisation_id = $1::uuid AND b.resource_id = ANY (ARRAY[$2, $3]::uuid[])
      AND b.starts_at < $5::timestamptz AND b.ends_at > $4::timestamptz ORDER BY b.starts_at, b.id`,
    values: [actor.organisationId, actor.clinic.id, staffId, start, end],
  })
  db.reads(
    'ResourceBlock',
    rows.map(({ id }) => id),
    ['endsAt', 'startsAt'],
  )
  return rows
}
