import { z } from 'zod'
import type { AppointmentType, Equipment, Room, StaffProfile } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db } from '../kernel/db.ts'
import { invalid } from '../kernel/errors.ts'
import { isUuid } from '../kernel/ids.ts'
import {
  addDays,
  dayInterval,
  daysBetween,
  type Interval,
  instantAt,
  isLocalDate,
  type LocalDate,
  localDateOf,
  MINUTE_MS,
  toMinute,
  toMultirange,
  weekdayOf,
} from '../kernel/time.ts'
import { validate } from '../kernel/validate.ts'
import { findStaffByIds, isEmployedOn, listBookableBetween, listWorkPlans, NO_WORK, shiftsOf } from '../staff/index.ts'
import { EQUIPMENT_KINDS, ROOM_KINDS } from './catalogue.ts'
import { listConflictsOf, resourcesOf } from './claims.ts'
import { durationOf } from './durations.ts'
import { BLOCKING_REASONS, type Conflict, type Placement, type Resource, type SlotTakenError } from './errors.ts'
import { type Buffers, buffersOf, isQualified, isSuitable, longestOf, withBuffer } from './needs.ts'
import { currentType } from './placement.ts'
import { findTypesByIds, listEquipment, listRooms } from './queries.ts'
import { type Candidate, findOpenSlots, isCovered, isOnGrid, mergeIntervals, type Need, type Slot } from './slots.ts'

/** A search covers this many days at the most. */
export const MOST_DAYS = 62
const MOST_SLOTS = 200
/** So many are offered after a refusal, within so many days. */
export const NEXT_SLOTS = 3
export const HORIZON_DAYS = 14

const uuid = z.string().refine(isUuid, 'must be a UUID')
const day = z.string().refine(isLocalDate, 'must be a day such as 2025-12-20')
const minuteOfDay = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time such as 09:30')
  .transform(toMinute)
const wishes = {
  typeId: uuid,
  durationMinutes: z.int().nullish(),
  /** Left out: anybody who is qualified. */
  staffIds: z.array(uuid).max(100).nullish(),
  /** Left out: any room that the type needs, or none. */
  roomIds: z.array(uuid).max(100).nullish(),
  roomKinds: z.array(z.string().pipe(z.enum(ROOM_KINDS))).nullish(),
  equipmentKinds: z.array(z.string().pipe(z.enum(EQUIPMENT_KINDS))).nullish(),
}
const searchSchema = z.object({
  ...wishes,
  from: day,
  /** Included. */
  until: day,
  weekdays: z.array(z.int().min(1).max(7)).nullish(),
  earliest: minuteOfDay.nullish(),
  latest: minuteOfDay.nullish(),
  limit: z.int().min(1).max(MOST_SLOTS).default(20),
})
export type SlotWishes = z.input<typeof searchSchema>

/** A time at which the visit could be booked, with the first person, room and equipment that are free. */
export type OpenSlot = Interval & { readonly staffId: string; readonly roomId: string | null; readonly equipmentIds: readonly string[] }

/**
 * Open slots for a type of visit at the active clinic, in order of time, none before now or `notBefore`. People have to be qualified, at work and free;
 * a room and equipment are searched as the type needs them or as they are asked for.
 * @throws InvalidInputError, NotFoundError for a type that takes no visits
 */
export async function searchSlots(db: Db, actor: ClinicActor, input: SlotWishes, now: Date, notBefore: Date = now): Promise<OpenSlot[]> {
  const wanted = validate(searchSchema, input)
  return findSlots(db, actor, wanted, wanted.limit, now, notBefore)
}

/** Every open slot from one day to another, however many there are. Throws like searchSlots. */
export async function listOpenSlots(
  db: Db,
  actor: ClinicActor,
  input: Pick<SlotWishes, 'typeId' | 'from' | 'until'>,
  now: Date,
  notBefore: Date,
): Promise<OpenSlot[]> {
  return findSlots(db, actor, validate(searchSchema, input), Number.POSITIVE_INFINITY, now, notBefore)
}

