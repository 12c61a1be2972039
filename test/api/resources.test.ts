import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bookAppointment } from '../../modules/scheduling/index.ts'
import { paramsOf } from '../operations.ts'
import { actorOf, type Desk, MOVE, openDesk, STEP } from '../scheduling-desk.ts'
import { addAppointmentType, addEquipment, addRoom } from '../world-scheduling.ts'
import { addHours, addStaff } from '../world-staff.ts'

const ERRORS = '... on Error { code message params { name value } }'
const CONFLICT = '... on SlotTaken { resourceId resourceKind resourceName reason startsAt endsAt nextSlots }'
const NEEDS = '... on RequirementsNotMet { positions roomKinds equipmentKinds }'
const VISIT = 'id version startsAt endsAt status origin isOverbooked room { id } equipment { id name kind }'
const BOOK = `mutation Book($input: BookAppointmentInput!) { bookAppointment(input: $input) { __typename ... on Appointment { ${VISIT} } ${CONFLICT} ${NEEDS} ${ERRORS} } }`
const CREATE_TYPE = `mutation CreateType($input: CreateAppointmentTypeInput!) { createAppointmentType(input: $input) { __typename
  ... on AppointmentType { id version positions roomKinds equipmentKinds isOnline staffBuffer { before after } roomBuffer { before after } equipmentBuffer { before after } } ${ERRORS} } }`
const UPDATE_TYPE = `mutation UpdateType($input: UpdateAppointmentTypeInput!) { updateAppointmentType(input: $input) { __typename
  ... on AppointmentType { positions roomBuffer { before after } staffBuffer { before after } } ${ERRORS} } }`
const EQUIPMENT = 'query Equipment($all: Boolean! = false) { equipment(includeArchived: $all) { id name kind serialNumber position isArchived version } }'
const CREATE_EQUIPMENT = `mutation Create($input: CreateEquipmentInput!) { createEquipment(input: $input) { __typename ... on Equipment { id name kind version } ${ERRORS} } }`
const UPDATE_EQUIPMENT = `mutation Update($input: UpdateEquipmentInput!) { updateEquipment(input: $input) { __typename ... on Equipment { id name kind serialNumber isArchived version } ${ERRORS} } }`
const HOLD = `mutation Hold($input: HoldSlotInput!) { holdSlot(input: $input) { __typename ... on SlotHold { id startsAt endsAt expiresAt purpose staffId roomId equipmentIds type { id } } ${CONFLICT} ${NEEDS} ${ERRORS} } }`
const RELEASE = `mutation Release($id: UUID!) { releaseHold(id: $id) { __typename ... on ReleasedHold { id } ${ERRORS} } }`
const OPEN = 'query Open($input: OpenSlotsInput!) { openSlots(input: $input) { startsAt endsAt staff { id } room { id } equipment { id } } }'
const WHY = `query Why($input: ExplainSlotInput!) { explainSlot(input: $input) { isOpen obstacles { reason resourceKind resourceName startsAt endsAt } nextSlots { startsAt } } }`
const DAY = `query Day($date: LocalDate!) { daySchedule(date: $date) { equipment { id } blocks { id kind title startsAt endsAt staffId roomId equipmentId } holds { id staffId } } }`

let desk: Desk
let xrayId: string
let imagingId: string
let typeId: string

beforeAll(async () => {
  desk = await openDesk()
  const actor = actorOf(desk.org)
  xrayId = await addEquipment(desk.harness.app, actor, { name: 'X-ray one' })
  imagingId = await addRoom(desk.harness.app, actor, { name: 'Imaging', kind: 'imaging' })
  const type = await desk.ask(CREATE_TYPE, { input: imaging }, { role: 'owner' })
  expect(type).toMatchObject({ __typename: 'AppointmentType', version: 1 })
  typeId = type.id
})
beforeEach(() => desk.nextWeek())
afterAll(() => desk[Symbol.asyncDispose]())

const imaging = {
  code: 'imaging',
  name: 'Imaging',
  durationMinutes: 30,
  positions: ['veterinarian', 'assistant'],
  roomKinds: ['imaging'],
  equipmentKinds: ['xray'],
  roomBuffer: { before: 0, after: 10 },
  equipmentBuffer: { before: 5, after: 15 },
}
const booked = (time: string, input: object = {}, caller = {}) =>
  desk.ask(BOOK, { input: desk.booking(time, { typeId, roomId: imagingId, equipmentIds: [xrayId], ...input }) }, caller)
