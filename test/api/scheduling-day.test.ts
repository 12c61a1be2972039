import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../modules/kernel/ids.ts'
import { bookAppointment } from '../../modules/scheduling/index.ts'
import {
  actorOf,
  BOOK,
  CANCEL,
  CREATE_ROOM,
  CREATE_TYPE,
  countStatements,
  DAY,
  type Desk,
  openDesk,
  paramsOf,
  ROOMS,
  TYPES,
  UPDATE_ROOM,
  UPDATE_TYPE,
} from '../scheduling-desk.ts'
import { addPatient } from '../world-patients.ts'
import { addAppointmentType, addRoom } from '../world-scheduling.ts'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
beforeEach(() => desk.nextWeek())
afterAll(() => desk[Symbol.asyncDispose]())

describe('the day schedule', () => {
  it('shows people with their shifts, rooms in their order, and visits in order of time', async () => {
    const second = await desk.book('11:00')
    const first = await desk.book('10:00', { staffId: desk.here.otherStaffId, roomId: null })
    await desk.book('10:00', { startsAt: desk.at('10:00', 1) })
    const day = await desk.ask(DAY, { date: desk.dateOf() })
    expect(day).toMatchObject({ date: desk.dateOf(), day: { startsAt: desk.at('00:00'), endsAt: desk.at('00:00', 1) } })
    expect(day.appointments.map(({ id }: { id: string }) => id)).toEqual([first.id, second.id])
    const column = day.staff.find(({ staff }: { staff: { id: string } }) => staff.id === desk.here.staffId)
    expect(column.shifts).toEqual([{ startsAt: desk.at('09:00'), endsAt: desk.at('17:00'), clockChange: 'NONE' }])
    const rooms = day.rooms.map(({ id }: { id: string }) => id)
    expect(rooms).toEqual(expect.arrayContaining([desk.here.roomId, desk.here.otherRoomId]))
    expect(rooms).not.toContain(desk.there.roomId)
  })

  it('keeps cancelled and missed visits in sight', async () => {
    const visit = await desk.book('10:00')
    await desk.ask(CANCEL, { input: { id: visit.id, version: 1, reason: 'Ill' } })
    expect((await desk.ask(DAY, { date: desk.dateOf() })).appointments).toMatchObject([{ id: visit.id, status: 'CANCELLED' }])
  })

  it('shows a visit that runs over midnight on both days', async () => {
    const visit = await desk.book('23:50', {}, { role: 'veterinarian' })
    for (const day of [0, 1]) expect((await desk.ask(DAY, { date: desk.dateOf(day) })).appointments).toMatchObject([{ id: visit.id }])
    expect((await desk.ask(DAY, { date: desk.dateOf(2) })).appointments).toEqual([])
  })

  it('leaves out people who are off, unless they have a visit', async () => {
    const sunday = desk.dateOf(6)
    expect((await desk.ask(DAY, { date: sunday })).staff).toEqual([])
    await desk.book('10:00', { startsAt: desk.at('10:00', 6) }, { role: 'veterinarian' })
    expect((await desk.ask(DAY, { date: sunday })).staff).toEqual([{ staff: { id: desk.here.staffId, name: expect.any(String) }, shifts: [] }])
  })

  it('shows an archived room only on days on which it has a visit', async () => {
    const roomId = await addRoom(desk.harness.app, actorOf(desk.org))
    await desk.book('10:00', { roomId })
    await desk.ask(UPDATE_ROOM, { input: { id: roomId, version: 1, isArchived: true } }, { role: 'clinic_admin' })
    const roomsOn = async (day: number) => (await desk.ask(DAY, { date: desk.dateOf(day) })).rooms.map(({ id }: { id: string }) => id)
    expect(await roomsOn(0)).toContain(roomId)
    expect(await roomsOn(1)).not.toContain(roomId)
  })

  it("counts days in the clinic's zone, with 23 and 25 hours when the clock changes", async () => {
    const of = (date: string) => desk.ask(DAY, { date }, { organisation: desk.foreign })
    expect(await of('2027-03-28')).toMatchObject({ day: { startsAt: '2027-03-27T23:00:00.000Z', endsAt: '2027-03-28T22:00:00.000Z' } })
    expect(await of('2027-10-31')).toMatchObject({ day: { startsAt: '2027-10-30T22:00:00.000Z', endsAt: '2027-10-31T23:00:00.000Z' } })
    const shifts = (await of('2027-03-29')).staff[0].shifts
    expect(shifts).toEqual([{ startsAt: '2027-03-29T07:00:00.000Z', endsAt: '2027-03-29T15:00:00.000Z', clockChange: 'NONE' }])
  })

  it('costs the same number of statements for 5 and for 50 visits', async () => {
    const actor = actorOf(desk.org)
    const types = [desk.here.typeId, await addAppointmentType(desk.harness.app, actor)]
    const people = [desk.here.staffId, desk.here.otherStaffId]
    const fill = (count: number, day: number) =>
      desk.harness.app.asSystem(actor, 'cli', 'world', async (tx) => {
        for (let index = 0; index < count; index += 1) {
          const startsAt = new Date(new Date(desk.at('08:00', day)).getTime() + Math.floor(index / 2) * 20 * 60_000)
          await bookAppointment(tx, actor, {
            ...desk.booking('00:00'),
            startsAt,
            staffId: people[index % 2] ?? '',
            roomId: [desk.here.roomId, desk.here.otherRoomId][index % 2],
            typeId: types[index % 2] ?? '',
          })
        }
        return null
      })
    await fill(5, 0)
    await fill(50, 1)
    await desk.ask(DAY, { date: desk.dateOf(2) })
    const few = await countStatements(desk.harness, () => desk.ask(DAY, { date: desk.dateOf(0) }))
    const many = await countStatements(desk.harness, () => desk.ask(DAY, { date: desk.dateOf(1) }))
    expect(few.result.appointments).toHaveLength(5)
    expect(many.result.appointments).toHaveLength(50)
    expect(many.count).toBe(few.count)
    expect(many.count).toBe(DAY_STATEMENTS)
  })
})

