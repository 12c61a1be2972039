import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../modules/kernel/ids.ts'
import { APPOINTMENT_BY_ID, actorOf, BOOK, CANCEL, type Desk, MOVE, openDesk, paramsOf, STEP, UPDATE_ROOM, UPDATE_TYPE } from '../scheduling-desk.ts'
import { findDisagreements } from '../trail.ts'
import { addAppointmentType, addRoom } from '../world-scheduling.ts'
import { addHours, addStaff } from '../world-staff.ts'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
beforeEach(() => desk.nextWeek())
afterAll(() => desk[Symbol.asyncDispose]())

async function claimsOf(appointmentId: string) {
  return desk.withAdmin(async (client) => {
    const { rows } = await client.query(
      'SELECT resource_id, lane, lower(during) AS starts_at, upper(during) AS ends_at FROM resource_claim WHERE appointment_id = $1 ORDER BY resource_id',
      [appointmentId],
    )
    return rows
  })
}

describe('booking', () => {
  it('answers the visit, as long as its type unless another length is asked for', async () => {
    expect(await desk.book('10:00', { reason: 'Vomits since Friday' })).toMatchObject({
      __typename: 'Appointment',
      startsAt: desk.at('10:00'),
      endsAt: desk.at('10:20'),
      status: 'SCHEDULED',
      reason: 'Vomits since Friday',
      version: 1,
      isOverbooked: false,
      patient: { id: desk.here.patientId },
      type: { id: desk.here.typeId },
      staff: { id: desk.here.staffId },
      room: { id: desk.here.roomId },
    })
    expect(await desk.book('11:00', { durationMinutes: 45, roomId: null })).toMatchObject({ endsAt: desk.at('11:45'), room: null })
  })

  it('allows visits back to back', async () => {
    expect(await desk.book('10:00')).toMatchObject({ __typename: 'Appointment' })
    expect(await desk.book('10:20')).toMatchObject({ __typename: 'Appointment' })
    expect(await desk.book('09:40')).toMatchObject({ __typename: 'Appointment' })
  })

  it('refuses a person who is taken, and names what is in the way and the next free times', async () => {
    await desk.book('10:00', { durationMinutes: 30 })
    const refused = await desk.book('10:10', { roomId: desk.here.otherRoomId })
    expect(refused).toMatchObject({
      __typename: 'SlotTaken',
      code: 'SLOT_TAKEN',
      resourceId: desk.here.staffId,
      resourceKind: 'STAFF',
      startsAt: desk.at('10:00'),
      endsAt: desk.at('10:30'),
      nextSlots: [desk.at('10:30'), desk.at('10:40'), desk.at('10:50')],
    })
    expect(refused.resourceName).toMatch(/^Staff/)
    expect(paramsOf(refused)).toEqual({
      resourceId: desk.here.staffId,
      resourceKind: 'staff',
      reason: 'visit',
      startsAt: desk.at('10:00'),
      endsAt: desk.at('10:30'),
    })
  })

  it('refuses a room that is taken, and offers times at which the person is free too', async () => {
    await desk.book('10:00', { durationMinutes: 30 })
    await desk.book('10:30', { staffId: desk.here.otherStaffId, roomId: null })
    expect(await desk.book('10:00', { staffId: desk.here.otherStaffId })).toMatchObject({
      __typename: 'SlotTaken',
      resourceId: desk.here.roomId,
      resourceKind: 'ROOM',
      resourceName: expect.stringMatching(/^Room/),
      nextSlots: [desk.at('10:50'), desk.at('11:00'), desk.at('11:10')],
    })
  })

  it('leaves nothing behind when it is refused', async () => {
    await desk.book('10:00')
    const count = () =>
      desk.withAdmin(
        async (client) => (await client.query('SELECT (SELECT count(*) FROM appointment) AS visits, (SELECT count(*) FROM resource_claim) AS claims')).rows[0],
      )
    const before = await count()
    expect(await desk.book('10:00', { staffId: desk.here.otherStaffId })).toMatchObject({ __typename: 'SlotTaken' })
    expect(await count()).toEqual(before)
  })

  it('offers times of the following days when the rest of the day does not fit, and none to somebody without hours', async () => {
    await desk.book('16:40')
    expect((await desk.book('16:40')).nextSlots).toEqual([desk.at('09:00', 1), desk.at('09:10', 1), desk.at('09:20', 1)])
    const idle = await addStaff(desk.harness.app, actorOf(desk.org))
    await desk.book('12:00', { staffId: idle, roomId: null }, { role: 'veterinarian' })
    expect(await desk.book('12:00', { staffId: idle, roomId: null }, { role: 'veterinarian' })).toMatchObject({ __typename: 'SlotTaken', nextSlots: [] })
  })

  it('keeps a person to one place over all clinics, showing the interval alone of a visit elsewhere', async () => {
    const shared = await addStaff(desk.harness.app, actorOf(desk.org))
    await addHours(desk.harness.app, actorOf(desk.org), shared, { start: '09:00', end: '13:00' })
    await addHours(desk.harness.app, actorOf(desk.org, 1), shared, { start: '13:00', end: '17:00' })
    const input = { ...desk.booking('12:50'), patientId: desk.there.patientId, typeId: desk.there.typeId, staffId: shared, roomId: null, durationMinutes: 20 }
    expect(await desk.ask(BOOK, { input }, { role: 'veterinarian', clinic: 1 })).toMatchObject({ __typename: 'Appointment' })
    expect(await desk.book('12:40', { staffId: shared, roomId: null })).toMatchObject({
      __typename: 'SlotTaken',
      resourceId: shared,
      resourceName: null,
      startsAt: desk.at('12:50'),
      endsAt: desk.at('13:10'),
      nextSlots: [desk.at('09:00', 1), desk.at('09:10', 1), desk.at('09:20', 1)],
    })
  })

  it('is refused outside the hours of the person, unless the caller may overbook', async () => {
    expect(await desk.book('16:50')).toMatchObject({ __typename: 'OutsideShift', code: 'OUTSIDE_SHIFT' })
    expect(paramsOf(await desk.book('08:50'))).toEqual({ staffId: desk.here.staffId, startsAt: desk.at('08:50'), endsAt: desk.at('09:10') })
    expect(await desk.book('09:00', { startsAt: desk.at('10:00', 6) })).toMatchObject({ __typename: 'OutsideShift' })
    expect(await desk.book('16:40')).toMatchObject({ __typename: 'Appointment', endsAt: desk.at('17:00') })
    expect(await desk.book('22:00', {}, { role: 'veterinarian' })).toMatchObject({ __typename: 'Appointment', isOverbooked: false })
  })

  it('is refused for people who take no visits that day', async () => {
    const groomer = await addStaff(desk.harness.app, actorOf(desk.org), { isBookable: false })
    const leaving = await addStaff(desk.harness.app, actorOf(desk.org), { terminatedOn: desk.dateOf() })
    await addHours(desk.harness.app, actorOf(desk.org), leaving)
    expect(await desk.book('10:00', { staffId: groomer })).toMatchObject({ __typename: 'StaffNotBookable', code: 'STAFF_NOT_BOOKABLE' })
    expect(await desk.book('10:00', { staffId: leaving })).toMatchObject({ __typename: 'Appointment' })
    expect(paramsOf(await desk.book('10:00', { staffId: leaving, startsAt: desk.at('10:00', 1) }))).toEqual({ staffId: leaving })
  })

  it('finds nothing that belongs elsewhere or is archived', async () => {
    const archivedRoom = await addRoom(desk.harness.app, actorOf(desk.org))
    await desk.ask(UPDATE_ROOM, { input: { id: archivedRoom, version: 1, isArchived: true } }, { role: 'clinic_admin' })
    const archivedType = await addAppointmentType(desk.harness.app, actorOf(desk.org))
    await desk.ask(UPDATE_TYPE, { input: { id: archivedType, version: 1, isArchived: true } }, { role: 'manager' })
    const cases: [string, object][] = [
      ['Patient', { patientId: desk.abroad.patientId }],
      ['Patient', { patientId: newId() }],
      ['AppointmentType', { typeId: desk.abroad.typeId }],
      ['AppointmentType', { typeId: archivedType }],
      ['StaffProfile', { staffId: desk.abroad.staffId }],
      ['Room', { roomId: desk.there.roomId }],
      ['Room', { roomId: archivedRoom }],
    ]
    for (const [type, input] of cases) expect(paramsOf(await desk.book('10:00', input)), type).toEqual({ type })
  })

  it('names what is wrong with the input', async () => {
    const cases: [string, object][] = [
      ['startsAt', { startsAt: '2027-03-01T16:00:30Z' }],
      ['startsAt', { startsAt: '1850-03-01T16:00:00Z' }],
      ['durationMinutes', { durationMinutes: 4 }],
      ['durationMinutes', { durationMinutes: 721 }],
      ['reason', { reason: 'x'.repeat(501) }],
    ]
    for (const [path, input] of cases) expect((await desk.book('10:00', input)).issues, path).toMatchObject([{ path }])
  })

  it('gives a last visit its time', async () => {
    const typeId = await addAppointmentType(desk.harness.app, actorOf(desk.org), { code: 'euthanasia', durationMinutes: 60 })
    expect((await desk.book('10:00', { typeId, durationMinutes: 30 })).issues).toMatchObject([{ path: 'durationMinutes' }])
    const visit = await desk.book('10:00', { typeId, durationMinutes: 40 })
    expect(visit).toMatchObject({ __typename: 'Appointment' })
    expect((await desk.ask(MOVE, { input: { id: visit.id, version: 1, startsAt: desk.at('11:00'), durationMinutes: 39 } })).issues).toMatchObject([
      { path: 'durationMinutes' },
    ])
  })

  it('is one visit for the same Idempotency-Key', async () => {
    const input = desk.booking('10:00')
    const first = await desk.ask(BOOK, { input }, { idempotencyKey: 'booking-0001' })
    expect(await desk.ask(BOOK, { input }, { idempotencyKey: 'booking-0001' })).toEqual(first)
    expect(await desk.ask(BOOK, { input: desk.booking('11:00') }, { idempotencyKey: 'booking-0001' })).toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' })
  })
})

