import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Reader } from '../kernel/db.ts'
import type { Interval } from '../kernel/time.ts'

/** When somebody is off, `[start, end)`: approved, at whatever clinic they asked. */
export type Absence = Interval & { readonly id: string; readonly staffId: string }
/** When the active clinic is closed. */
export type Closure = Interval & { readonly id: string }

/** Both as JSON makes them. */
export type AbsenceRow = { readonly id: string; readonly staffId: string; readonly startsAt: string; readonly endsAt: string }
export type ClosureRow = Omit<AbsenceRow, 'staffId'>

/** Takes over what a statement answered as JSON, and reports it as read. */
export function takeAbsences(db: Reader, rows: readonly AbsenceRow[]): Absence[] {
  db.reads(
    'TimeOffRequest',
    rows.map(({ id }) => id),
    ['endsAt', 'staffId', 'startsAt', 'status'],
  )
  return rows.map(({ id, staffId, startsAt, endsAt }) => ({ id, staffId, start: new Date(startsAt), end: new Date(endsAt) }))
}

export function takeClosures(db: Reader, rows: readonly ClosureRow[]): Closure[] {
  db.reads(
    'ResourceBlock',
    rows.map(({ id }) => id),
    ['endsAt', 'kind', 'startsAt'],
  )
  return rows.map(({ id, startsAt, endsAt }) => ({ id, start: new Date(startsAt), end: new Date(endsAt) }))
}

type ByShift<Row> = Row & { readonly shiftId: string }

/** Approved time off of the people of shifts, within them, by shift. */
export async function listAbsencesByShift(db: Db, actor: ClinicActor, shiftIds: readonly string[]): Promise<ReadonlyMap<string, Absence[]>> {
  const rows = await db.query<ByShift<AbsenceRow>>({
    name: 'absences_by_shift',
    text: `SELECT s.id::text AS "shiftId", r.id::text, r.staff_id::text AS "staffId", r.starts_at AS "startsAt", r.ends_at AS "endsAt"
      FROM roster_shift s JOIN time_off_request r ON r.organisation_id = s.organisation_id AND r.staff_id = s.staff_id AND r.status = 'approved'
        AND r.starts_at < s.ends_at AND r.ends_at > s.starts_at
      WHERE s.organisation_id = $1::uuid AND s.id = ANY ($2::uuid[]) AND s.status = 'planned' ORDER BY r.starts_at, r.id`,
    values: [actor.organisationId, [...shiftIds]],
  })
  return byShift(rows, takeAbsences(db, rows))
}

/** When the clinics of shifts are closed within them, by shift. */
export async function listClosuresByShift(db: Db, actor: ClinicActor, shiftIds: readonly string[]): Promise<ReadonlyMap<string, Closure[]>> {
  const rows = await db.query<ByShift<ClosureRow>>({
    name: 'closures_by_shift',
    text: `SELECT s.id::text AS "shiftId", b.id::text, b.starts_at AS "startsAt", b.ends_at AS "endsAt"
      FROM roster_shift s JOIN resource_block b ON b.organisation_id = s.organisation_id AND b.resource_id = s.clinic_id AND b.kind = 'closure'
        AND b.starts_at < s.ends_at AND b.ends_at > s.starts_at
      WHERE s.organisation_id = $1::uuid AND s.id = ANY ($2::uuid[]) AND s.status = 'planned' ORDER BY b.starts_at, b.id`,
    values: [actor.organisationId, [...shiftIds]],
  })
  return byShift(rows, takeClosures(db, rows))
}

function byShift<Row>(rows: readonly { readonly shiftId: string }[], taken: readonly Row[]): ReadonlyMap<string, Row[]> {
  const grouped = Map.groupBy(
    rows.map(({ shiftId }, index) => ({ shiftId, row: taken[index] })),
    ({ shiftId }) => shiftId,
  )
  return new Map([...grouped].map(([shiftId, some]) => [shiftId, some.flatMap(({ row }) => (row === undefined ? [] : [row]))]))
}
