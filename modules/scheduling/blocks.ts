import { z } from 'zod'
import type { ResourceBlock } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { invalid, NotFoundError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { DAY_MS, dayInterval, type Interval, MINUTE_MS } from '../kernel/time.ts'
import { line, validate } from '../kernel/validate.ts'
import { findMachinesByIds, listHolidays } from './block-queries.ts'
import { findRoomsByIds } from './queries.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')
const instant = z
  .date()
  .min(new Date('1970-01-01T00:00:00Z'))
  .max(new Date('2199-12-31T00:00:00Z'))
  .refine((at) => at.getTime() % MINUTE_MS === 0, 'must be a whole minute')
const LONGEST_MS = 366 * DAY_MS
const BLOCK_FIELDS = ['clinicId', 'endsAt', 'equipmentId', 'kind', 'resourceId', 'roomId', 'staffId', 'startsAt', 'title'] as const

type ClosedTime = Pick<ResourceBlock, 'resourceId' | 'kind' | 'startsAt' | 'endsAt'> &
  Partial<Pick<ResourceBlock, 'staffId' | 'roomId' | 'equipmentId' | 'title'>>

/**
 * Closes a time of a person, a room, a machine or the clinic. The insert waits for bookings of the resource that are about to commit, and
 * later ones wait for it: what lies in the closed time is to be looked at afterwards. Visits that are booked stay.
 */
export async function closeTime(tx: Tx, actor: ClinicActor, closed: ClosedTime): Promise<{ id: string }> {
  const { id } = await tx.prisma.resourceBlock.create({
    data: { organisationId: actor.organisationId, clinicId: actor.clinic.id, ...closed },
    select: { id: true },
  })
  tx.changes('ResourceBlock', [id], BLOCK_FIELDS)
  return { id }
}

/** Opens a closed time again. Throws NotFoundError for one of another kind or clinic. */
export async function openTime(tx: Tx, organisationId: string, where: { id: string; clinicId?: string; kind: string }): Promise<{ id: string }> {
  const { count } = await tx.prisma.resourceBlock.deleteMany({ where: { organisationId, ...where } })
  if (count === 0) throw new NotFoundError('ResourceBlock')
  tx.changes('ResourceBlock', [where.id], ['deleted'])
  return { id: where.id }
}

const closureSchema = z.object({ startsAt: instant, endsAt: instant, title: line(120) })
export type NewClosure = z.input<typeof closureSchema>

/** Closes the active clinic for a time. Throws InvalidInputError when it ends before it starts, or lasts longer than a year. */
export async function addClosure(tx: Tx, actor: ClinicActor, input: NewClosure): Promise<{ id: string }> {
  const closure = validate(closureSchema, input)
  assertOrdered({ start: closure.startsAt, end: closure.endsAt })
  return closeTime(tx, actor, { resourceId: actor.clinic.id, kind: 'closure', ...closure })
}

/** Opens the active clinic again. */
export async function removeClosure(tx: Tx, actor: ClinicActor, { id }: { id: string }): Promise<{ id: string }> {
  return openTime(tx, actor.organisationId, { id, clinicId: actor.clinic.id, kind: 'closure' })
}

const yearSchema = z.object({ year: z.int().min(1970).max(2198) })

/**
 * Closes the active clinic on each public holiday of its country in a year, from midnight to midnight; days on which it is closed
 * already are left alone, so that a second import changes nothing.
 */
export async function importHolidays(tx: Tx, actor: ClinicActor, input: { year: number }): Promise<{ year: number; ids: string[] }> {
  const { year } = validate(yearSchema, input)
  // Two imports at once would each find the days still open; closing a time takes the same lock.
  await tx.query({
    name: 'lock_closing_of_clinic',
    text: 'SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text, 1))::text AS turn',
    values: [actor.clinic.id],
  })
  const ids: string[] = []
  for (const { date, name, isClosed } of await listHolidays(tx, actor, year)) {
    if (isClosed) continue
    const { start, end } = dayInterval(date, actor.clinic.timeZone)
    const { id } = await closeTime(tx, actor, { resourceId: actor.clinic.id, kind: 'closure', startsAt: start, endsAt: end, title: name[actor.clinic.locale] })
    ids.push(id)
  }
  return { year, ids }
}

const maintenanceSchema = z.object({ roomId: uuid.nullish(), equipmentId: uuid.nullish(), startsAt: instant, endsAt: instant, title: line(120).nullish() })
export type NewMaintenance = z.input<typeof maintenanceSchema>

/** Takes a room or a machine of the active clinic out of use for a time. Throws NotFoundError for one out of reach. */
export async function addMaintenance(tx: Tx, actor: ClinicActor, input: NewMaintenance): Promise<{ id: string }> {
  const { roomId = null, equipmentId = null, startsAt, endsAt, title = null } = validate(maintenanceSchema, input)
  assertOrdered({ start: startsAt, end: endsAt })
  const resourceId = await findResource(tx, actor, { roomId, equipmentId })
  return closeTime(tx, actor, { resourceId, roomId, equipmentId, kind: 'maintenance', startsAt, endsAt, title })
}

/** Puts a room or a machine back into use. */
export async function removeMaintenance(tx: Tx, actor: ClinicActor, { id }: { id: string }): Promise<{ id: string }> {
  return openTime(tx, actor.organisationId, { id, clinicId: actor.clinic.id, kind: 'maintenance' })
}

async function findResource(tx: Tx, actor: ClinicActor, { roomId, equipmentId }: { roomId: string | null; equipmentId: string | null }): Promise<string> {
  if (roomId !== null && equipmentId !== null) throw invalid('equipmentId', 'one_resource', 'name a room or a machine, not both')
  if (roomId !== null) {
    const [room] = await findRoomsByIds(tx, actor, [roomId])
    if (!room) throw new NotFoundError('Room')
    return room.id
  }
  if (equipmentId === null) throw invalid('roomId', 'required', 'name a room or a machine')
  const [machine] = await findMachinesByIds(tx, actor, [equipmentId])
  if (!machine) throw new NotFoundError('Equipment')
  return machine.id
}

function assertOrdered({ start, end }: Interval): void {
  if (end <= start) throw invalid('endsAt', 'ordered', 'must be after startsAt')
  if (end.getTime() - start.getTime() > LONGEST_MS) throw invalid('endsAt', 'too_big', 'must be within a year of startsAt')
}
