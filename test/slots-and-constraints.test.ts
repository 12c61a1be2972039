import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SystemActor, UserActor } from '../modules/kernel/actor.ts'
import type { Tx } from '../modules/kernel/db.ts'
import { DomainError } from '../modules/kernel/errors.ts'
import { newId } from '../modules/kernel/ids.ts'
import { dayInterval } from '../modules/kernel/time.ts'
import { bookAppointment, type OpenSlot, type SlotWishes, searchSlots } from '../modules/scheduling/index.ts'
import { isFullRun } from './effort.ts'
import { type Harness, startHarness } from './harness.ts'
import { buildOrganisation } from './world.ts'
import { addAppointmentType, addEquipment, addPractice, type Practice } from './world-scheduling.ts'

const MINUTE_MS = 60_000
/** Before all of the days below; holds expire around it. */
const NOW = new Date('2027-01-10T12:00:00Z')
const PLACEMENTS = 20

let harness: Harness
let admin: pg.Client
let places: Place[]

type Place = {
  readonly actor: SystemActor
  readonly practice: Practice
  readonly equipmentId: string
  readonly typeId: string
  readonly days: readonly string[]
}

// The days on which the clock goes forward and back, the days beside them, a week's edge and a year's.
const ZONES = [
  { timeZone: 'America/Tijuana', days: ['2027-03-13', '2027-03-14', '2027-03-15', '2027-11-07'] },
  { timeZone: 'Europe/Madrid', days: ['2027-03-28', '2027-03-29', '2027-10-30', '2027-10-31'] },
  { timeZone: 'America/Cancun', days: ['2027-03-14', '2027-12-31'] },
]

beforeAll(async () => {
  harness = await startHarness()
  admin = new pg.Client(harness.database.adminUrl)
  await admin.connect()
  const org = await buildOrganisation(
    harness.app,
    'alfa',
    ZONES.map(({ timeZone }) => ({ timeZone })),
  )
  places = []
  for (const [index, { days }] of ZONES.entries()) {
    const actor = org.clinics[index]?.actor
    if (!actor) throw new Error('no clinic')
    const practice = await addPractice(harness.app, actor)
    places.push({ actor, practice, days, equipmentId: await addEquipment(harness.app, actor), typeId: await addAppointmentType(harness.app, actor) })
  }
})
afterAll(async () => {
  await admin.end()
  await harness[Symbol.asyncDispose]()
})

const minutes = (most: number) => fc.nat(most / 5).map((fives) => 5 * fives)
const span = fc.tuple(fc.integer({ min: -60, max: 1500 }), fc.integer({ min: 1, max: 180 }))
const resource = fc.constantFrom('staff', 'other staff', 'room', 'other room', 'equipment')
const buffer = fc.tuple(minutes(45), minutes(45))
const calendars = fc.record({
  place: fc.nat(ZONES.length - 1),
  day: fc.nat(3),
  hours: fc.array(fc.tuple(fc.constantFrom('staff', 'other staff'), fc.nat(1200), fc.integer({ min: 30, max: 900 })), {
    minLength: 2,
    maxLength: 6,
    size: 'max',
  }),
  claims: fc.array(fc.record({ resource, span, kind: fc.constantFrom('visit', 'visit', 'hold', 'expired hold') }), { maxLength: 14, size: 'max' }),
  blocks: fc.array(fc.record({ resource: fc.oneof(resource, fc.constant('clinic')), span }), { maxLength: 3 }),
  duration: fc.integer({ min: 5, max: 90 }),
  buffers: fc.record({ staff: buffer, room: buffer, equipment: buffer }),
  placements: fc.array(
    fc.record({
      minute: fc.integer({ min: 0, max: 143 }),
      staff: fc.constantFrom('staff', 'other staff'),
      room: fc.constantFrom(null, 'room', 'other room'),
      hasEquipment: fc.boolean(),
    }),
    { minLength: PLACEMENTS, maxLength: PLACEMENTS },
  ),
})
type Calendar = typeof calendars extends fc.Arbitrary<infer T> ? T : never

