import { z } from 'zod'
import type { AppointmentType, BookingPage } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import { AlreadyExistsError, invalid, NotFoundError, StaleVersionError } from '../kernel/errors.ts'
import { addDays, daysBetween, isLocalDate, type LocalDate, localDateOf, MINUTE_MS } from '../kernel/time.ts'
import { kept, validate } from '../kernel/validate.ts'
import { violation } from '../kernel/violation.ts'
import { listAppointmentTypes } from './queries.ts'
import { findBookingPage } from './request-queries.ts'
import { listOpenSlots, NEXT_SLOTS, type OpenSlot } from './slot-search.ts'

const pageSchema = z.object({
  slug: z
    .string()
    .min(3)
    .max(60)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case letters, digits and single hyphens'),
  isOpen: z.boolean(),
  noticeMinutes: kept(z.int().min(120).max(20_160)),
  daysAhead: kept(z.int().min(1).max(180)),
  /** Of the page that is changed; left out for a first one. */
  version: z.int().nullish(),
})
export type BookingPageSettings = z.input<typeof pageSchema>

/** Sets up, opens, closes or moves the active clinic's page. Throws AlreadyExistsError for an address that another page has, StaleVersionError. */
export async function setBookingPage(tx: Tx, actor: ClinicActor, input: BookingPageSettings): Promise<{ id: string }> {
  const { version, ...data } = validate(pageSchema, input)
  const place = { organisationId: actor.organisationId, clinicId: actor.clinic.id }
  const current = await tx.prisma.bookingPage.findFirst({ where: place, select: { version: true } })
  if (current && current.version !== version) throw new StaleVersionError('BookingPage', current.version)
  const count = await explained(async () => {
    if (!current) return (await tx.prisma.bookingPage.createMany({ data: [{ ...place, ...data }] })).count
    return (await tx.prisma.bookingPage.updateMany({ where: { ...place, version: current.version }, data: { ...data, version: { increment: 1 } } })).count
  })
  if (count === 0) throw new StaleVersionError('BookingPage', (current?.version ?? 0) + 1)
  tx.changes('BookingPage', [actor.clinic.id], Object.keys(data))
  return { id: actor.clinic.id }
}

async function explained<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (violation(error)?.code === '23505') throw new AlreadyExistsError('BookingPage', 'slug')
    throw error
  }
}

/** Types of visits that clients may ask for online, by name. */
export async function listOnlineTypes(db: Db, actor: ClinicActor): Promise<AppointmentType[]> {
  return (await listAppointmentTypes(db, actor, { includeArchived: false })).filter(({ isOnline }) => isOnline)
}

/** When visits may be asked for now: none begins before `notBefore`, nor after the last day. */
export type BookingWindow = { readonly notBefore: Date; readonly firstDay: LocalDate; readonly lastDay: LocalDate }

export function windowOf({ noticeMinutes, daysAhead }: BookingPage, actor: ClinicActor, now: Date): BookingWindow {
  const { timeZone } = actor.clinic
  const notBefore = new Date(now.getTime() + noticeMinutes * MINUTE_MS)
  return { notBefore, firstDay: localDateOf(notBefore, timeZone), lastDay: addDays(localDateOf(now, timeZone), daysAhead) }
}

/** A list of starts covers this many days at the most. */
export const MOST_PUBLIC_DAYS = 14
const day = z.string().refine(isLocalDate, 'must be a day such as 2025-12-20')
const slotsSchema = z.object({ typeId: z.string(), from: day, until: day })
export type PublicSlotsWish = z.input<typeof slotsSchema>

/**
 * Starts that the active clinic offers to everybody, with whom and where they could be: for its own use, because strangers are told the instants
 * alone. Throws InvalidInputError for more than 14 days, NotFoundError for a type that is not offered online.
 */
export async function listOfferedSlots(db: Db, actor: ClinicActor, page: BookingPage, input: PublicSlotsWish, now: Date): Promise<OpenSlot[]> {
  const { typeId, from, until } = validate(slotsSchema, input)
  if (until < from) throw invalid('until', 'ordered', 'must not be before from')
  if (daysBetween(from, until) >= MOST_PUBLIC_DAYS) throw invalid('until', 'too_big', `must be less than ${MOST_PUBLIC_DAYS} days after from`)
  await assertOnline(db, actor, typeId)
  const { notBefore, firstDay, lastDay } = windowOf(page, actor, now)
  const [first, last] = [from < firstDay ? firstDay : from, until > lastDay ? lastDay : until]
  return last < first ? [] : listOpenSlots(db, actor, { typeId, from: first, until: last }, now, notBefore)
}

/** The first three starts that are offered from an instant on, within two weeks. */
export async function listNextStarts(db: Db, actor: ClinicActor, { typeId, startsAt }: { typeId: string; startsAt: Date }, now: Date): Promise<Date[]> {
  const page = await findBookingPage(db, actor)
  if (!page) return []
  const { notBefore } = windowOf(page, actor, now)
  const earliest = startsAt < notBefore ? notBefore : startsAt
  const from = localDateOf(earliest, actor.clinic.timeZone)
  const slots = await listOfferedSlots(db, actor, page, { typeId, from, until: addDays(from, MOST_PUBLIC_DAYS - 1) }, now)
  return slots
    .map(({ start }) => start)
    .filter((start) => start >= earliest)
    .slice(0, NEXT_SLOTS)
}

async function assertOnline(db: Db, actor: ClinicActor, typeId: string): Promise<void> {
  const types = await listOnlineTypes(db, actor)
  if (!types.some(({ id }) => id === typeId)) throw new NotFoundError('AppointmentType')
}