async function findSlots(db: Db, actor: ClinicActor, wanted: z.output<typeof searchSchema>, limit: number, now: Date, notBefore: Date): Promise<OpenSlot[]> {
  const { from, until } = wanted
  if (until < from) throw invalid('until', 'ordered', 'must not be before from')
  if (daysBetween(from, until) >= MOST_DAYS) throw invalid('until', 'too_big', `must be less than ${MOST_DAYS} days after from`)
  const { timeZone } = actor.clinic
  const { type, staff, choices } = await readChoices(db, actor, wanted, from, until)
  const windows = windowsOf(actor, wanted, notBefore)
  const durationMinutes = durationOf(type, wanted.durationMinutes)
  const buffers = buffersOf(type)
  const longest = longestOf(buffers)
  const slots: Slot[] = []
  // Most searches end in their first days; what is taken later is then not read.
  for (let read = 0, size = FIRST_PART; read < windows.length && slots.length < limit; size = nextPart(read, slots.length, limit)) {
    const some = windows.slice(read, read + size)
    read += some.length
    // Where a window meets the next one, a visit begins in the one and ends in the other.
    const spans = some.map((window) => withBuffer(window, { before: longest.before, after: durationMinutes + longest.after }))
    const needs = await readNeeds(db, actor, { staff, choices, buffers, spans, now, ignoredId: null })
    const starts = { start: some[0]?.start ?? now, end: some.at(-1)?.end ?? now }
    slots.push(...findOpenSlots({ needs, durationMinutes, windows, starts, limit: limit - slots.length, timeZone }))
  }
  return slots.map(({ start, resourceIds }) => {
    const picked = choices.map(({ kind }, index) => ({ kind, id: resourceIds[index] ?? '' }))
    return {
      start,
      end: new Date(start.getTime() + durationMinutes * MINUTE_MS),
      staffId: picked.find(({ kind }) => kind === 'staff')?.id ?? '',
      roomId: picked.find(({ kind }) => kind === 'room')?.id ?? null,
      equipmentIds: picked.filter(({ kind }) => kind === 'equipment').map(({ id }) => id),
    }
  })
}

/** After a refusal: the next three starts within two weeks at which everything that was wanted is free and the person works. */
export async function listNextSlots(
  db: Db,
  actor: ClinicActor,
  { wanted, appointmentId }: Pick<SlotTakenError, 'wanted' | 'appointmentId'>,
  now: Date,
): Promise<Date[]> {
  const [starts] = await listNextSlotsOfMany(db, actor, { wanted: [wanted], appointmentId }, now)
  return starts ?? []
}

type Refused = { readonly wanted: readonly Placement[]; readonly appointmentId: string | null }

/** The same for many visits, each by itself. One round trip after the people's. */
export async function listNextSlotsOfMany(db: Db, actor: ClinicActor, { wanted, appointmentId }: Refused, now: Date): Promise<Date[][]> {
  if (wanted.length === 0) return []
  const { timeZone } = actor.clinic
  const windows = wanted.map(({ interval: { start } }) => ({ start, end: dayInterval(addDays(localDateOf(start, timeZone), HORIZON_DAYS - 1), timeZone).end }))
  const span = {
    start: new Date(Math.min(...windows.map(({ start }) => start.getTime()))),
    end: new Date(Math.max(...windows.map(({ end }) => end.getTime()))),
  }
  const staffIds = [...new Set(wanted.map(({ staffId }) => staffId))]
  const staff = await listBookableBetween(db, actor, { from: localDateOf(span.start, timeZone), until: localDateOf(span.end, timeZone), ids: staffIds })
  const resources = new Map(wanted.flatMap(resourcesOf).map((resource) => [resource.id, resource]))
  const choices = [...resources.values()].map(({ kind, id }): Choice => ({ kind, ids: [id] }))
  const spans = wanted.flatMap(({ buffers }, index) => withBuffer(windows[index] ?? span, longestOf(buffers)))
  const needs = await readNeeds(db, actor, { staff, choices, buffers: NO_BUFFERS, spans, now, ignoredId: appointmentId })
  const candidates = new Map(needs.flatMap((need) => need.candidates.map((candidate) => [candidate.id, candidate])))
  return wanted.map((placement, index) => {
    const needed = resourcesOf(placement).map(({ kind, id }): Need => ({ buffer: placement.buffers[kind], candidates: [candidates.get(id) ?? NEVER] }))
    const { start, end } = placement.interval
    const window = windows[index] ?? span
    const slots = findOpenSlots({
      needs: needed,
      durationMinutes: (end.getTime() - start.getTime()) / MINUTE_MS,
      windows: [window],
      limit: NEXT_SLOTS,
      timeZone,
    })
    return slots.map((slot) => slot.start)
  })
}