// Visits, people, hours and rooms with everything that visits refer to; who asks is confirmed in the same statement.
const DAY_STATEMENTS = 1

describe('the visits of a patient', () => {
  const PAGE =
    'query Visits($id: UUID!, $first: Int, $after: String) { patient(id: $id) { appointments(first: $first, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } } } }'
  const LIST = `query List($query: String!, $first: Int!) { searchPatients(query: $query, first: 20) { id appointments(first: $first) { edges { node { id type { id } staff { id } } } } } }`

  it('come in pages, newest first, without those of the other clinic', async () => {
    const { id: patientId } = await addPatient(desk.harness.app, actorOf(desk.org), { name: 'Nube' })
    const ids: string[] = []
    for (const time of ['09:00', '10:00', '11:00']) ids.unshift((await desk.book(time, { patientId })).id)
    const elsewhere = { ...desk.booking('10:00'), patientId, typeId: desk.there.typeId, staffId: desk.there.staffId, roomId: desk.there.roomId }
    expect(await desk.ask(BOOK, { input: elsewhere }, { clinic: 1 })).toMatchObject({ __typename: 'Appointment' })
    const first = (await desk.ask(PAGE, { id: patientId, first: 2 })).appointments
    expect(first.edges.map(({ node }: { node: { id: string } }) => node.id)).toEqual(ids.slice(0, 2))
    expect(first.pageInfo.hasNextPage).toBe(true)
    const second = (await desk.ask(PAGE, { id: patientId, first: 2, after: first.pageInfo.endCursor })).appointments
    expect(second).toMatchObject({ edges: [{ node: { id: ids[2] } }], pageInfo: { hasNextPage: false } })
  })

  it('cost the same number of statements for 5 and for 50 a page, and for one patient and many', async () => {
    const actor = actorOf(desk.org)
    const first = await addPatient(desk.harness.app, actor, { name: 'Solovino' })
    for (let index = 0; index < 19; index += 1) await addPatient(desk.harness.app, actor, { name: 'Canela', clientId: first.clientId })
    for (const time of ['09:00', '10:00', '11:00', '12:00', '13:00', '14:00']) await desk.book(time, { patientId: first.id })
    await desk.ask(LIST, { query: 'Solovino', first: 5 })
    const one = await countStatements(desk.harness, () => desk.ask(LIST, { query: 'Solovino', first: 5 }))
    const same = await countStatements(desk.harness, () => desk.ask(LIST, { query: 'Solovino', first: 50 }))
    await desk.book('15:00', { patientId: (await desk.ask('query Other { searchPatients(query: "Canela") { id } }', {}))[0].id })
    const many = await countStatements(desk.harness, () => desk.ask(LIST, { query: 'Lucía', first: 50 }))
    expect(one.result[0].appointments.edges).toHaveLength(5)
    expect(same.result[0].appointments.edges).toHaveLength(6)
    expect(many.result).toHaveLength(20)
    expect([same.count, many.count]).toEqual([one.count, one.count])
  })

  it('are hidden from people who may see patients and not the calendar', async () => {
    const setRight = (effect: string) =>
      desk.ask(
        'mutation Right($input: SetRolePermissionInput!) { setRolePermission(input: $input) { __typename } }',
        { input: { roleCode: 'groomer', permission: 'appointment:read', effect } },
        { role: 'owner' },
      )
    await setRight('DENY')
    const { body } = await desk.call(PAGE, { id: desk.here.patientId }, { role: 'groomer' })
    await setRight('NONE')
    await setRight('ALLOW')
    expect(body.data).toEqual({ patient: { appointments: null } })
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'appointment:read' })
  })
})

