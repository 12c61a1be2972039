import { z } from 'zod'
import { assertMayEndAccess } from '../access/index.ts'
import { type ClinicActor, holdsEverywhere } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { AlreadyExistsError, invalid, NotFoundError, NotPermittedError, StaleVersionError } from '../kernel/errors.ts'
import { toDateColumn } from '../kernel/time.ts'
import { fieldsOf, kept, line, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { ScheduleOverlapError } from './errors.ts'
import { colour, day, minute, position, uuid } from './inputs.ts'
import { assertNoManagerCycle } from './managers.ts'
import { assertMayMove } from './reach.ts'
import { areBreaksInside, type BreakMinutes, findOverlappingWeekday } from './shifts.ts'

export const EMPLOYMENT_TYPES = ['full_time', 'part_time', 'contractor', 'locum', 'intern'] as const

const details = {
  terminatedOn: day.nullish(),
  userId: uuid.nullish(),
  primaryClinicId: uuid.nullish(),
  employmentType: kept(z.string().pipe(z.enum(EMPLOYMENT_TYPES))),
  department: line(80).nullish(),
  managerId: uuid.nullish(),
  licenceNumber: line(60).nullish(),
  specialisations: kept(z.array(line(80)).max(20)),
  colour: kept(colour),
  isBookable: kept(z.boolean()),
}
const profileSchema = z.object({ employeeNumber: line(30), name: line(120), position, hiredOn: day, ...details })
export type NewStaffProfile = z.input<typeof profileSchema>

/**
 * Records a person who works for the organisation. Throws AlreadyExistsError for an employee number or a user that another
 * profile has, NotFoundError for a user, clinic or manager outside the organisation, NotPermittedError when it would end the access of
 * a user over whom the actor may not decide.
 */
export async function createStaffProfile(tx: Tx, actor: ClinicActor, input: NewStaffProfile): Promise<{ id: string }> {
  const profile = validate(profileSchema, input)
  const { hiredOn, terminatedOn, ...data } = profile
  const row = await explained(() =>
    tx.prisma.staffProfile.create({
      data: { organisationId: actor.organisationId, ...data, hiredOn: toDateColumn(hiredOn), terminatedOn: terminatedOn ? toDateColumn(terminatedOn) : null },
    }),
  )
  if (row.userId !== null && row.terminatedOn !== null) await assertMayEndAccess(tx, actor, row.userId)
  tx.changes('StaffProfile', [row.id], fieldsOf(profile))
  return { id: row.id }
}

const changeSchema = z.object({
  id: uuid,
  version: z.int(),
  employeeNumber: kept(line(30)),
  name: kept(line(120)),
  position: kept(position),
  hiredOn: kept(day),
  isActive: kept(z.boolean()),
  ...details,
})
export type StaffProfileChange = z.input<typeof changeSchema>

/**
 * Changes a profile. Fields that are left out stay; null clears. A person ends with `terminatedOn` (the last day of
 * employment) or at once with `isActive: false`; the profile remains, because records name it. Access ends with employment, so that
 * who ends one must be allowed to end the other. Throws ManagerCycleError when people would lead each other, NotPermittedError for what is beyond
 * the actor's own rights, such as moving a person of another clinic.
 */
export async function updateStaffProfile(tx: Tx, actor: ClinicActor, input: StaffProfileChange): Promise<{ id: string }> {
  const { id, version, ...change } = validate(changeSchema, input)
  const { hiredOn, terminatedOn, ...data } = change
  const { organisationId } = actor
  if (change.userId !== undefined) await assertMayLink(tx, actor, id, change.userId)
  if (change.primaryClinicId !== undefined) await assertMayMove(tx, actor, id, change.primaryClinicId)
  if (change.managerId) await assertNoManagerCycle(tx, actor, id, change.managerId)
  const changed = await explained(() =>
    tx.prisma.staffProfile.updateMany({
      where: { organisationId, id, version },
      data: {
        ...data,
        ...(hiredOn === undefined ? {} : { hiredOn: toDateColumn(hiredOn) }),
        ...(terminatedOn === undefined ? {} : { terminatedOn: terminatedOn === null ? null : toDateColumn(terminatedOn) }),
        version: { increment: 1 },
      },
    }),
  )
  if (changed.count === 0) {
    const current = await tx.prisma.staffProfile.findFirst({ where: { organisationId, id }, select: { version: true } })
    throw current ? new StaleVersionError('StaffProfile', current.version) : new NotFoundError('StaffProfile')
  }
  if (change.isActive === false || change.terminatedOn || change.userId) await assertMayEnd(tx, actor, id)
  tx.changes('StaffProfile', [id], fieldsOf(change))
  return { id }
}

/**
 * A profile is its user's own: whoever takes it over reads and does what is theirs alone. A first user may be given by whoever manages staff, though
 * nobody gives themselves one; taking it from a user needs to administer roles of the whole organisation.
 */
async function assertMayLink(tx: Tx, actor: ClinicActor, id: string, userId: string | null): Promise<void> {
  const current = await tx.prisma.staffProfile.findFirst({ where: { organisationId: actor.organisationId, id }, select: { userId: true } })
  if (!current || current.userId === userId) return
  if (actor.kind === 'user' && (actor.userId === userId || actor.userId === current.userId))
    throw new NotPermittedError('Ask somebody else to connect your own user with a profile.', 'own_account')
  if (current.userId !== null && !holdsEverywhere(actor, 'role:administer'))
    throw new NotPermittedError('This profile belongs to a user. Ask somebody who administers roles for the organisation.', 'beyond_own_rights')
}

// Also when a user is given to a profile that has ended: their sessions end with it.
async function assertMayEnd(tx: Tx, actor: ClinicActor, id: string): Promise<void> {
  const { organisationId } = actor
  const row = await tx.prisma.staffProfile.findFirst({ where: { organisationId, id, OR: [{ isActive: false }, { terminatedOn: { not: null } }] } })
  if (row?.userId) await assertMayEndAccess(tx, actor, row.userId)
}

/** Runs a write and turns what the database refuses into typed errors. */
async function explained<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const refused = violation(error)
    if (refused?.code === '23505') throw new AlreadyExistsError('StaffProfile', refused.constraint?.includes('user_id') ? 'userId' : 'employeeNumber')
    if (refused?.code === '23503') throw new NotFoundError(missingType(refused.constraint ?? ''))
    if (refused?.constraint === 'staff_profile_employment_ordered') throw invalid('terminatedOn', 'ordered', 'must not be before hiredOn')
    throw error
  }
}

