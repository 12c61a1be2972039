import type { AttendanceEntry } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import type { Interval } from '../kernel/time.ts'
import { staffInReach } from './reach.ts'
import { attendanceEntries } from './records.ts'
import { LONGEST_ENTRY_MS } from './worked-time.ts'

/** Entries of the active clinic by id, as far as they are within reach. */
export async function findAttendanceByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<AttendanceEntry[]> {
  const staffId = staffInReach(actor, 'attendance:read', null)
  const where = { organisationId: actor.organisationId, clinicId: actor.clinic.id, id: { in: [...ids] }, ...(staffId ? { staffId } : {}) }
  return attendanceEntries.take(db, await db.prisma.attendanceEntry.findMany({ where }))
}

/** Time at work at the active clinic that touches a range, of one person or of everybody within reach, in order. */
export async function listAttendance(
  db: Db,
  actor: ClinicActor,
  { start, end }: Interval,
  filter: { readonly staffId?: string | null | undefined },
): Promise<AttendanceEntry[]> {
  const staffId = staffInReach(actor, 'attendance:read', filter.staffId)
  const rows = await db.prisma.attendanceEntry.findMany({
    where: {
      organisationId: actor.organisationId,
      clinicId: actor.clinic.id,
      ...(staffId ? { staffId } : {}),
      clockedInAt: { lt: end },
      OR: [{ clockedOutAt: null, clockedInAt: { gt: new Date(start.getTime() - LONGEST_ENTRY_MS) } }, { clockedOutAt: { gt: start } }],
    },
    orderBy: [{ clockedInAt: 'asc' }, { id: 'asc' }],
  })
  return attendanceEntries.take(db, rows)
}