/** Writes a calendar behind the API: what it holds may be anything that the constraints allow. */
async function write(place: Place, date: string, { hours, claims, blocks, duration, buffers }: Calendar): Promise<(name: string) => string> {
  const { actor, practice, equipmentId, typeId } = place
  const ids: Record<string, string> = {
    staff: practice.staffId,
    'other staff': practice.otherStaffId,
    room: practice.roomId,
    'other room': practice.otherRoomId,
    equipment: equipmentId,
    clinic: actor.clinic.id,
  }
  const id = (name: string) => ids[name] ?? ''
  const column = (name: string) => (name.includes('staff') ? 'staff_id' : name.includes('room') ? 'room_id' : 'equipment_id')
  const midnight = dayInterval(date, actor.clinic.timeZone).start.getTime()
  const at = (minute: number) => `'${new Date(midnight + minute * MINUTE_MS).toISOString()}'::timestamptz`
  const tenant = `'${actor.organisationId}', '${actor.clinic.id}'`
  const statements = [
    'BEGIN',
    'SET LOCAL session_replication_role = replica',
    'DELETE FROM resource_claim',
    'DELETE FROM slot_hold',
    'DELETE FROM resource_block',
    'DELETE FROM weekly_schedule',
  ]
  const worked = new Map<string, [number, number][]>()
  for (const [person, start, length] of hours) {
    const [from, until] = [start, Math.min(start + length, 1440)]
    const known = worked.get(person) ?? []
    if (known.some(([a, b]) => a < until && from < b)) continue
    worked.set(person, [...known, [from, until]])
    statements.push(`INSERT INTO weekly_schedule (organisation_id, clinic_id, staff_id, weekday, start_minute, end_minute, valid_from)
      VALUES (${tenant}, '${id(person)}', extract(isodow FROM '${date}'::date), ${from}, ${until}, '2020-01-01')`)
  }
  const lanes = new Map<string, [number, number][][]>()
  for (const {
    resource: name,
    span: [start, length],
    kind,
  } of claims) {
    const used = lanes.get(name) ?? []
    let lane = used.findIndex((taken) => taken.every(([a, b]) => b <= start || start + length <= a))
    if (lane < 0) lane = used.push([]) - 1
    used[lane]?.push([start, start + length])
    lanes.set(name, used)
    const holder = newId()
    if (kind !== 'visit')
      statements.push(`INSERT INTO slot_hold (id, organisation_id, clinic_id, type_id, staff_id, starts_at, ends_at, expires_at, created_at) VALUES ('${holder}', ${tenant}, '${typeId}', '${practice.staffId}',
        ${at(start)}, ${at(start + length)}, '${NOW.toISOString()}'::timestamptz ${kind === 'hold' ? '+' : '-'} interval '1 minute', '2027-01-01')`)
    statements.push(`INSERT INTO resource_claim (organisation_id, clinic_id, ${kind === 'visit' ? 'appointment_id' : 'hold_id'}, resource_id, ${column(name)}, lane, during)
      VALUES (${tenant}, '${holder}', '${id(name)}', '${id(name)}', ${lane}, tstzrange(${at(start)}, ${at(start + length)}))`)
  }
  for (const {
    resource: name,
    span: [start, length],
  } of blocks) {
    const kind = name === 'clinic' ? 'closure' : name.includes('staff') ? 'time_off' : 'maintenance'
    statements.push(
      name === 'clinic'
        ? `INSERT INTO resource_block (organisation_id, clinic_id, resource_id, kind, starts_at, ends_at) VALUES (${tenant}, '${id(name)}', '${kind}', ${at(start)}, ${at(start + length)})`
        : `INSERT INTO resource_block (organisation_id, clinic_id, resource_id, ${column(name)}, kind, starts_at, ends_at) VALUES (${tenant}, '${id(name)}', '${id(name)}', '${kind}', ${at(start)}, ${at(start + length)})`,
    )
  }
  const sides = Object.entries(buffers).flatMap(([kind, [before, after]]) => [`${kind}_before_minutes = ${before}`, `${kind}_after_minutes = ${after}`])
  statements.push(`UPDATE appointment_type SET duration_minutes = ${duration}, ${sides.join(', ')} WHERE id = '${typeId}'`, 'COMMIT')
  await admin.query(statements.join(';\n'))
  return id
}

class Undone extends Error {}

