import type { StaffProfile, WeeklySchedule } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { type LocalDate, toDateColumn } from '../kernel/time.ts'

const STAFF_FIELDS = [
  'colour',
  'employeeNumber',
  'hiredOn',
  'isActive',
  'isBookable',
  'licenceNumber',
  'name',
  'position',
  'primaryClinicId',
  'specialisations',
  'terminatedOn',
  'userId',
] as const
const SCHEDULE_FIELDS = ['clinicId', 'endMinute', 'staffId', 'startMinute', 'validFrom', 'validUntil', 'weekday'] as const

/** Staff of the organisation by id, in one statement; people who have left included, because records still name them. */
export async function findStaffByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<StaffProfile[]> {
  return reported(db, await db.prisma.staffProfile.findMany({ where: { organisationId: actor.organisationId, id: { in: [...ids] } } }))
}

/** A page of the organisation's staff by name. */
export async function listStaff(
  db: Db,
  actor: ClinicActor,
  filter: { includeInactive: boolean },
  page: { limit: number; offset: number },
): Promise<StaffProfile[]> {
  return reported(
    db,
    await db.prisma.staffProfile.findMany({
      where: { organisationId: actor.organisationId, ...(filter.includeInactive ? {} : { isActive: true }) },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      take: page.limit,
      skip: page.offset,
    }),
  )
}

/**
 * Staff who can be booked at the active clinic on a day, by name: active, bookable, employed that day, and with hours at
 * this clinic that are valid that day (on any weekday: who is off on Mondays is still somebody's vet). One statement.
 */
export async function listBookableStaff(db: Db, actor: ClinicActor, date: LocalDate): Promise<StaffProfile[]> {
  const day = toDateColumn(date)
  return reported(
    db,
    await db.prisma.staffProfile.findMany({
      where: {
        organisationId: actor.organisationId,
        isActive: true,
        isBookable: true,
        hiredOn: { lte: day },
        AND: [
          { OR: [{ terminatedOn: null }, { terminatedOn: { gte: day } }] },
          {
            schedules: {
              some: {
                organisationId: actor.organisationId,
                clinicId: actor.clinic.id,
                validFrom: { lte: day },
                OR: [{ validUntil: null }, { validUntil: { gt: day } }],
              },
            },
          },
        ],
      },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
    }),
  )
}

/** Weekly hours at the active clinic of each person, past and future ones included, by start of validity, weekday and time. */
export async function listSchedulesByStaff(db: Db, actor: ClinicActor, staffIds: readonly string[]): Promise<ReadonlyMap<string, WeeklySchedule[]>> {
  const rows = await db.prisma.weeklySchedule.findMany({
    where: { organisationId: actor.organisationId, clinicId: actor.clinic.id, staffId: { in: [...staffIds] } },
    orderBy: [{ validFrom: 'asc' }, { weekday: 'asc' }, { startMinute: 'asc' }],
  })
  db.reads(
    'WeeklySchedule',
    rows.map(({ id }) => id),
    SCHEDULE_FIELDS,
  )
  return Map.groupBy(rows, ({ staffId }) => staffId)
}

function reported(db: Db, rows: StaffProfile[]): StaffProfile[] {
  db.reads(
    'StaffProfile',
    rows.map(({ id }) => id),
    STAFF_FIELDS,
  )
  return rows
}