function missingType(constraint: string): string {
  if (constraint.includes('user_id')) return 'User'
  return constraint.includes('manager_id') ? 'StaffProfile' : 'Clinic'
}

const weekSchema = z.object({
  staffId: uuid,
  validFrom: day,
  days: z
    .array(
      z
        .object({ weekday: z.int().min(1).max(7), start: minute, end: minute, breaks: kept(z.array(z.object({ start: minute, end: minute })).max(6)) })
        .refine(({ start, end }) => start < end, 'must end after it starts')
        .refine(({ start, end, breaks = [] }) => areBreaksInside({ startMinute: start, endMinute: end, breaks: breaks.map(toMinutes) }), {
          path: ['breaks'],
          message: 'must lie inside the hours and apart from each other',
        }),
    )
    .max(50),
})
export type WeeklyHours = z.input<typeof weekSchema>

function toMinutes({ start, end }: { readonly start: number; readonly end: number }): BreakMinutes {
  return { startMinute: start, endMinute: end }
}

/**
 * Replaces the hours that a person works at the active clinic, from a day on: what was valid ends on that day, what would
 * begin later falls away, and no days means no hours. Throws ScheduleOverlapError when hours overlap each other or the
 * person's hours at another clinic. A break is no time of work.
 * @returns ids of the new rows, in the order given
 */