/** Books as somebody who may not overbook, lets the constraints decide at once, and undoes it. */
async function canBook(
  { actor, practice, typeId, equipmentId }: Place,
  input: { staffId: string; roomId: string | null; hasEquipment: boolean; startsAt: Date },
): Promise<boolean> {
  const { hasEquipment, ...place } = input
  // The console's way into a transaction, with the rights of a person.
  const receptionist = { ...actor, kind: 'user', rights: new Map([['appointment:create', 'all']]) } as unknown as UserActor
  const wanted = { ...place, typeId, patientId: practice.patientId, equipmentIds: hasEquipment ? [equipmentId] : [] }
  try {
    await harness.app.asSystem(
      actor,
      'cli',
      'world',
      async (tx: Tx) => {
        // What the command leaves to be awaited by COMMIT, which never comes here.
        const required: Promise<unknown>[] = []
        await bookAppointment({ ...tx, requires: (work) => void required.push(work) }, receptionist, wanted)
        await Promise.all(required)
        await tx.query({
          name: 'constraints_now',
          text: 'SET CONSTRAINTS check_claim_open, check_appointment_claims, check_claim_of_appointment IMMEDIATE',
          values: [],
        })
        throw new Undone()
      },
      { now: () => NOW },
    )
  } catch (error) {
    if (error instanceof Undone) return true
    if (error instanceof DomainError || /RESOURCE_CLOSED|CLAIMS_MISMATCH/.test(String(error))) return false
    throw error
  }
  return false
}

const tally = { booked: 0, refused: 0 }

type Search = (actor: SystemActor, wishes: SlotWishes) => Promise<OpenSlot[]>
const search: Search = async (actor, wishes) => {
  let slots: OpenSlot[] = []
  await harness.app.asSystem(actor, 'cli', 'world', async (tx) => {
    slots = await searchSlots(tx, actor, wishes, NOW)
    return null
  })
  return slots
}

/** Placements about which the search and the constraints do not agree. */
async function disagreements(calendar: Calendar, find: Search): Promise<unknown[]> {
  const place = places[calendar.place]
  if (!place) throw new Error('no such place')
  const date = place.days[calendar.day % place.days.length] ?? ''
  const id = await write(place, date, calendar)
  const { start, end } = dayInterval(date, place.actor.clinic.timeZone)
  const found = new Map<string, Set<number>>()
  const wrong: unknown[] = []
  for (const { minute, staff, room, hasEquipment } of calendar.placements) {
    const startsAt = new Date(start.getTime() + minute * 10 * MINUTE_MS)
    if (startsAt.getTime() + calendar.duration * MINUTE_MS > end.getTime()) continue
    const key = `${staff} ${room} ${hasEquipment}`
    const open =
      found.get(key) ??
      new Set(
        (
          await find(place.actor, {
            typeId: place.typeId,
            staffIds: [id(staff)],
            roomIds: room === null ? null : [id(room)],
            equipmentKinds: hasEquipment ? ['xray'] : null,
            from: date,
            until: date,
            limit: 200,
          })
        ).map((slot) => slot.start.getTime()),
      )
    found.set(key, open)
    const isOpen = open.has(startsAt.getTime())
    const isBooked = await canBook(place, { staffId: id(staff), roomId: room === null ? null : id(room), hasEquipment, startsAt })
    tally[isBooked ? 'booked' : 'refused'] += 1
    if (isOpen !== isBooked) wrong.push({ startsAt: startsAt.toISOString(), staff, room, hasEquipment, isOpen, isBooked })
  }
  return wrong
}

describe('the search for slots and the constraints of the database', () => {
  const runs = isFullRun ? 500 : 50

  it(`agree about ${runs * PLACEMENTS} visits in random calendars of three zones, on days of DST change too`, async () => {
    await fc.assert(
      fc.asyncProperty(calendars, async (calendar) => {
        expect(await disagreements(calendar, search)).toEqual([])
      }),
      { numRuns: runs },
    )
    // Neither answer may be the only one that was tried.
    expect(Math.min(tally.booked, tally.refused)).toBeGreaterThan(runs)
  }, 600_000)

  it.each<[string, (wishes: SlotWishes) => SlotWishes]>([
    ['rooms', (wishes) => ({ ...wishes, roomIds: null })],
    ['equipment', (wishes) => ({ ...wishes, equipmentKinds: null })],
    ['the length of a visit', (wishes) => ({ ...wishes, durationMinutes: 5 })],
  ])(
    'planted: a search that forgets %s is caught',
    async (_what, forget) => {
      const careless: Search = (actor, wishes) => search(actor, forget(wishes))
      const outcome = await fc.check(
        fc.asyncProperty(calendars, async (calendar) => (await disagreements(calendar, careless)).length === 0),
        { numRuns: 60, endOnFailure: true },
      )
      expect(outcome.failed).toBe(true)
    },
    120_000,
  )
})