describe('booking over another visit', () => {
  it('needs the permission', async () => {
    await desk.book('10:00')
    const refused = await desk.book('10:00', { overbookReason: 'Emergency' })
    expect(refused).toMatchObject({ __typename: 'NotPermitted' })
    expect(paramsOf(refused)).toEqual({ rule: 'overbook' })
  })

  it('is marked and shows its reason', async () => {
    await desk.book('10:00')
    const over = await desk.book('10:10', { overbookReason: 'Emergency' }, { role: 'veterinarian' })
    expect(over).toMatchObject({ __typename: 'Appointment', isOverbooked: true, overbookReason: 'Emergency' })
    expect((await claimsOf(over.id)).map(({ lane }) => lane)).toEqual([1, 1])
  })

  it('is not marked when nothing was in the way', async () => {
    expect(await desk.book('10:00', { overbookReason: 'Emergency' }, { role: 'veterinarian' })).toMatchObject({ isOverbooked: false, overbookReason: null })
  })

  it('keeps its lane when the other visit is cancelled, and the person stays taken', async () => {
    const regular = await desk.book('10:00')
    const over = await desk.book('10:00', { overbookReason: 'Emergency' }, { role: 'veterinarian' })
    await desk.ask(CANCEL, { input: { id: regular.id, version: 1, reason: 'Moved away' } })
    expect((await claimsOf(over.id)).map(({ lane }) => lane)).toEqual([1, 1])
    expect(await desk.book('10:00')).toMatchObject({
      __typename: 'SlotTaken',
      startsAt: desk.at('10:00'),
      nextSlots: [desk.at('10:20'), desk.at('10:30'), desk.at('10:40')],
    })
  })

  it('has an end', async () => {
    for (let lane = 0; lane < 10; lane += 1)
      expect(await desk.book('10:00', { overbookReason: 'Flood' }, { role: 'veterinarian' })).toMatchObject({ __typename: 'Appointment' })
    expect(await desk.book('10:00', { overbookReason: 'Flood' }, { role: 'veterinarian' })).toMatchObject({ __typename: 'SlotTaken' })
  })

  it('is taken back by moving the visit to a free time', async () => {
    await desk.book('10:00')
    const over = await desk.book('10:00', { overbookReason: 'Emergency' }, { role: 'veterinarian' })
    expect(await desk.ask(MOVE, { input: { id: over.id, version: 1, startsAt: desk.at('12:00') } })).toMatchObject({
      isOverbooked: false,
      overbookReason: null,
    })
  })

  it('cannot lose its mark in the database', async () => {
    await desk.book('10:00')
    const over = await desk.book('10:00', { overbookReason: 'Emergency' }, { role: 'veterinarian' })
    const actor = actorOf(desk.org)
    const unmark = desk.harness.app.asSystem(actor, 'cli', 'unmark', async (tx) => {
      await tx.prisma.appointment.updateMany({ where: { organisationId: actor.organisationId, id: over.id }, data: { overbookReason: null } })
      return null
    })
    await expect(unmark).rejects.toThrow(/OVERBOOKING_UNMARKED/)
  })

  it('cannot lose its time in the database while it is on', async () => {
    const { id } = await desk.book('15:00')
    const actor = actorOf(desk.org)
    const free = desk.harness.app.asSystem(actor, 'cli', 'free', async (tx) => {
      await tx.prisma.resourceClaim.deleteMany({ where: { organisationId: actor.organisationId, appointmentId: id } })
      return null
    })
    await expect(free).rejects.toThrow(/CLAIMS_MISMATCH/)
  })
})