/** Each visit brings its own. */
const NO_BUFFERS: Buffers = { staff: { before: 0, after: 0 }, room: { before: 0, after: 0 }, equipment: { before: 0, after: 0 } }
const NEVER: Candidate = { id: '', open: [], busy: [] }

/** Resources of which one is needed. */
export type Choice = { readonly kind: Resource['kind']; readonly ids: readonly string[] }

const wishSchema = z.object(wishes)
type Wishes = z.output<typeof wishSchema>

type Choices = {
  readonly type: AppointmentType
  readonly staff: readonly StaffProfile[]
  readonly rooms: readonly Room[]
  readonly equipment: readonly Equipment[]
  /** People first. */
  readonly choices: readonly Choice[]
}

async function readChoices(db: Db, actor: ClinicActor, wanted: Wishes, from: LocalDate, until: LocalDate): Promise<Choices> {
  const [types, people, rooms, equipment] = await Promise.all([
    findTypesByIds(db, actor, [wanted.typeId]),
    listBookableBetween(db, actor, { from, until, ids: wanted.staffIds ?? null }),
    listRooms(db, actor, { includeArchived: false }),
    listEquipment(db, actor, { includeArchived: false }),
  ])
  const type = currentType(types[0] ?? null)
  const staff = people.filter((person) => isQualified(type, person))
  const roomKinds = wanted.roomKinds ?? type.roomKinds
  const suitable = rooms.filter((room) => isSuitable({ roomKinds }, room) && isSuitable(type, room) && (wanted.roomIds?.includes(room.id) ?? true))
  const needsRoom = roomKinds.length > 0 || wanted.roomIds != null
  const kinds = new Set([...type.equipmentKinds, ...(wanted.equipmentKinds ?? [])])
  const idsOf = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id)
  const choices: Choice[] = [
    { kind: 'staff', ids: idsOf(staff) },
    ...(needsRoom ? [{ kind: 'room' as const, ids: idsOf(suitable) }] : []),
    ...[...kinds].map((kind) => ({ kind: 'equipment' as const, ids: idsOf(equipment.filter((piece) => piece.kind === kind)) })),
  ]
  return { type, staff, rooms: suitable, equipment, choices }
}

type NeedsQuery = {
  readonly staff: readonly StaffProfile[]
  readonly choices: readonly Choice[]
  readonly buffers: Buffers
  /** A visit with its buffers lies in one of these. */
  readonly spans: readonly Interval[]
  readonly now: Date
  /** A visit whose own claims are no obstacle. */
  readonly ignoredId: string | null
}

/** Working hours and everything that is taken, in one round trip. What is taken is told as time alone. */
async function readNeeds(db: Db, actor: ClinicActor, { staff, choices, buffers, spans, now, ignoredId }: NeedsQuery): Promise<Need[]> {
  const { timeZone } = actor.clinic
  const reach = mergeIntervals(spans)
  const dates = [...new Set(reach.flatMap((span) => datesOf(span, timeZone)))]
  const [plans, busy] = await Promise.all([
    listWorkPlans(
      db,
      actor,
      staff.map(({ id }) => id),
      dates[0] ?? '',
      addDays(dates.at(-1) ?? '', 1),
    ),
    readBusyTimes(db, actor, [actor.clinic.id, ...choices.flatMap(({ ids }) => ids)], reach, now, ignoredId),
  ])
  const closed = busy.get(actor.clinic.id) ?? []
  const toCandidate = (kind: Resource['kind'], id: string): Candidate => {
    const person = staff.find((known) => known.id === id)
    const open =
      kind !== 'staff' ? null : dates.flatMap((date) => (person && isEmployedOn(person, date) ? shiftsOf(plans.get(id) ?? NO_WORK, date, timeZone) : []))
    return { id, open, busy: [...closed, ...(busy.get(id) ?? [])] }
  }
  return choices.map(({ kind, ids }) => ({ buffer: buffers[kind], candidates: ids.map((id) => toCandidate(kind, id)) }))
}

