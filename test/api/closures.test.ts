import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROLE_CODES } from '../../modules/access/index.ts'
import { actorOf, type Caller, type Desk, openDesk } from '../scheduling-desk.ts'

const ERRORS = '... on Error { code } ... on InvalidInput { issues { path rule } }'
const CLOSE = `mutation Close($input: AddClosureInput!) { addClosure(input: $input) { __typename ... on ClinicClosure { id title startsAt endsAt } ${ERRORS} } }`
const OPEN = `mutation Open($input: OpenTimeInput!) { removeClosure(input: $input) { __typename ... on OpenedTime { id } ${ERRORS} } }`
const CLOSURES = 'query Closures($from: LocalDate!, $until: LocalDate!) { closures(from: $from, until: $until) { id title startsAt endsAt } }'
const HOLIDAYS = 'query Holidays($year: Int!) { publicHolidays(year: $year) { code date name isClosed } }'
const HOLIDAY_IMPACT = 'query Impact($year: Int!) { holidayImpact(year: $year) { visits { id } } }'
const IMPORT = `mutation Import($input: ImportHolidaysInput!) { importHolidays(input: $input) { __typename ... on ImportedHolidays { year closures { title startsAt endsAt } } ${ERRORS} } }`
const IMPACT = `query Closing($startsAt: DateTime!, $endsAt: DateTime!, $roomId: UUID, $equipmentId: UUID) {
  closingImpact(startsAt: $startsAt, endsAt: $endsAt, roomId: $roomId, equipmentId: $equipmentId) { visits { id closedBy } } }`
const MAINTAIN = `mutation Maintain($input: AddMaintenanceInput!) { addMaintenance(input: $input) { __typename ... on MaintenanceWindow { id title room { id } equipmentId equipmentName } ${ERRORS} } }`
const DONE = `mutation Done($input: OpenTimeInput!) { removeMaintenance(input: $input) { __typename ... on OpenedTime { id } ${ERRORS} } }`
const MAINTENANCE =
  'query Maintenance($from: LocalDate!, $until: LocalDate!) { maintenanceWindows(from: $from, until: $until) { id title startsAt room { id } equipmentName } }'
const CLOSED_BY = 'query ClosedBy($id: UUID!) { appointment(id: $id) { closedBy } }'
const CANCEL = 'mutation Cancel($input: CancelAppointmentInput!) { cancelAppointment(input: $input) { __typename } }'

let desk: Desk
let machineId: string

beforeAll(async () => {
  desk = await openDesk()
  const { organisationId, clinic } = actorOf(desk.org)
  const made = await desk.harness.app.asSystem(actorOf(desk.org), 'cli', 'world', async (tx) => {
    const machine = await tx.prisma.equipment.create({ data: { organisationId, clinicId: clinic.id, name: 'X-ray', kind: 'xray' }, select: { id: true } })
    tx.changes('Equipment', [machine.id], ['kind', 'name'])
    return machine
  })
  machineId = made.id
}, 60_000)
afterAll(() => desk[Symbol.asyncDispose]())

const manager: Caller = { role: 'manager' }
const all = (time = '00:00', day = 0, end = '00:00', endDay = 1) => ({ startsAt: desk.at(time, day), endsAt: desk.at(end, endDay) })
const close = (input: object, caller = manager) => desk.ask(CLOSE, { input: { title: 'Inventory', ...input } }, caller)
const week = () => ({ from: desk.dateOf(), until: desk.dateOf(6) })

