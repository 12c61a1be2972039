import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../modules/kernel/ids.ts'
import {
  APPOINTMENT_BY_ID,
  BOOK,
  CANCEL,
  CREATE_ROOM,
  CREATE_TYPE,
  DAY,
  type Desk,
  MOVE,
  openDesk,
  ROOMS,
  type Role,
  STEP,
  TYPES,
  UPDATE_ROOM,
  UPDATE_TYPE,
} from '../scheduling-desk.ts'
import { entriesOf, findDisagreements } from '../trail.ts'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
beforeEach(() => desk.nextWeek())
afterAll(() => desk[Symbol.asyncDispose]())

describe('who may do what', () => {
  const refusal = async (document: string, variables: object, role: Role) =>
    (await desk.call(document, variables, { role })).body.errors?.[0]?.extensions.permission

  it.each<[string, string, () => object, Role, string]>([
    ['read the calendar', DAY, () => ({ date: desk.dateOf() }), 'compliance_officer', 'appointment:read'],
    ['read a visit', APPOINTMENT_BY_ID, () => ({ id: newId() }), 'client', 'appointment:read'],
    ['list rooms', ROOMS, () => ({}), 'compliance_officer', 'appointment:read'],
    ['list types', TYPES, () => ({}), 'client', 'appointment:read'],
    ['book', BOOK, () => ({ input: desk.booking('10:00') }), 'groomer', 'appointment:create'],
    ['move', MOVE, () => ({ input: { id: newId(), version: 1, startsAt: desk.at('10:00') } }), 'compliance_officer', 'appointment:update'],
    ['change the status', STEP, () => ({ input: { id: newId(), version: 1, status: 'CONFIRMED' } }), 'compliance_officer', 'appointment:update'],
    ['cancel', CANCEL, () => ({ input: { id: newId(), version: 1, reason: 'x' } }), 'assistant', 'appointment:cancel'],
    ['create rooms', CREATE_ROOM, () => ({ input: { name: 'X' } }), 'veterinarian', 'clinic:administer'],
    ['change rooms', UPDATE_ROOM, () => ({ input: { id: newId(), version: 1 } }), 'receptionist', 'clinic:administer'],
    ['create types', CREATE_TYPE, () => ({ input: { code: 'x', name: 'X', durationMinutes: 20 } }), 'veterinarian', 'service:manage'],
    ['change types', UPDATE_TYPE, () => ({ input: { id: newId(), version: 1 } }), 'receptionist', 'service:manage'],
  ])('to %s needs its permission', async (_what, document, variables, role, permission) => {
    expect(await refusal(document, variables(), role)).toBe(permission)
  })

  it('is decided before anything is looked at by nobody', async () => {
    const { body } = await desk.harness.call(DAY, { date: desk.dateOf() })
    expect(body.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })

  it("ends at the clinic: another clinic's visits are not found", async () => {
    const visit = await desk.book('10:00')
    const [id, elsewhere, outside] = [visit.id, { clinic: 1, role: 'veterinarian' } as const, { organisation: desk.foreign, role: 'owner' } as const]
    for (const caller of [elsewhere, outside]) {
      expect(await desk.ask(APPOINTMENT_BY_ID, { id }, caller)).toBeNull()
      expect((await desk.ask(DAY, { date: desk.dateOf() }, caller)).appointments).toEqual([])
      expect(await desk.ask(CANCEL, { input: { id, version: 1, reason: 'x' } }, caller)).toMatchObject({ __typename: 'NotFound' })
      expect(await desk.ask(STEP, { input: { id, version: 1, status: 'CONFIRMED' } }, caller)).toMatchObject({ __typename: 'NotFound' })
      expect(await desk.ask(MOVE, { input: { id, version: 1, startsAt: desk.at('11:00') } }, caller)).toMatchObject({ __typename: 'NotFound' })
      const rooms = (await desk.ask(ROOMS, {}, caller)).map((room: { id: string }) => room.id)
      expect(rooms).not.toContain(desk.here.roomId)
    }
    expect((await desk.ask(TYPES, {}, outside)).map((type: { id: string }) => type.id)).toEqual([desk.abroad.typeId])
    expect(await desk.ask(APPOINTMENT_BY_ID, { id })).toMatchObject({ id, status: 'SCHEDULED' })
  })

  it("lets a sister clinic's patient go, with its visits, when charts are no longer shared", async () => {
    const input = {
      ...desk.booking('10:00'),
      patientId: desk.here.patientId,
      typeId: desk.there.typeId,
      staffId: desk.there.staffId,
      roomId: desk.there.roomId,
    }
    const visit = await desk.ask(BOOK, { input }, { clinic: 1 })
    // The audit gate asks for an entry, which a change by hand does not have; what tells the application of changed rights is off with it.
    await desk.withAdmin((client) => client.query('ALTER TABLE organisation DISABLE TRIGGER USER'))
    const share = (isShared: boolean) =>
      desk.withAdmin(async (client) => {
        await client.query('UPDATE organisation SET share_patients = $2 WHERE id = $1', [desk.org.id, isShared])
        await client.query('UPDATE access_version SET version = version + 1 WHERE organisation_id = $1', [desk.org.id])
      })
    await share(false)
    try {
      expect((await desk.ask(DAY, { date: desk.dateOf() }, { clinic: 1 })).appointments).toEqual([])
      expect(await desk.ask(APPOINTMENT_BY_ID, { id: visit.id }, { clinic: 1 })).toBeNull()
      expect(await desk.ask(STEP, { input: { id: visit.id, version: 1, status: 'CONFIRMED' } }, { clinic: 1 })).toMatchObject({ __typename: 'NotFound' })
      expect(await desk.ask(BOOK, { input: { ...input, startsAt: desk.at('11:00') } }, { clinic: 1 })).toMatchObject({ __typename: 'NotFound' })
    } finally {
      await share(true)
      await desk.withAdmin((client) => client.query('ALTER TABLE organisation ENABLE TRIGGER USER'))
    }
    expect(await desk.ask(APPOINTMENT_BY_ID, { id: visit.id }, { clinic: 1 })).toMatchObject({ id: visit.id })
  })
})

describe('the audit trail', () => {
  const idsOf = (accesses: { type: string; ids: string[] }[] | undefined, type: string) =>
    (accesses ?? []).filter((access) => access.type === type).flatMap(({ ids }) => ids)

  it('names the visit that was booked and what it holds', async () => {
    const { body, requestId } = await desk.call(BOOK, { input: desk.booking('10:00') })
    const entries = await desk.withAdmin((admin) => entriesOf(admin, requestId))
    const written = entries.find((entry) => entry.body.changes)
    expect(written?.body).toMatchObject({ action: 'create', outcome: 'ok' })
    expect(idsOf(written?.body.changes, 'Appointment')).toEqual([body.data.bookAppointment.id])
    expect(idsOf(written?.body.changes, 'ResourceClaim')).toHaveLength(2)
    expect(
      idsOf(
        entries.flatMap((entry) => entry.body.reads ?? []),
        'Patient',
      ),
    ).toContain(desk.here.patientId)
  })

  it('says that a refusal showed the claim in the way', async () => {
    await desk.book('10:00')
    const { requestId } = await desk.call(BOOK, { input: desk.booking('10:00') })
    const [entry] = await desk.withAdmin((admin) => entriesOf(admin, requestId))
    expect(entry?.body).toMatchObject({ outcome: 'refused' })
    expect(entry?.body.changes).toBeUndefined()
    expect(idsOf(entry?.body.reads, 'ResourceClaim').length).toBeGreaterThan(0)
    expect(idsOf(entry?.body.reads, 'StaffProfile')).toEqual([desk.here.staffId])
  })

  it('keeps the reason of a cancellation for people who search, and codes alone as evidence', async () => {
    const visit = await desk.book('10:00')
    const { requestId } = await desk.call(CANCEL, { input: { id: visit.id, version: 1, reason: 'The owner is in hospital' } })
    const rows = await desk.withAdmin(
      async (admin) => (await admin.query('SELECT reason FROM audit.search WHERE request_id = $1 AND reason IS NOT NULL', [requestId])).rows,
    )
    expect(rows).toEqual([{ reason: 'The owner is in hospital' }])
    for (const { text } of await desk.withAdmin((admin) => entriesOf(admin, requestId))) expect(text).not.toContain('hospital')
  })

  it('names every visit, person, room and patient of a day schedule', async () => {
    const visit = await desk.book('10:00')
    const { requestId } = await desk.call(DAY, { date: desk.dateOf() })
    const [entry] = await desk.withAdmin((admin) => entriesOf(admin, requestId))
    expect(idsOf(entry?.body.reads, 'Appointment')).toEqual([visit.id])
    expect(idsOf(entry?.body.reads, 'Patient')).toEqual([desk.here.patientId])
    expect(idsOf(entry?.body.reads, 'StaffProfile')).toContain(desk.here.staffId)
    expect(idsOf(entry?.body.reads, 'Room')).toContain(desk.here.roomId)
  })

  it('agrees with what the database saw, in every transaction of these tests', async () => {
    expect(await desk.withAdmin(findDisagreements)).toEqual([])
  })
})