/** Why a resource cannot serve a visit at a time. */
const OBSTACLES = [...BLOCKING_REASONS, 'outside_shift', 'not_bookable', 'not_qualified', 'none_there', 'past', 'off_grid'] as const
export type ObstacleReason = (typeof OBSTACLES)[number]

export type Obstacle = {
  readonly reason: ObstacleReason
  /** Null where it is not about one of them: nobody is there at all, or the time itself is none. */
  readonly resource: Conflict['resource'] | null
  readonly interval: Interval | null
}

export type SlotExplanation = {
  readonly isOpen: boolean
  /** Of every need that nothing meets, what keeps each of its candidates from it. */
  readonly obstacles: readonly Obstacle[]
  /** Where to look on, and from when. */
  readonly wishes: SlotWishes
  readonly from: Date
}

const questionSchema = z.object({ ...wishes, startsAt: z.date() })
export type SlotQuestion = z.input<typeof questionSchema>

/**
 * Whether a visit could begin at an instant and, if not, what is in the way of whom: the answer to "why not?". The same rules as searchSlots.
 * @throws InvalidInputError, NotFoundError for a type that takes no visits
 */
export async function explainSlot(db: Db, actor: ClinicActor, input: SlotQuestion, now: Date): Promise<SlotExplanation> {
  const { startsAt, ...wanted } = validate(questionSchema, input)
  const { timeZone } = actor.clinic
  const date = localDateOf(startsAt, timeZone)
  const [{ type, staff, choices }, named] = await Promise.all([
    readChoices(db, actor, wanted, date, date),
    wanted.staffIds == null ? [] : findStaffByIds(db, actor, wanted.staffIds),
  ])
  const visit = { start: startsAt, end: new Date(startsAt.getTime() + durationOf(type, wanted.durationMinutes) * MINUTE_MS) }
  const buffers = buffersOf(type)
  const resources = choices.flatMap(({ kind, ids }) => ids.map((id) => ({ kind, id })))
  const [conflicts, plans] = await Promise.all([
    listConflictsOf(db, actor, resources, visit, buffers, now),
    listWorkPlans(
      db,
      actor,
      staff.map(({ id }) => id),
      addDays(date, -1),
      addDays(date, 2),
    ),
  ])
  const shiftsOn = (id: string, dates: readonly LocalDate[]) => dates.flatMap((on) => shiftsOf(plans.get(id) ?? NO_WORK, on, timeZone))
  const obstaclesOf = (resource: Resource): Obstacle[] => {
    const taken = conflicts.filter((conflict) => conflict.resource.kind === 'clinic' || conflict.resource.id === resource.id)
    const held = withBuffer(visit, buffers[resource.kind])
    const isAway = resource.kind === 'staff' && !isCovered(held, shiftsOn(resource.id, datesOf(held, timeZone)))
    return [...(isAway ? [{ reason: 'outside_shift' as const, resource, interval: null }] : []), ...taken]
  }
  // Of people whom nobody named, those who are off that day, or work elsewhere, are no news unless all of them are.
  const working = wanted.staffIds == null ? staff.filter(({ id }) => shiftsOn(id, [date]).length > 0).map(({ id }) => id) : []
  const toldOf = ({ kind, ids }: Choice) => (kind === 'staff' && working.length > 0 ? working : ids)
  const obstacles: Obstacle[] = []
  if (startsAt < now) obstacles.push({ reason: 'past', resource: null, interval: null })
  if (!isOnGrid(startsAt, timeZone)) obstacles.push({ reason: 'off_grid', resource: null, interval: null })
  for (const choice of choices) {
    const [kind, ids] = [choice.kind, toldOf(choice)]
    const found = ids.map((id) => obstaclesOf({ kind, id }))
    if (found.some((some) => some.length === 0)) continue
    obstacles.push(...found.flat())
    if (kind === 'staff') obstacles.push(...unfit(named, staff, type))
    if (ids.length === 0 && !(kind === 'staff' && named.length > 0))
      obstacles.push({ reason: 'none_there', resource: { kind, id: actor.clinic.id }, interval: null })
  }
  const distinct = obstacles.filter(
    ({ resource }, index) => resource?.kind !== 'clinic' || obstacles.findIndex((other) => other.resource?.kind === 'clinic') === index,
  )
  return {
    isOpen: obstacles.length === 0,
    obstacles: distinct,
    wishes: { ...wanted, from: date, until: addDays(date, HORIZON_DAYS), limit: NEXT_SLOTS },
    from: startsAt < now ? now : startsAt,
  }
}