/** Closes a time behind the API, as time off, maintenance and closures do in their transactions. */
const close = (kind: string, column: 'staff_id' | 'room_id' | 'equipment_id' | null, resourceId: string, from: string, until: string) =>
  desk.harness.app.asSystem(actorOf(desk.org), 'cli', 'world', async (tx) => {
    const { organisationId, clinic } = actorOf(desk.org)
    const [block] = await tx.query<{ id: string }>({
      name: `close ${column}`,
      text: `INSERT INTO resource_block (organisation_id, clinic_id, resource_id, kind, starts_at, ends_at, title${column ? `, ${column}` : ''})
        VALUES ($1::uuid, $2::uuid, $3::uuid, $4, $5::timestamptz, $6::timestamptz, 'Closed'${column ? ', $3::uuid' : ''}) RETURNING id`,
      values: [organisationId, clinic.id, resourceId, kind, desk.at(from), desk.at(until)],
    })
    tx.changes('ResourceBlock', [block?.id ?? ''], ['kind'])
    return block?.id ?? ''
  })

describe('equipment', () => {
  it('is kept by administrators, archived and found again', async () => {
    const made = await desk.ask(CREATE_EQUIPMENT, { input: { name: 'Ultrasound', kind: 'ultrasound', position: 3 } }, { role: 'owner' })
    expect(made).toMatchObject({ __typename: 'Equipment', kind: 'ultrasound', version: 1 })
    expect((await desk.ask(CREATE_EQUIPMENT, { input: { name: 'Ultrasound', kind: 'other' } }, { role: 'owner' })).code).toBe('ALREADY_EXISTS')
    expect((await desk.ask(CREATE_EQUIPMENT, { input: { name: 'Saw', kind: 'saw' } }, { role: 'owner' })).code).toBe('INVALID_INPUT')
    const changed = await desk.ask(UPDATE_EQUIPMENT, { input: { id: made.id, version: 1, serialNumber: 'U-77', isArchived: true } }, { role: 'owner' })
    expect(changed).toMatchObject({ serialNumber: 'U-77', isArchived: true, version: 2 })
    expect((await desk.ask(UPDATE_EQUIPMENT, { input: { id: made.id, version: 1, name: 'Old' } }, { role: 'owner' })).code).toBe('STALE_VERSION')
    const idsOf = (pieces: { id: string }[]) => pieces.map(({ id }) => id)
    expect(idsOf(await desk.ask(EQUIPMENT, {}))).not.toContain(made.id)
    expect(idsOf(await desk.ask(EQUIPMENT, { all: true }))).toContain(made.id)
    expect(idsOf(await desk.ask(EQUIPMENT, { all: true }, { clinic: 1 }))).not.toContain(made.id)
    expect((await booked('10:00', { equipmentIds: [xrayId, made.id] })).code).toBe('NOT_FOUND')
  })

  it('is taken by one visit at a time, with its buffer, and the refusal names it', async () => {
    const first = await booked('10:00')
    expect(first).toMatchObject({
      __typename: 'Appointment',
      origin: 'DESK',
      equipment: [{ id: xrayId, name: 'X-ray one', kind: 'xray' }],
      room: { id: imagingId },
    })
    const other = { staffId: desk.here.otherStaffId, typeId: desk.here.typeId, roomId: null }
    expect(await booked('10:30', other)).toMatchObject({
      __typename: 'SlotTaken',
      resourceId: xrayId,
      resourceKind: 'EQUIPMENT',
      resourceName: 'X-ray one',
      reason: 'VISIT',
      startsAt: desk.at('09:55'),
      endsAt: desk.at('10:45'),
      nextSlots: [desk.at('10:50'), desk.at('11:00'), desk.at('11:10')],
    })
    expect(await booked('10:50', other)).toMatchObject({ __typename: 'Appointment' })
    expect(await booked('10:30', { ...other, equipmentIds: [] })).toMatchObject({ __typename: 'Appointment', equipment: [] })
  })

  it('moves with its visit, is given up with it, and comes back with it', async () => {
    const visit = await booked('12:00')
    const moved = await desk.ask(MOVE, { input: { id: visit.id, version: 1, startsAt: desk.at('13:00') } })
    expect(moved).toMatchObject({ __typename: 'Appointment', startsAt: desk.at('13:00') })
    const claims = () =>
      desk.withAdmin(async (admin) => (await admin.query('SELECT resource_id FROM resource_claim WHERE appointment_id = $1 ORDER BY 1', [visit.id])).rows)
    expect(await claims()).toHaveLength(3)
    await desk.ask(STEP, { input: { id: visit.id, version: 2, status: 'NO_SHOW' } })
    expect(await claims()).toEqual([])
    const back = await desk.ask(STEP, { input: { id: visit.id, version: 3, status: 'SCHEDULED' } })
    expect(back.__typename).toBe('Appointment')
    expect(await claims()).toHaveLength(3)
    const without = await desk.ask(MOVE, { input: { id: visit.id, version: 4, startsAt: desk.at('13:00'), equipmentIds: [] } })
    expect(without).toMatchObject({ code: 'REQUIREMENTS_NOT_MET' })
  })
})

