import { z } from 'zod'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { NotFoundError } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import { addDays, instantAt, isLocalDate, localDateOf, toMinute } from '../kernel/time.ts'
import { text, validate } from '../kernel/validate.ts'
import { findPatientsByIds } from '../patients/index.ts'
import { isEmployedOn, listWorkPlans, NO_WORK, shiftsOf } from '../staff/index.ts'
import { listFirstConflicts } from './claims.ts'
import { durationOf } from './durations.ts'
import type { BlockingReason, Conflict, Placement } from './errors.ts'
import { assertMeetsNeeds, buffersOf, withBuffer } from './needs.ts'
import { listOccurrences, type Occurrence } from './occurrences.ts'
import { assertInUse, currentType, mayIgnoreShifts, type Place, readPlace } from './placement.ts'
import { listNextSlotsOfMany } from './slot-search.ts'
import { isCovered } from './slots.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')
const seriesSchema = z.object({
  patientId: uuid,
  typeId: uuid,
  staffId: uuid,
  roomId: uuid.nullish(),
  equipmentIds: z
    .array(uuid)
    .max(10)
    .nullish()
    .transform((ids) => [...new Set(ids ?? [])]),
  rule: z.string(),
  startsOn: z.string().refine(isLocalDate, 'must be a day such as 2025-12-20'),
  startTime: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 09:30')
    .transform(toMinute),
  durationMinutes: z.int().nullish(),
  reason: text(500).nullish(),
})
export type NewSeries = z.input<typeof seriesSchema>

export type SkipReason = BlockingReason | 'outside_shift' | 'not_bookable' | 'past'
/** Why an occurrence cannot be booked, and what is in its way. */
export type Skip = { readonly reason: SkipReason; readonly resource: Conflict['resource'] | null }
export type CheckedOccurrence = Occurrence & { readonly skip: Skip | null; readonly placement: Placement }

export type CheckedSeries = {
  readonly wanted: z.output<typeof seriesSchema>
  readonly durationMinutes: number
  readonly occurrences: readonly CheckedOccurrence[]
}

/**
 * Every occurrence of a series with what stands in its way, in four statements however many there are. The same rules as for one visit.
 * @throws InvalidInputError for the rule (listOccurrences), RequirementsNotMetError, NotFoundError for a patient, type, person, room or
 * equipment out of reach
 */
export async function checkSeries(db: Db, actor: ClinicActor, input: NewSeries, now: Date): Promise<CheckedSeries> {
  const wanted = validate(seriesSchema, input)
  const { staffId, equipmentIds, rule, startsOn, startTime: startMinute } = wanted
  const roomId = wanted.roomId ?? null
  const [place, patients] = await Promise.all([
    readPlace(db, actor, { typeId: wanted.typeId, staffId, roomId, equipmentIds, start: instantAt(startsOn, startMinute, actor.clinic.timeZone).instant }),
    findPatientsByIds(db, actor, [wanted.patientId]),
  ])
  if (patients.length === 0) throw new NotFoundError('Patient')
  const type = currentType(place.type)
  if (!place.person) throw new NotFoundError('StaffProfile')
  assertInUse({ roomId, equipmentIds }, place.room, place.equipment)
  assertMeetsNeeds(type, place.person, place.room, place.equipment)
  const durationMinutes = durationOf(type, wanted.durationMinutes)
  const occurrences = listOccurrences({ rule, startsOn, startMinute, durationMinutes, timeZone: actor.clinic.timeZone })
  const buffers = buffersOf(type)
  const placed = occurrences.map((occurrence) => {
    const placement: Placement = { staffId, roomId, equipmentIds, interval: { start: occurrence.start, end: occurrence.end }, buffers }
    return { ...occurrence, placement }
  })
  const [conflicts, plans] = await Promise.all([
    listFirstConflicts(
      db,
      actor,
      placed.map(({ placement }) => placement),
      now,
    ),
    listWorkPlans(db, actor, [staffId], addDays(startsOn, -1), addDays(occurrences.at(-1)?.date ?? startsOn, 2)),
  ])
  const work = { person: place.person, plan: plans.get(staffId) ?? NO_WORK }
  const checked = placed.map((occurrence, index) => ({ ...occurrence, skip: skipOf(actor, work, occurrence, conflicts[index] ?? null, now) }))
  return { wanted, durationMinutes, occurrences: checked }
}

type Placed = Occurrence & { readonly placement: Placement }

function skipOf(
  actor: ClinicActor,
  { person, plan }: Pick<Place, 'person' | 'plan'>,
  { date, start, placement }: Placed,
  conflict: Conflict | null,
  now: Date,
): Skip | null {
  const staff = { kind: 'staff' as const, id: placement.staffId }
  if (start < now) return { reason: 'past', resource: null }
  if (!person?.isBookable || !isEmployedOn(person, date)) return { reason: 'not_bookable', resource: staff }
  if (conflict) return { reason: conflict.reason, resource: conflict.resource }
  if (mayIgnoreShifts(actor)) return null
  const { timeZone } = actor.clinic
  const held = withBuffer(placement.interval, placement.buffers.staff)
  const dates = new Set([held.start, held.end].map((instant) => localDateOf(instant, timeZone)))
  const shifts = [...dates].flatMap((day) => shiftsOf(plan, day, timeZone))
  return isCovered(held, shifts) ? null : { reason: 'outside_shift', resource: staff }
}

/** An occurrence as people see it: whether it is booked, or what is in the way and when the same would be free. */
export type SeriesOccurrence = Occurrence & { readonly skip: Skip | null; readonly nextSlots: readonly Date[] }

/** Adds to each skipped occurrence to come the next three free times. One round trip for all. */
export async function addNextSlots(db: Db, actor: ClinicActor, occurrences: readonly CheckedOccurrence[], now: Date): Promise<SeriesOccurrence[]> {
  const skipped = occurrences.filter(({ skip, start }) => skip !== null && start >= now)
  const wanted = skipped.map(({ placement }) => placement)
  const found = await listNextSlotsOfMany(db, actor, { wanted, appointmentId: null }, now)
  const slots = new Map(skipped.map((occurrence, index) => [occurrence, found[index] ?? []]))
  return occurrences.map((occurrence) => {
    const { placement: _placement, ...shown } = occurrence
    return { ...shown, nextSlots: slots.get(occurrence) ?? [] }
  })
}
