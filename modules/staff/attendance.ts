import { z } from 'zod'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, NotPermittedError, StaleVersionError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { fieldsOf, kept, text, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { AlreadyClockedInError, AttendanceOverlapError, NotClockedInError } from './errors.ts'
import { actingUser } from './reach.ts'
import { LONGEST_ENTRY_MS } from './worked-time.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')

function ownStaffId({ staffId }: ClinicActor): string {
  if (staffId === null) throw new NotPermittedError('Only people with a staff profile have hours. Ask an administrator for one.', 'no_staff_profile')
  return staffId
}

/** Begins the actor's own time at work at the active clinic. Throws AlreadyClockedInError while another one is open. */
export async function clockIn(tx: Tx, actor: ClinicActor): Promise<{ id: string }> {
  const staffId = ownStaffId(actor)
  try {
    const { id } = await tx.prisma.attendanceEntry.create({
      data: { organisationId: actor.organisationId, clinicId: actor.clinic.id, staffId, clockedInAt: tx.clock.now() },
    })
    tx.changes('AttendanceEntry', [id], ['clockedInAt', 'staffId'])
    return { id }
  } catch (error) {
    // Nothing that is over reaches into the future, so that it is an open entry in either case.
    if (isOverlap(error)) throw new AlreadyClockedInError()
    throw error
  }
}

/** Ends the actor's own time at work at the active clinic. After a day it takes somebody who knows when it ended. */
export async function clockOut(tx: Tx, actor: ClinicActor): Promise<{ id: string }> {
  const staffId = ownStaffId(actor)
  const here = { organisationId: actor.organisationId, clinicId: actor.clinic.id }
  const open = await tx.prisma.attendanceEntry.findFirst({ where: { ...here, staffId, clockedOutAt: null }, select: { id: true, clockedInAt: true } })
  if (!open) throw new NotClockedInError()
  // An entry has a length, however quick somebody is.
  const clockedOutAt = new Date(Math.max(tx.clock.now().getTime(), open.clockedInAt.getTime() + 1))
  if (clockedOutAt.getTime() - open.clockedInAt.getTime() > LONGEST_ENTRY_MS)
    throw new NotPermittedError('You clocked in more than a day ago. Ask whoever manages attendance to correct when you left.', 'open_too_long')
  const changed = await tx.prisma.attendanceEntry.updateMany({
    where: { ...here, id: open.id, clockedOutAt: null },
    data: { clockedOutAt, version: { increment: 1 } },
  })
  if (changed.count === 0) throw new NotClockedInError()
  tx.changes('AttendanceEntry', [open.id], ['clockedOutAt'])
  return { id: open.id }
}

const reason = text(500)
const newEntrySchema = z.object({ staffId: uuid, clockedInAt: z.date(), clockedOutAt: z.date(), reason })
export type NewAttendance = z.input<typeof newEntrySchema>

/** Writes down, with a reason, time at work that somebody forgot to record. Throws AttendanceOverlapError and NotFoundError. */
export async function recordAttendance(tx: Tx, actor: ClinicActor, input: NewAttendance): Promise<{ id: string }> {
  const { staffId, clockedInAt, clockedOutAt, reason: why } = validate(newEntrySchema, input)
  assertTimes(tx, clockedInAt, clockedOutAt)
  const { id } = await explained(() =>
    tx.prisma.attendanceEntry.create({
      data: { organisationId: actor.organisationId, clinicId: actor.clinic.id, staffId, clockedInAt, clockedOutAt, ...correction(tx, actor, why) },
    }),
  )
  tx.changes('AttendanceEntry', [id], ['clockedInAt', 'clockedOutAt', 'correctionReason', 'staffId'])
  tx.because(why)
  return { id }
}

const correctionSchema = z.object({ id: uuid, version: z.int(), clockedInAt: kept(z.date()), clockedOutAt: kept(z.date()), reason })
export type AttendanceCorrection = z.input<typeof correctionSchema>

/** Corrects, with a reason, when somebody came or left; the trail keeps what stood there before. Throws AttendanceOverlapError. */
export async function correctAttendance(tx: Tx, actor: ClinicActor, input: AttendanceCorrection): Promise<{ id: string }> {
  const { id, version, reason: why, ...times } = validate(correctionSchema, input)
  const here = { organisationId: actor.organisationId, clinicId: actor.clinic.id, id }
  const entry = await tx.prisma.attendanceEntry.findFirst({ where: here, select: { clockedInAt: true, clockedOutAt: true, version: true } })
  if (!entry) throw new NotFoundError('AttendanceEntry')
  assertTimes(tx, times.clockedInAt ?? entry.clockedInAt, times.clockedOutAt ?? entry.clockedOutAt)
  const changed = await explained(() =>
    tx.prisma.attendanceEntry.updateMany({ where: { ...here, version }, data: { ...times, ...correction(tx, actor, why), version: { increment: 1 } } }),
  )
  if (changed.count === 0) throw new StaleVersionError('AttendanceEntry', entry.version)
  tx.changes('AttendanceEntry', [id], [...fieldsOf(times), 'correctionReason'])
  tx.because(why)
  return { id }
}

function correction(tx: Tx, actor: ClinicActor, why: string) {
  return { correctedAt: tx.clock.now(), correctedById: actingUser(actor), correctionReason: why }
}

function assertTimes(tx: Tx, clockedInAt: Date, clockedOutAt: Date | null): void {
  const now = tx.clock.now()
  if (clockedInAt > now) throw invalid('clockedInAt', 'future', 'must not lie in the future')
  if (clockedOutAt === null) return
  if (clockedOutAt > now) throw invalid('clockedOutAt', 'future', 'must not lie in the future')
  if (clockedOutAt <= clockedInAt) throw invalid('clockedOutAt', 'ordered', 'must be after clockedInAt')
  if (clockedOutAt.getTime() - clockedInAt.getTime() > LONGEST_ENTRY_MS) throw invalid('clockedOutAt', 'too_big', 'must be within 24 hours of clockedInAt')
}

function isOverlap(error: unknown): boolean {
  const constraint = violation(error)?.constraint ?? ''
  return violation(error)?.code === '23505' || constraint === 'attendance_entry_no_overlap'
}

async function explained<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (isOverlap(error)) throw new AttendanceOverlapError()
    if (violation(error)?.code === '23503') throw new NotFoundError('StaffProfile')
    throw error
  }
}