describe('a closure', () => {
  it('shows the visits that it would affect, closes the clinic to new ones and leaves those', async () => {
    desk.nextWeek()
    const visit = await desk.book('10:00')
    const gone = await desk.book('12:00')
    await desk.ask(CANCEL, { input: { id: gone.id, version: 1, reason: 'ill' } })
    await desk.book('10:00', { startsAt: desk.at('10:00', 1) })
    expect(await desk.ask(IMPACT, all())).toEqual({ visits: [{ id: visit.id, closedBy: [] }] })
    const closure = await close(all())
    expect(closure).toMatchObject({ title: 'Inventory', ...all() })
    expect(await desk.ask(CLOSURES, week())).toEqual([{ id: closure.id, title: 'Inventory', ...all() }])
    expect(await desk.ask(CLOSED_BY, { id: visit.id })).toEqual({ closedBy: ['CLOSURE'] })
    expect(await desk.ask(CLOSED_BY, { id: gone.id })).toEqual({ closedBy: [] })
    expect(await desk.book('14:00')).not.toMatchObject({ __typename: 'Appointment' })
    expect(await desk.book('14:00', { startsAt: desk.at('14:00', 1) })).toMatchObject({ __typename: 'Appointment' })
    expect(await desk.ask(OPEN, { input: { id: closure.id } }, manager)).toEqual({ __typename: 'OpenedTime', id: closure.id })
    expect(await desk.book('14:00')).toMatchObject({ __typename: 'Appointment' })
    expect(await desk.ask(CLOSED_BY, { id: visit.id })).toEqual({ closedBy: [] })
    expect(await desk.ask(CLOSURES, week())).toEqual([])
  })

  it('that would end before it begins has no impact to show, and the field is named', async () => {
    for (const endsAt of [desk.at('09:00'), desk.at('10:00')]) {
      const { body } = await desk.call(IMPACT, { startsAt: desk.at('10:00'), endsAt }, manager)
      expect(body.errors?.[0]).toMatchObject({ message: expect.stringContaining('endsAt: must be after startsAt'), extensions: { code: 'INVALID_INPUT' } })
    }
  })

  it('is of one clinic alone', async () => {
    desk.nextWeek()
    const closure = await close(all())
    for (const caller of [
      { role: 'manager', clinic: 1 },
      { role: 'manager', organisation: desk.foreign },
    ] as const) {
      expect(await desk.ask(CLOSURES, week(), caller)).toEqual([])
      expect(await desk.ask(OPEN, { input: { id: closure.id } }, caller)).toMatchObject({ code: 'NOT_FOUND' })
    }
    const { typeId, staffId, roomId, patientId } = desk.there
    expect(await desk.book('10:00', { typeId, staffId, roomId, patientId }, { clinic: 1 })).toMatchObject({ __typename: 'Appointment' })
  })

  it.each([
    ['ends before it starts', () => all('12:00', 0, '11:00', 0), 'endsAt'],
    ['lasts longer than a year', () => ({ startsAt: '2027-01-01T06:00:00Z', endsAt: '2028-02-01T06:00:00Z' }), 'endsAt'],
    ['begins within a minute', () => ({ startsAt: '2027-01-01T06:00:30Z', endsAt: '2027-01-02T06:00:00Z' }), 'startsAt'],
    ['has no title', () => ({ ...all(), title: ' ' }), 'title'],
  ])('that %s is refused', async (_case, input, path) => {
    expect(await close(input())).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path }] })
  })

  it('asks for no impact over more than two months', async () => {
    const { body } = await desk.call(IMPACT, { startsAt: '2027-01-01T06:00:00Z', endsAt: '2027-03-05T06:00:00Z' })
    expect(body.errors?.[0]?.extensions.code).toBe('INVALID_INPUT')
  })

  it('and maintenance are for who manages schedules', async () => {
    desk.nextWeek()
    const may: string[] = []
    for (const role of ROLE_CODES) {
      const answers = await Promise.all([
        desk.call(CLOSE, { input: { ...all(), title: role } }, { role }),
        desk.call(MAINTAIN, { input: { ...all(), roomId: desk.here.otherRoomId } }, { role }),
        desk.call(IMPORT, { input: { year: 1990 } }, { role }),
      ])
      const codes = answers.map(({ body }) => body.errors?.[0]?.extensions.code ?? 'done')
      expect([role, new Set(codes).size]).toEqual([role, 1])
      if (codes[0] === 'done') may.push(role)
      else expect([role, codes[0]]).toEqual([role, 'FORBIDDEN'])
    }
    expect(may.toSorted()).toEqual(['clinic_admin', 'manager', 'owner', 'super_admin'])
  })
})