// People who were asked for by name and are no candidates.
function unfit(named: readonly StaffProfile[], staff: readonly StaffProfile[], type: AppointmentType): Obstacle[] {
  return named
    .filter(({ id }) => !staff.some((candidate) => candidate.id === id))
    .map((person) => ({ reason: isQualified(type, person) ? 'not_bookable' : 'not_qualified', resource: { kind: 'staff', id: person.id }, interval: null }))
}

async function readBusyTimes(
  db: Db,
  actor: ClinicActor,
  resourceIds: readonly string[],
  spans: readonly Interval[],
  now: Date,
  ignoredId: string | null,
): Promise<ReadonlyMap<string, readonly Interval[]>> {
  const rows = await db.query<{ resourceId: string; taken: string }>({
    name: 'busy_times',
    // As JSON, which is read ten times as fast as an array.
    text: 'SELECT resource_id AS "resourceId", to_json(taken)::text AS taken FROM busy_times($1::uuid[], $2::tstzmultirange, $3::timestamptz, $4::uuid)',
    values: [resourceIds, toMultirange(spans), now.toISOString(), ignoredId],
  })
  const [first, last] = [spans[0], spans.at(-1)]
  if (first && last) db.aggregates('busyTimes', { clinicId: actor.clinic.id, from: first.start.toISOString(), until: last.end.toISOString() })
  return new Map(rows.map(({ resourceId, taken }) => [resourceId, pairs(JSON.parse(taken))]))
}

// As many ends follow the starts.
function pairs(taken: readonly number[]): Interval[] {
  const count = taken.length / 2
  return Array.from({ length: count }, (_, index) => ({ start: new Date(taken[index] ?? 0), end: new Date(taken[count + index] ?? 0) }))
}

function datesOf({ start, end }: Interval, timeZone: string): LocalDate[] {
  const first = localDateOf(start, timeZone)
  return Array.from({ length: daysBetween(first, localDateOf(end, timeZone)) + 1 }, (_, index) => addDays(first, index))
}

const FIRST_PART = 3
/** How much further a search reads than the days before let expect, so that it rarely reads once more for a few slots. */
const ALLOWANCE = 1.2

/** How many windows to read next, when `read` of them had `found` slots of as many as were asked for. */
function nextPart(read: number, found: number, limit: number): number {
  const expected = Math.ceil(((limit - found) / found) * read * ALLOWANCE)
  return Math.max(FIRST_PART, Math.min(expected, read * FIRST_PART * FIRST_PART))
}

type Window = Pick<z.output<typeof searchSchema>, 'from' | 'until' | 'weekdays' | 'earliest' | 'latest'>

// What a wish such as "Tuesday mornings" leaves of the days.
function windowsOf(actor: ClinicActor, { from, until, weekdays, earliest, latest }: Window, notBefore: Date): Interval[] {
  const { timeZone } = actor.clinic
  if (earliest != null && latest != null && latest <= earliest) throw invalid('latest', 'ordered', 'must be after earliest')
  const dates = Array.from({ length: daysBetween(from, until) + 1 }, (_, index) => addDays(from, index))
  return dates
    .filter((date) => weekdays == null || weekdays.length === 0 || weekdays.includes(weekdayOf(date)))
    .map((date) => ({ start: instantAt(date, earliest ?? 0, timeZone).instant, end: instantAt(date, latest ?? 24 * 60, timeZone).instant }))
    .map(({ start, end }) => ({ start: start < notBefore ? notBefore : start, end }))
    .filter(({ start, end }) => start < end)
}