describe('moving', () => {
  it('changes time, person and room together with what they hold', async () => {
    const visit = await desk.book('10:00')
    const moved = await desk.ask(MOVE, {
      input: { id: visit.id, version: 1, startsAt: desk.at('11:00'), staffId: desk.here.otherStaffId, roomId: desk.here.otherRoomId, durationMinutes: 30 },
    })
    expect(moved).toMatchObject({
      startsAt: desk.at('11:00'),
      endsAt: desk.at('11:30'),
      staff: { id: desk.here.otherStaffId },
      room: { id: desk.here.otherRoomId },
      version: 2,
    })
    const held = await claimsOf(visit.id)
    expect(held.map(({ resource_id }) => resource_id).sort()).toEqual([desk.here.otherStaffId, desk.here.otherRoomId].sort())
    expect(held.map(({ starts_at }) => starts_at.toISOString())).toEqual([desk.at('11:00'), desk.at('11:00')])
    expect(await desk.book('10:00')).toMatchObject({ __typename: 'Appointment' })
  })

  it('keeps what is left out, and gives up the room for null', async () => {
    const visit = await desk.book('10:00', { durationMinutes: 25 })
    expect(await desk.ask(MOVE, { input: { id: visit.id, version: 1, startsAt: desk.at('11:00') } })).toMatchObject({
      endsAt: desk.at('11:25'),
      staff: { id: desk.here.staffId },
      room: { id: desk.here.roomId },
    })
    expect(await desk.ask(MOVE, { input: { id: visit.id, version: 2, startsAt: desk.at('11:00'), roomId: null } })).toMatchObject({ room: null })
    expect(await claimsOf(visit.id)).toHaveLength(1)
  })

  it('may overlap the time that the visit itself held', async () => {
    const visit = await desk.book('10:00')
    expect(await desk.ask(MOVE, { input: { id: visit.id, version: 1, startsAt: desk.at('10:10') } })).toMatchObject({ __typename: 'Appointment' })
  })

  it('is refused where somebody else is, and leaves the visit where it was', async () => {
    await desk.book('10:00')
    const visit = await desk.book('11:00')
    expect(await desk.ask(MOVE, { input: { id: visit.id, version: 1, startsAt: desk.at('10:10') } })).toMatchObject({
      __typename: 'SlotTaken',
      startsAt: desk.at('10:00'),
      // Its own time counts as free.
      nextSlots: [desk.at('10:20'), desk.at('10:30'), desk.at('10:40')],
    })
    expect(await desk.ask(APPOINTMENT_BY_ID, { id: visit.id })).toMatchObject({ startsAt: desk.at('11:00'), version: 1 })
    expect(await claimsOf(visit.id)).toHaveLength(2)
  })

  it('obeys hours and people like a booking', async () => {
    const visit = await desk.book('10:00')
    const unbookable = await addStaff(desk.harness.app, actorOf(desk.org), { isBookable: false })
    expect(await desk.ask(MOVE, { input: { id: visit.id, version: 1, startsAt: desk.at('16:50') } })).toMatchObject({ __typename: 'OutsideShift' })
    expect(await desk.ask(MOVE, { input: { id: visit.id, version: 1, startsAt: desk.at('10:00'), staffId: unbookable } })).toMatchObject({
      __typename: 'StaffNotBookable',
    })
    expect(paramsOf(await desk.ask(MOVE, { input: { id: visit.id, version: 1, startsAt: desk.at('10:00'), roomId: desk.there.roomId } }))).toEqual({
      type: 'Room',
    })
    expect(await desk.ask(MOVE, { input: { id: visit.id, version: 1, startsAt: desk.at('10:00'), overbookReason: 'Emergency' } })).toMatchObject({
      __typename: 'NotPermitted',
    })
  })

  it('is refused for a stale version, a visit that has begun, and one that is not there', async () => {
    const visit = await desk.book('10:00')
    const move = (input: object) => desk.ask(MOVE, { input: { id: visit.id, version: 1, startsAt: desk.at('11:00'), ...input } })
    expect(paramsOf(await move({ version: 7 }))).toEqual({ type: 'Appointment', current: '1' })
    expect(await move({ id: newId() })).toMatchObject({ __typename: 'NotFound' })
    await desk.ask(STEP, { input: { id: visit.id, version: 1, status: 'CHECKED_IN' } })
    expect(paramsOf(await move({ version: 2 }))).toEqual({ type: 'Appointment', from: 'checked_in', to: 'rescheduled' })
  })
})

describe('the audit trail', () => {
  it('agrees with what the database saw, in every transaction of these tests', async () => {
    expect(await desk.withAdmin(findDisagreements)).toEqual([])
  })
})