describe('what a type of visit needs', () => {
  it('is refused in one answer that names all of it', async () => {
    const groomer = await addStaff(desk.harness.app, actorOf(desk.org), { position: 'groomer' })
    await addHours(desk.harness.app, actorOf(desk.org), groomer)
    expect(await booked('10:00', { staffId: groomer, roomId: desk.here.roomId, equipmentIds: [] })).toMatchObject({
      __typename: 'RequirementsNotMet',
      code: 'REQUIREMENTS_NOT_MET',
      positions: ['veterinarian', 'assistant'],
      roomKinds: ['imaging'],
      equipmentKinds: ['xray'],
    })
    expect(await booked('10:00', { roomId: null })).toMatchObject({ roomKinds: ['imaging'], positions: [], equipmentKinds: [] })
  })

  it('can be changed, and takes known kinds and bounded buffers alone', async () => {
    const changed = await desk.ask(
      UPDATE_TYPE,
      { input: { id: desk.here.typeId, version: 1, positions: ['veterinarian', 'veterinarian'], staffBuffer: { before: 5, after: 0 } } },
      { role: 'owner' },
    )
    expect(changed).toMatchObject({ positions: ['veterinarian'], staffBuffer: { before: 5, after: 0 }, roomBuffer: { before: 0, after: 0 } })
    const wrong = { id: desk.here.typeId, version: 2, positions: ['wizard'], roomKinds: ['attic'], roomBuffer: { before: 0, after: 241 } }
    expect((await desk.ask(UPDATE_TYPE, { input: wrong }, { role: 'owner' })).code).toBe('INVALID_INPUT')
    const back = { id: desk.here.typeId, version: 2, positions: [], staffBuffer: { before: 0, after: 0 } }
    expect((await desk.ask(UPDATE_TYPE, { input: back }, { role: 'owner' })).positions).toEqual([])
  })

  it('keeps the buffer of a person inside their hours', async () => {
    const type = await desk.ask(
      CREATE_TYPE,
      { input: { code: 'prepared', name: 'Prepared', durationMinutes: 20, staffBuffer: { before: 10, after: 0 } } },
      { role: 'owner' },
    )
    const early = desk.booking('09:00', { typeId: type.id, roomId: null })
    expect((await desk.ask(BOOK, { input: early })).code).toBe('OUTSIDE_SHIFT')
    expect((await desk.ask(BOOK, { input: { ...early, startsAt: desk.at('09:10') } })).__typename).toBe('Appointment')
  })
})