describe('rooms and types', () => {
  it('are created, changed, archived and restored', async () => {
    const room = await desk.ask(CREATE_ROOM, { input: { name: 'Quirófano', kind: 'surgery', position: 3 } }, { role: 'clinic_admin' })
    expect(room).toMatchObject({ name: 'Quirófano', kind: 'surgery', position: 3, isArchived: false, version: 1 })
    const update = (input: object) => desk.ask(UPDATE_ROOM, { input: { id: room.id, ...input } }, { role: 'clinic_admin' })
    expect(await update({ version: 1, name: 'Quirófano 1', isArchived: true })).toMatchObject({
      name: 'Quirófano 1',
      kind: 'surgery',
      isArchived: true,
      version: 2,
    })
    const names = async (all: boolean) => (await desk.ask(ROOMS, { all })).map(({ name }: { name: string }) => name)
    expect(await names(false)).not.toContain('Quirófano 1')
    expect(await names(true)).toContain('Quirófano 1')
    expect(await update({ version: 2, isArchived: false, kind: 'hospital' })).toMatchObject({ kind: 'hospital', isArchived: false, version: 3 })

    const type = await desk.ask(
      CREATE_TYPE,
      { input: { code: 'dental', name: 'Limpieza dental', durationMinutes: 40, colour: '#A0B0C0' } },
      { role: 'manager' },
    )
    expect(type).toMatchObject({ code: 'dental', durationMinutes: 40, colour: '#a0b0c0', version: 1 })
    const change = (input: object) => desk.ask(UPDATE_TYPE, { input: { id: type.id, ...input } }, { role: 'manager' })
    expect(await change({ version: 1, durationMinutes: 30, isArchived: true })).toMatchObject({ durationMinutes: 30, isArchived: true })
    const codes = async (all: boolean) => (await desk.ask(TYPES, { all })).map(({ code }: { code: string }) => code)
    expect(await codes(false)).not.toContain('dental')
    expect(await codes(true)).toContain('dental')
    expect(await change({ version: 2, isArchived: false, name: 'Dental', serviceId: null })).toMatchObject({ name: 'Dental', isArchived: false, version: 3 })
  })

  it('have names and codes of their own', async () => {
    const input = { name: 'Consultorio A' }
    const first = await desk.ask(CREATE_ROOM, { input }, { role: 'clinic_admin' })
    const taken = await desk.ask(CREATE_ROOM, { input }, { role: 'clinic_admin' })
    expect(paramsOf(taken)).toEqual({ type: 'Room', field: 'name' })
    expect(await desk.ask(CREATE_ROOM, { input }, { role: 'clinic_admin', clinic: 1 })).toMatchObject({ __typename: 'Room' })
    const second = await desk.ask(CREATE_ROOM, { input: { name: 'Consultorio B' } }, { role: 'clinic_admin' })
    expect(await desk.ask(UPDATE_ROOM, { input: { id: second.id, version: 1, ...input } }, { role: 'clinic_admin' })).toMatchObject({
      __typename: 'AlreadyExists',
    })
    expect(first.position).toBe(0)
    await desk.ask(CREATE_TYPE, { input: { code: 'grooming', name: 'Baño', durationMinutes: 40 } }, { role: 'manager' })
    expect(await desk.ask(CREATE_TYPE, { input: { code: 'grooming', name: 'Corte', durationMinutes: 40 } }, { role: 'manager' })).toMatchObject({
      __typename: 'AlreadyExists',
    })
  })

  it('are refused when they break a rule, are stale, or are not there', async () => {
    const admin = { role: 'clinic_admin' } as const
    expect(
      (await desk.ask(CREATE_ROOM, { input: { name: ' ', kind: 'garage', position: -1 } }, admin)).issues.map(({ path }: { path: string }) => path).sort(),
    ).toEqual(['kind', 'name', 'position'])
    expect(await desk.ask(UPDATE_ROOM, { input: { id: desk.here.roomId, version: 9, name: 'X' } }, admin)).toMatchObject({ __typename: 'StaleVersion' })
    expect(await desk.ask(UPDATE_ROOM, { input: { id: desk.there.roomId, version: 1, name: 'X' } }, admin)).toMatchObject({ __typename: 'NotFound' })
    expect(
      (await desk.ask(CREATE_TYPE, { input: { code: 'Bad Code', name: 'X', durationMinutes: 3, colour: 'red' } }, admin)).issues
        .map(({ path }: { path: string }) => path)
        .sort(),
    ).toEqual(['code', 'colour', 'durationMinutes'])
    expect((await desk.ask(CREATE_TYPE, { input: { code: 'euthanasia', name: 'X', durationMinutes: 30 } }, admin)).issues).toMatchObject([
      { path: 'durationMinutes' },
    ])
    expect(paramsOf(await desk.ask(CREATE_TYPE, { input: { code: 'lost', name: 'X', durationMinutes: 30, serviceId: newId() } }, admin))).toEqual({
      type: 'Service',
    })
    expect(await desk.ask(UPDATE_TYPE, { input: { id: desk.here.typeId, version: 9, name: 'X' } }, admin)).toMatchObject({ __typename: 'StaleVersion' })
    expect(await desk.ask(UPDATE_TYPE, { input: { id: desk.abroad.typeId, version: 1, name: 'X' } }, admin)).toMatchObject({ __typename: 'NotFound' })
    expect(await desk.ask(UPDATE_TYPE, { input: { id: desk.here.typeId, version: 1, serviceId: newId() } }, admin)).toMatchObject({ __typename: 'NotFound' })
  })
})