describe('public holidays', () => {
  it('of Mexico become closures, once', async () => {
    const independence = { startsAt: '2032-09-16T06:00:00.000Z', endsAt: '2032-09-17T06:00:00.000Z' }
    await close({ ...independence, title: 'Ours' })
    const before = await desk.ask(HOLIDAYS, { year: 2032 }, manager)
    expect(before.filter(({ isClosed }: { isClosed: boolean }) => isClosed)).toMatchObject([{ code: 'independence', date: '2032-09-16' }])
    const imported = await desk.ask(IMPORT, { input: { year: 2032 } }, manager)
    expect(imported).toMatchObject({ year: 2032, closures: { length: 6 } })
    expect(imported.closures[0]).toEqual({ title: 'Año Nuevo', startsAt: '2032-01-01T06:00:00.000Z', endsAt: '2032-01-02T06:00:00.000Z' })
    const after = await desk.ask(HOLIDAYS, { year: 2032 }, manager)
    expect(after.every(({ isClosed }: { isClosed: boolean }) => isClosed)).toBe(true)
    expect(await desk.ask(IMPORT, { input: { year: 2032 } }, manager)).toMatchObject({ closures: [] })
    const closed = await desk.ask(CLOSURES, { from: '2032-01-01', until: '2032-12-31' }, manager)
    expect(closed.map(({ title }: { title: string }) => title)).toContain('Ours')
    expect(closed).toHaveLength(7)
  })

  it('are shown with the visits that closing on them would affect, but for those on which the clinic is closed', async () => {
    const impact = async () => (await desk.ask(HOLIDAY_IMPACT, { year: 2034 }, manager)).visits.map(({ id }: { id: string }) => id)
    const constitution = await desk.book('10:00', { startsAt: '2034-02-06T16:00:00.000Z' })
    const christmas = await desk.book('10:00', { startsAt: '2034-12-25T16:00:00.000Z' })
    await desk.book('10:00', { startsAt: '2034-12-26T16:00:00.000Z' })
    expect(await impact()).toEqual([constitution.id, christmas.id])
    await close({ startsAt: '2034-12-25T06:00:00.000Z', endsAt: '2034-12-26T06:00:00.000Z' })
    expect(await impact()).toEqual([constitution.id])
    await desk.ask(IMPORT, { input: { year: 2034 } }, manager)
    expect(await impact()).toEqual([])
    expect(await desk.ask(HOLIDAY_IMPACT, { year: 20340 }, manager)).toEqual({ visits: [] })
    expect(await desk.ask(HOLIDAY_IMPACT, { year: 2034 }, { role: 'manager', organisation: desk.foreign })).toEqual({ visits: [] })
  })

  it('imported twice at once are imported once', async () => {
    const answers = await Promise.all(
      ['manager', 'owner', 'clinic_admin'].map((role) => desk.ask(IMPORT, { input: { year: 2033 } }, { role: role as 'owner' })),
    )
    expect(answers.map(({ closures }) => closures.length).toSorted()).toEqual([0, 0, 7])
    expect(await desk.ask(CLOSURES, { from: '2033-01-01', until: '2033-12-31' }, manager)).toHaveLength(7)
  })

  it('of a country that is not known are none', async () => {
    const abroad: Caller = { role: 'manager', organisation: desk.foreign }
    expect(await desk.ask(HOLIDAYS, { year: 2032 }, abroad)).toEqual([])
    expect(await desk.ask(IMPORT, { input: { year: 2032 } }, abroad)).toMatchObject({ closures: [] })
    expect(await desk.ask(IMPORT, { input: { year: 20320 } }, manager)).toMatchObject({ code: 'INVALID_INPUT' })
  })
})

describe('maintenance', () => {
  const maintain = (input: object, caller = manager) => desk.ask(MAINTAIN, { input: { title: 'New lamp', ...all(), ...input } }, caller)

  it('of a room shows the visits there, takes it out of use and leaves the person free', async () => {
    desk.nextWeek()
    const { roomId, otherRoomId, otherStaffId } = desk.here
    const visit = await desk.book('10:00')
    await desk.book('10:00', { staffId: otherStaffId, roomId: otherRoomId })
    expect(await desk.ask(IMPACT, { ...all(), roomId })).toEqual({ visits: [{ id: visit.id, closedBy: [] }] })
    const window = await maintain({ roomId })
    expect(window).toMatchObject({ title: 'New lamp', room: { id: roomId }, equipmentId: null, equipmentName: null })
    expect(await desk.ask(MAINTENANCE, week())).toMatchObject([{ id: window.id, room: { id: roomId } }])
    expect(await desk.ask(CLOSED_BY, { id: visit.id })).toEqual({ closedBy: ['MAINTENANCE'] })
    expect(await desk.book('12:00')).not.toMatchObject({ __typename: 'Appointment' })
    expect(await desk.book('12:00', { roomId: otherRoomId })).toMatchObject({ __typename: 'Appointment' })
    expect(await desk.ask(DONE, { input: { id: window.id } }, manager)).toMatchObject({ __typename: 'OpenedTime' })
    expect(await desk.book('13:00')).toMatchObject({ __typename: 'Appointment' })
  })

  it('of a machine names it', async () => {
    desk.nextWeek()
    const window = await maintain({ equipmentId: machineId, title: null })
    expect(window).toMatchObject({ title: null, room: null, equipmentId: machineId, equipmentName: 'X-ray' })
    expect(await desk.ask(IMPACT, { ...all(), equipmentId: machineId })).toEqual({ visits: [] })
  })

  it('is of one room or one machine of the clinic', async () => {
    const { roomId } = desk.here
    expect(await maintain({})).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: 'roomId' }] })
    expect(await maintain({ roomId, equipmentId: machineId })).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: 'equipmentId' }] })
    expect(await maintain({ roomId: desk.there.roomId })).toMatchObject({ code: 'NOT_FOUND' })
    expect(await maintain({ equipmentId: machineId }, { role: 'manager', clinic: 1 })).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('and closures are not taken for each other', async () => {
    const [window, closure] = [await maintain({ roomId: desk.here.roomId }), await close(all('00:00', 5, '00:00', 6))]
    expect(await desk.ask(OPEN, { input: { id: window.id } }, manager)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await desk.ask(DONE, { input: { id: closure.id } }, manager)).toMatchObject({ code: 'NOT_FOUND' })
  })
})