describe('a closed time', () => {
  it.each([
    ['time off', 'time_off', 'staff_id', () => desk.here.staffId, 'STAFF', 'TIME_OFF'],
    ['maintenance of a room', 'maintenance', 'room_id', () => imagingId, 'ROOM', 'MAINTENANCE'],
    ['maintenance of equipment', 'maintenance', 'equipment_id', () => xrayId, 'EQUIPMENT', 'MAINTENANCE'],
    ['a closure', 'closure', null, () => actorOf(desk.org).clinic.id, 'CLINIC', 'CLOSURE'],
  ] as const)('of %s refuses a visit, says until when and offers the next slots', async (_name, kind, column, resource, resourceKind, reason) => {
    await close(kind, column, resource(), '10:00', '12:00')
    expect(await booked('11:40')).toMatchObject({ __typename: 'SlotTaken', resourceKind, reason, startsAt: desk.at('10:00'), endsAt: desk.at('12:00') })
    const refused = await booked('09:50')
    expect(refused.nextSlots).toHaveLength(3)
    expect(refused.nextSlots[0] >= desk.at('12:00')).toBe(true)
    expect((await booked('12:10')).__typename).toBe('Appointment')
  })

  it('is seen on the day, and leaves visits that were booked before where they are', async () => {
    const visit = await booked('10:00')
    const id = await close('time_off', 'staff_id', desk.here.staffId, '09:00', '17:00')
    const day = await desk.ask(DAY, { date: desk.dateOf() })
    expect(day.blocks).toEqual([
      {
        id,
        kind: 'TIME_OFF',
        title: 'Closed',
        startsAt: desk.at('09:00'),
        endsAt: desk.at('17:00'),
        staffId: desk.here.staffId,
        roomId: null,
        equipmentId: null,
      },
    ])
    expect(day.equipment.map((piece: { id: string }) => piece.id)).toContain(xrayId)
    expect((await desk.ask(STEP, { input: { id: visit.id, version: 1, status: 'CHECKED_IN' } })).__typename).toBe('Appointment')
  })

  it('is booked into on purpose with the right and a reason, and the visit is marked', async () => {
    await close('closure', null, actorOf(desk.org).clinic.id, '10:00', '12:00')
    expect(await booked('10:30', { overbookReason: 'Emergency' }, { role: 'veterinarian' })).toMatchObject({ __typename: 'Appointment', isOverbooked: true })
    expect((await booked('11:20', { overbookReason: 'Emergency' })).code).toBe('NOT_PERMITTED')
  })

  /** Waits until somebody else's transaction waits for a lock that closing and booking share. */
  const untilBlocked = () =>
    desk.withAdmin(async (admin) => {
      await expect
        .poll(async () => (await admin.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")).rowCount, { timeout: 10_000 })
        .toBe(1)
    })

  it('that commits while a visit is being booked refuses it', async () => {
    const { staffId } = desk.here
    const closing = await desk.withAdmin(async (admin) => {
      // As the trigger does, which is off with the others.
      await admin.query(`BEGIN; SET LOCAL session_replication_role = replica; SELECT pg_advisory_xact_lock(hashtextextended('${staffId}', 1));
        INSERT INTO resource_block (organisation_id, clinic_id, resource_id, staff_id, kind, starts_at, ends_at)
        VALUES ('${actorOf(desk.org).organisationId}', '${actorOf(desk.org).clinic.id}', '${staffId}', '${staffId}', 'time_off', '${desk.at('10:00')}', '${desk.at('12:00')}')`)
      const booking = booked('10:30')
      await untilBlocked()
      await admin.query('COMMIT')
      return booking
    })
    expect(closing).toMatchObject({ __typename: 'SlotTaken', reason: 'TIME_OFF', startsAt: desk.at('10:00') })
  })

  it('that comes while a visit is being committed waits, and sees it', async () => {
    const actor = actorOf(desk.org)
    const { staffId, patientId } = desk.here
    let closing: Promise<{ seen: string[] }> | null = null
    const visitId = await desk.harness.app.asSystem(actor, 'cli', 'world', async (tx) => {
      const { id } = await bookAppointment(tx, actor, { patientId, typeId: desk.here.typeId, staffId, startsAt: new Date(desk.at('10:30')) })
      await tx.query({ name: 'check_open', text: 'SET CONSTRAINTS check_claim_open IMMEDIATE', values: [] })
      closing = closeAndLook()
      await untilBlocked()
      return id
    })
    expect(await closing).toEqual({ seen: [visitId] })
  })

  const closeAndLook = () =>
    desk.harness.app.asSystem(actorOf(desk.org), 'cli', 'world', async (tx) => {
      const { organisationId, clinic } = actorOf(desk.org)
      const [block] = await tx.query<{ id: string }>({
        name: 'close_day',
        text: `INSERT INTO resource_block (organisation_id, clinic_id, resource_id, staff_id, kind, starts_at, ends_at)
          VALUES ($1::uuid, $2::uuid, $3::uuid, $3::uuid, 'time_off', $4::timestamptz, $5::timestamptz) RETURNING id`,
        values: [organisationId, clinic.id, desk.here.staffId, desk.at('10:00'), desk.at('12:00')],
      })
      tx.changes('ResourceBlock', [block?.id ?? ''], ['kind'])
      const seen = await tx.query<{ id: string }>({
        name: 'look',
        text: 'SELECT id FROM appointment WHERE staff_id = $1::uuid AND starts_at < $3::timestamptz AND ends_at > $2::timestamptz',
        values: [desk.here.staffId, desk.at('10:00'), desk.at('12:00')],
      })
      return { seen: seen.map(({ id }) => id) }
    })

  it('refuses a claim even behind the product, whichever of the two commits last', async () => {
    const actor = actorOf(desk.org)
    await close('maintenance', 'room_id', imagingId, '10:00', '12:00')
    const missed = desk.harness.app.asSystem(actor, 'cli', 'world', async (tx) => {
      const { id } = await bookAppointment(tx, actor, {
        patientId: desk.here.patientId,
        typeId: desk.here.typeId,
        staffId: desk.here.staffId,
        startsAt: new Date(desk.at('10:30')),
      })
      await tx.query({
        name: 'sneak',
        text: `WITH moved AS (UPDATE appointment SET room_id = $2::uuid WHERE id = $1::uuid RETURNING clinic_id, organisation_id)
          INSERT INTO resource_claim (organisation_id, clinic_id, appointment_id, resource_id, room_id, during)
          SELECT organisation_id, clinic_id, $1::uuid, $2::uuid, $2::uuid, tstzrange($3::timestamptz, $4::timestamptz) FROM moved`,
        values: [id, imagingId, desk.at('10:30'), desk.at('10:50')],
      })
      return id
    })
    await expect(missed).rejects.toThrow(/RESOURCE_CLOSED|does not answer|UNAVAILABLE|serializ/i)
  })
})

describe('a kept slot', () => {
  const hold = (time: string, input: object = {}) => {
    const { patientId: _patient, ...slot } = desk.booking(time, { typeId, roomId: imagingId, equipmentIds: [xrayId], ...input })
    return desk.ask(HOLD, { input: slot })
  }

  it('refuses others, is seen on the day, and becomes the visit', async () => {
    const kept = await hold('10:00', { minutes: 15 })
    expect(kept).toMatchObject({
      __typename: 'SlotHold',
      startsAt: desk.at('10:00'),
      endsAt: desk.at('10:30'),
      purpose: 'desk',
      equipmentIds: [xrayId],
      roomId: imagingId,
      type: { id: typeId },
    })
    expect(Date.parse(kept.expiresAt) - Date.now()).toBeGreaterThan(13 * 60_000)
    expect(await booked('10:10', { staffId: desk.here.otherStaffId })).toMatchObject({ __typename: 'SlotTaken', reason: 'HOLD' })
    expect((await desk.ask(DAY, { date: desk.dateOf() })).holds).toEqual([{ id: kept.id, staffId: desk.here.staffId }])
    expect(await booked('10:00', { holdId: kept.id })).toMatchObject({ __typename: 'Appointment' })
    expect((await desk.ask(DAY, { date: desk.dateOf() })).holds).toEqual([])
    expect((await booked('14:00', { holdId: kept.id })).code).toBe('HOLD_EXPIRED')
  })

  it('gives way to the visit that it is kept for alone, and stays where it does not', async () => {
    const kept = await hold('10:00', { minutes: 15 })
    const other = await addAppointmentType(desk.harness.app, actorOf(desk.org), { roomKinds: ['imaging'], equipmentKinds: ['xray'] })
    const refused = async (time: string, input: object) => {
      const answer = await booked(time, { holdId: kept.id, ...input })
      return [answer.__typename, paramsOf(answer).difference]
    }
    expect(await refused('10:00', { typeId: other })).toEqual(['HoldMismatch', 'type'])
    expect(await refused('14:00', {})).toEqual(['HoldMismatch', 'time'])
    expect(await refused('10:00', { durationMinutes: 45 })).toEqual(['HoldMismatch', 'time'])
    expect(await refused('10:00', { staffId: desk.here.otherStaffId })).toEqual(['HoldMismatch', 'staff'])
    expect((await desk.ask(DAY, { date: desk.dateOf() })).holds.map(({ id }: { id: string }) => id)).toEqual([kept.id])
    expect(await booked('10:00', { holdId: kept.id })).toMatchObject({ __typename: 'Appointment' })
    const plain = { typeId: desk.here.typeId, roomId: desk.here.roomId, equipmentIds: [] }
    const { id: holdId } = await hold('12:00', plain)
    expect((await booked('12:00', { ...plain, holdId, roomId: desk.here.otherRoomId })).__typename).toBe('HoldMismatch')
    expect((await booked('12:00', { ...plain, holdId })).__typename).toBe('Appointment')
  })

  it('is let go once', async () => {
    const kept = await hold('10:00')
    expect(await desk.ask(RELEASE, { id: kept.id })).toEqual({ __typename: 'ReleasedHold', id: kept.id })
    expect((await desk.ask(RELEASE, { id: kept.id })).code).toBe('NOT_FOUND')
    expect((await booked('10:00')).__typename).toBe('Appointment')
  })

  it('gives way once it has expired at a sister clinic', async () => {
    await addHours(desk.harness.app, actorOf(desk.org, 1), desk.here.staffId, { start: '18:00', end: '20:00' })
    const { patientId: _patient, ...slot } = desk.booking('18:00', { typeId: desk.there.typeId, roomId: null, minutes: 1 })
    const kept = await desk.ask(HOLD, { input: slot }, { clinic: 1 })
    expect(kept.__typename).toBe('SlotHold')
    const own = { typeId: desk.here.typeId, roomId: null, equipmentIds: [], overbookReason: null }
    const late = { input: desk.booking('18:00', own) }
    expect(await desk.ask(BOOK, late, { role: 'veterinarian' })).toMatchObject({ __typename: 'SlotTaken', reason: 'HOLD' })
    await desk.withAdmin((admin) =>
      admin.query(
        `BEGIN; SET LOCAL session_replication_role = replica; UPDATE slot_hold SET created_at = '2020-01-01', expires_at = '2020-01-02' WHERE id = '${kept.id}'; COMMIT`,
      ),
    )
    expect(await desk.ask(BOOK, late, { role: 'veterinarian' })).toMatchObject({ __typename: 'Appointment' })
  })

  it('gives way once it has expired', async () => {
    const kept = await hold('10:00', { minutes: 1 })
    await desk.withAdmin((admin) =>
      admin.query(
        `BEGIN; SET LOCAL session_replication_role = replica; UPDATE slot_hold SET created_at = '2020-01-01', expires_at = '2020-01-02' WHERE id = '${kept.id}'; COMMIT`,
      ),
    )
    expect((await desk.ask(DAY, { date: desk.dateOf() })).holds).toEqual([])
    expect(await booked('10:00')).toMatchObject({ __typename: 'Appointment' })
    expect(await desk.withAdmin(async (admin) => (await admin.query('SELECT id FROM slot_hold WHERE id = $1', [kept.id])).rows)).toEqual([])
  })

  it('is refused like a visit where one cannot be', async () => {
    expect(await hold('10:00', { equipmentIds: [] })).toMatchObject({ code: 'REQUIREMENTS_NOT_MET' })
    expect(await hold('07:00')).toMatchObject({ code: 'OUTSIDE_SHIFT' })
    await booked('10:00')
    expect(await hold('10:10')).toMatchObject({
      __typename: 'SlotTaken',
      reason: 'VISIT',
      nextSlots: [desk.at('10:50'), expect.any(String), expect.any(String)],
    })
  })
})

describe('a search for open slots', () => {
  const search = (input: object, caller = {}) => desk.ask(OPEN, { input: { typeId, from: desk.dateOf(), until: desk.dateOf(), ...input } }, caller)
  const startsOf = (slots: { startsAt: string }[]) => slots.map(({ startsAt }) => startsAt)

  it('answers who, where and with what, in order of time', async () => {
    await booked('09:00')
    const slots = await search({ limit: 2 })
    expect(slots).toEqual([
      { startsAt: desk.at('09:50'), endsAt: desk.at('10:20'), staff: { id: expect.any(String) }, room: { id: imagingId }, equipment: [{ id: xrayId }] },
      expect.objectContaining({ startsAt: desk.at('10:00') }),
    ])
  })

  it('takes anybody who is qualified, or the people who are named', async () => {
    await booked('09:00', { typeId: desk.here.typeId, equipmentIds: [], roomId: null })
    const [first] = await search({ limit: 1 })
    expect(first).toMatchObject({ startsAt: desk.at('09:00'), staff: { id: desk.here.otherStaffId } })
    const [named] = await search({ limit: 1, staffIds: [desk.here.staffId] })
    expect(named).toMatchObject({ startsAt: desk.at('09:20'), staff: { id: desk.here.staffId } })
  })

  it('keeps to weekdays and times of day, over several weeks', async () => {
    const until = new Date(Date.parse(desk.dateOf()) + 20 * 86_400_000).toISOString().slice(0, 10)
    const slots = await search({ until, weekdays: [2], earliest: '10:00', latest: '11:00', limit: 200 })
    expect(startsOf(slots)).toEqual([1, 8, 15].flatMap((day) => [0, 10, 20, 30].map((minute) => desk.at(`10:${String(minute).padStart(2, '0')}`, day))))
  })

  it('is refused when it asks for too much or nonsense', async () => {
    const code = async (input: object) =>
      (await desk.call(OPEN, { input: { typeId, from: '2027-03-02', until: '2027-03-02', ...input } })).body.errors?.[0]?.extensions?.code
    expect(await code({ until: '2027-03-01' })).toBe('INVALID_INPUT')
    expect(await code({ until: '2027-05-03' })).toBe('INVALID_INPUT')
    expect(await code({ limit: 201 })).toBe('INVALID_INPUT')
    expect(await code({ earliest: '12:00', latest: '12:00' })).toBe('INVALID_INPUT')
    expect(await code({ typeId: desk.abroad.typeId })).toBe('NOT_FOUND')
  })
})

describe('"why not?"', () => {
  const explain = (time: string, input: object = {}) => desk.ask(WHY, { input: { typeId, startsAt: desk.at(time), ...input } })

  it('is answered with nothing for an open slot', async () => {
    expect(await explain('10:00')).toMatchObject({ isOpen: true, obstacles: [] })
  })

  it('names every candidate of a need that nothing meets, and the next slots', async () => {
    await booked('10:00')
    const answer = await explain('10:10')
    expect(answer.isOpen).toBe(false)
    expect(answer.obstacles).toEqual([
      { reason: 'VISIT', resourceKind: 'ROOM', resourceName: 'Imaging', startsAt: desk.at('10:00'), endsAt: desk.at('10:40') },
      { reason: 'VISIT', resourceKind: 'EQUIPMENT', resourceName: 'X-ray one', startsAt: desk.at('09:55'), endsAt: desk.at('10:45') },
    ])
    expect(answer.nextSlots[0]).toEqual({ startsAt: desk.at('10:50') })
  })

  it('knows hours, closures, qualification, the grid and the past', async () => {
    const reasons = async (time: string, input: object = {}) => new Set((await explain(time, input)).obstacles.map(({ reason }: { reason: string }) => reason))
    expect(await reasons('07:00')).toEqual(new Set(['OUTSIDE_SHIFT']))
    expect(await reasons('10:05')).toEqual(new Set(['OFF_GRID']))
    const groomer = await addStaff(desk.harness.app, actorOf(desk.org), { position: 'groomer' })
    const idle = await addStaff(desk.harness.app, actorOf(desk.org), { isBookable: false })
    expect(await reasons('10:00', { staffIds: [groomer] })).toEqual(new Set(['NOT_QUALIFIED']))
    expect(await reasons('10:00', { staffIds: [idle] })).toEqual(new Set(['NOT_BOOKABLE']))
    expect(await reasons('10:00', { equipmentKinds: ['laser'] })).toEqual(new Set(['NONE_THERE']))
    await close('closure', null, actorOf(desk.org).clinic.id, '10:00', '12:00')
    expect((await explain('11:00')).obstacles).toEqual([
      { reason: 'CLOSURE', resourceKind: 'CLINIC', resourceName: 'alfa 1', startsAt: desk.at('10:00'), endsAt: desk.at('12:00') },
    ])
    const past = await desk.ask(WHY, { input: { typeId, startsAt: '2024-01-02T16:00:00.000Z' } })
    expect(past.obstacles.map(({ reason }: { reason: string }) => reason)).toContain('PAST')
  })
})