export async function setWeeklySchedule(tx: Tx, actor: ClinicActor, input: WeeklyHours): Promise<{ staffId: string; scheduleIds: string[] }> {
  const { staffId, validFrom, days } = validate(weekSchema, input)
  const { organisationId } = actor
  const hours = days.map(({ weekday, start, end }) => ({ weekday, ...toMinutes({ start, end }) }))
  const weekday = findOverlappingWeekday(hours)
  if (weekday !== null) throw new ScheduleOverlapError(staffId, weekday)
  // Two plans for one person one after the other: without the lock both could leave rows behind.
  const [person] = await tx.query<{ id: string }>({
    name: 'lock_staff_profile',
    text: 'SELECT id FROM staff_profile WHERE organisation_id = $1::uuid AND id = $2::uuid FOR UPDATE',
    values: [organisationId, staffId],
  })
  if (!person) throw new NotFoundError('StaffProfile')
  await endSchedules(tx, actor, staffId, toDateColumn(validFrom))
  try {
    const rows = await tx.prisma.weeklySchedule.createManyAndReturn({
      data: hours.map((row) => ({ organisationId, clinicId: actor.clinic.id, staffId, ...row, validFrom: toDateColumn(validFrom) })),
      select: { id: true, weekday: true, startMinute: true, endMinute: true },
    })
    const scheduleIds = rows.map(({ id }) => id)
    tx.changes('WeeklySchedule', scheduleIds, ['clinicId', 'endMinute', 'staffId', 'startMinute', 'validFrom', 'weekday'])
    const breaks = rows.flatMap(({ id, weekday, startMinute, endMinute }) => {
      const own = days.find((one) => one.weekday === weekday && one.start === startMinute)?.breaks ?? []
      return own.map((pause) => ({ scheduleId: id, hoursStartMinute: startMinute, hoursEndMinute: endMinute, ...toMinutes(pause) }))
    })
    await addBreaks(tx, actor, staffId, breaks)
    return { staffId, scheduleIds }
  } catch (error) {
    if (violation(error)?.constraint === 'weekly_schedule_no_overlap') throw new ScheduleOverlapError(staffId, null)
    throw error
  }
}

type NewBreak = BreakMinutes & { readonly scheduleId: string; readonly hoursStartMinute: number; readonly hoursEndMinute: number }

async function addBreaks(tx: Tx, actor: ClinicActor, staffId: string, breaks: readonly NewBreak[]): Promise<void> {
  if (breaks.length === 0) return
  const data = breaks.map((pause) => ({ organisationId: actor.organisationId, clinicId: actor.clinic.id, staffId, ...pause }))
  const added = await tx.prisma.weeklyBreak.createManyAndReturn({ data, select: { id: true } })
  tx.changes(
    'WeeklyBreak',
    added.map(({ id }) => id),
    ['endMinute', 'scheduleId', 'staffId', 'startMinute'],
  )
}

async function endSchedules(tx: Tx, actor: ClinicActor, staffId: string, from: Date): Promise<void> {
  const mine = { organisationId: actor.organisationId, clinicId: actor.clinic.id, staffId }
  const rows = await tx.prisma.weeklySchedule.findMany({
    where: { ...mine, OR: [{ validUntil: null }, { validUntil: { gt: from } }] },
    select: { id: true, validFrom: true },
  })
  const [later, open] = [rows.filter((row) => row.validFrom >= from), rows.filter((row) => row.validFrom < from)].map((some) => some.map(({ id }) => id))
  if (later?.length) {
    const breaks = await tx.prisma.weeklyBreak.findMany({ where: { ...mine, scheduleId: { in: later } }, select: { id: true } })
    if (breaks.length > 0) await tx.prisma.weeklyBreak.deleteMany({ where: { ...mine, scheduleId: { in: later } } })
    tx.changes(
      'WeeklyBreak',
      breaks.map(({ id }) => id),
      ['deleted'],
    )
    await tx.prisma.weeklySchedule.deleteMany({ where: { ...mine, id: { in: later } } })
    tx.changes('WeeklySchedule', later, ['deleted'])
  }
  if (open?.length) {
    await tx.prisma.weeklySchedule.updateMany({ where: { ...mine, id: { in: open } }, data: { validUntil: from } })
    tx.changes('WeeklySchedule', open, ['validUntil'])
  }
}
