import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { actorOf, CANCEL, type Desk, MOVE, openDesk, STEP } from '../scheduling-desk.ts'
import { addRoom } from '../world-scheduling.ts'

const ERRORS = '... on Error { code message params { name value } } ... on InvalidInput { issues { path rule } }'
const OCCURRENCE = 'date startsAt endsAt clockChange isSkipped reason resourceKind resourceName nextSlots'
const SERIES = `id rule startsOn startTime durationMinutes isActive endedFrom endReason version patient { id } staff { id } room { id }
  appointments { id startsAt status origin version series { id } } skipped { ${OCCURRENCE} }`
const PREVIEW = `query Preview($input: SeriesInput!) { previewSeries(input: $input) { ${OCCURRENCE} } }`
const BOOK_SERIES = `mutation BookSeries($input: SeriesInput!) { bookSeries(input: $input) { __typename ... on AppointmentSeries { ${SERIES} } ${ERRORS} } }`
const CANCEL_SERIES = `mutation CancelSeries($input: CancelSeriesInput!) { cancelSeries(input: $input) { __typename ... on AppointmentSeries { ${SERIES} } ${ERRORS} } }`
const BY_ID = `query Series($id: UUID!) { appointmentSeries(id: $id) { ${SERIES} } }`
const ACTIVE = 'query Active($patientId: UUID) { activeSeries(patientId: $patientId) { id } }'

let desk: Desk
let roomId: string
beforeAll(async () => {
  desk = await openDesk()
})
beforeEach(async () => {
  for (let weeks = 0; weeks < 6; weeks += 1) desk.nextWeek()
  roomId = await addRoom(desk.harness.app, actorOf(desk.org))
})
afterAll(() => desk[Symbol.asyncDispose]())

const series = (input: object = {}) => {
  const { patientId, typeId, staffId } = desk.here
  return { patientId, typeId, staffId, roomId, rule: 'FREQ=WEEKLY;BYDAY=MO;COUNT=4', startsOn: desk.dateOf(), startTime: '10:00', ...input }
}

describe('a series', () => {
  it('books every visit that can be booked and tells of the others what is in the way and when the same is free', async () => {
    const taken = await desk.book('10:10', { startsAt: desk.at('10:10', 7), roomId: null })
    expect(taken).toMatchObject({ __typename: 'Appointment' })
    const preview = await desk.ask(PREVIEW, { input: series() })
    expect(preview.map(({ date, isSkipped, reason }: any) => [date, isSkipped, reason])).toEqual([
      [desk.dateOf(0), false, null],
      [desk.dateOf(7), true, 'VISIT'],
      [desk.dateOf(14), false, null],
      [desk.dateOf(21), false, null],
    ])
    const booked = await desk.ask(BOOK_SERIES, { input: series() })
    expect(booked).toMatchObject({ __typename: 'AppointmentSeries', isActive: true, startTime: '10:00', durationMinutes: 20, room: { id: roomId } })
    expect(booked.appointments.map(({ startsAt }: any) => startsAt)).toEqual([0, 14, 21].map((day) => desk.at('10:00', day)))
    for (const visit of booked.appointments) expect(visit).toMatchObject({ origin: 'SERIES', status: 'SCHEDULED', series: { id: booked.id } })
    expect(booked.skipped).toMatchObject([
      {
        date: desk.dateOf(7),
        startsAt: desk.at('10:00', 7),
        isSkipped: true,
        reason: 'VISIT',
        resourceKind: 'STAFF',
        resourceName: taken.staff.name,
        nextSlots: ['10:30', '10:40', '10:50'].map((time) => desk.at(time, 7)),
      },
    ])
    expect(booked.skipped[0]).toEqual(preview[1])
    expect(await desk.ask(BY_ID, { id: booked.id })).toMatchObject({ id: booked.id, rule: 'FREQ=WEEKLY;BYDAY=MO;COUNT=4' })
  })

  it('skips what is outside the shift, and a closed day', async () => {
    const actor = actorOf(desk.org)
    const { organisationId, clinic } = actor
    const [startsAt, endsAt] = [new Date(desk.at('00:00', 8)), new Date(desk.at('00:00', 9))]
    await desk.harness.app.asSystem(actor, 'cli', 'closure', async (tx) => {
      const data = { organisationId, clinicId: clinic.id, resourceId: clinic.id, kind: 'closure', startsAt, endsAt }
      const { id } = await tx.prisma.resourceBlock.create({ data })
      tx.changes('ResourceBlock', [id], Object.keys(data))
      return null
    })
    // Nobody works on Sundays.
    const preview = await desk.ask(PREVIEW, { input: series({ rule: 'FREQ=WEEKLY;BYDAY=SU,TU;COUNT=4' }) })
    expect(preview.map(({ date, reason, resourceKind }: any) => [date, reason, resourceKind])).toEqual([
      [desk.dateOf(1), null, null],
      [desk.dateOf(6), 'OUTSIDE_SHIFT', 'STAFF'],
      [desk.dateOf(8), 'CLOSURE', 'CLINIC'],
      [desk.dateOf(13), 'OUTSIDE_SHIFT', 'STAFF'],
    ])
  })

  it('is refused as a whole when nothing of it can be booked, and leaves nothing', async () => {
    const before = await countSeries()
    const refused = await desk.ask(BOOK_SERIES, { input: series({ rule: 'FREQ=WEEKLY;BYDAY=SU;COUNT=4' }) })
    expect(refused).toMatchObject({ __typename: 'SeriesNotBookable', code: 'SERIES_NOT_BOOKABLE', params: [{ name: 'visits', value: '4' }] })
    expect(await countSeries()).toBe(before)
  })

  it('names the part of the rule or the record that is wrong', async () => {
    expect((await desk.ask(BOOK_SERIES, { input: series({ rule: 'FREQ=WEEKLY' }) })).issues).toEqual([{ path: 'rule', rule: 'unbounded' }])
    expect((await desk.ask(BOOK_SERIES, { input: series({ startTime: '24:00' }) })).issues).toMatchObject([{ path: 'startTime' }])
    expect(await desk.ask(BOOK_SERIES, { input: series({ patientId: desk.abroad.patientId }) })).toMatchObject({ __typename: 'NotFound' })
    expect(await desk.ask(BOOK_SERIES, { input: series({ roomId: desk.there.roomId }) })).toMatchObject({ __typename: 'NotFound' })
  })

  it('books a hundred visits in one transaction, and one of them that was moved still belongs to it', async () => {
    const { id, appointments, version } = await desk.ask(BOOK_SERIES, { input: series({ rule: 'FREQ=WEEKLY;COUNT=104', startTime: '16:00' }) })
    expect(appointments).toHaveLength(104)
    const [, second] = appointments
    const moved = await desk.ask(MOVE, { input: { id: second.id, version: second.version, startsAt: desk.at('15:00', 8) } })
    expect(moved).toMatchObject({ __typename: 'Appointment', startsAt: desk.at('15:00', 8) })
    const now = await desk.ask(BY_ID, { id })
    expect(now.appointments[1]).toMatchObject({ id: second.id, startsAt: desk.at('15:00', 8), series: { id } })
    expect(await desk.ask(CANCEL_SERIES, { input: { id, version, from: desk.dateOf(14), reason: 'Moved away' } })).toMatchObject({ isActive: false })
  })

  it('ends from a day on: earlier visits, and those that have begun, stay', async () => {
    const { id, appointments, version } = await desk.ask(BOOK_SERIES, { input: series({ startTime: '11:00' }) })
    await desk.ask(CANCEL, { input: { id: appointments[1].id, version: 1, reason: 'Ill' } })
    await desk.ask(STEP, { input: { id: appointments[3].id, version: 1, status: 'CHECKED_IN' } })
    const cancel = (input: object) => desk.ask(CANCEL_SERIES, { input: { id, version, from: desk.dateOf(7), reason: 'Moved away', ...input } })
    expect(await cancel({ reason: ' ' })).toMatchObject({ __typename: 'InvalidInput' })
    expect(await cancel({ version: 7 })).toMatchObject({ __typename: 'StaleVersion' })
    expect(await desk.ask(ACTIVE, { patientId: desk.here.patientId })).toContainEqual({ id })
    const ended = await cancel({})
    expect(ended).toMatchObject({ isActive: false, endedFrom: desk.dateOf(7), endReason: 'Moved away', version: 2 })
    expect(ended.appointments.map(({ status }: any) => status)).toEqual(['SCHEDULED', 'CANCELLED', 'CANCELLED', 'CHECKED_IN'])
    expect(await desk.ask(ACTIVE, { patientId: desk.here.patientId })).not.toContainEqual({ id })
    expect(await cancel({ version: 2 })).toMatchObject({ __typename: 'WrongState' })
    expect(await desk.book('11:00', { startsAt: desk.at('11:00', 14), roomId })).toMatchObject({ __typename: 'Appointment' })
  })

  it('keeps to itself what belongs to another clinic', async () => {
    const { id, version } = await desk.ask(BOOK_SERIES, { input: series({ startTime: '12:00' }) })
    expect(await desk.ask(BY_ID, { id }, { clinic: 1 })).toBeNull()
    const foreign = await desk.ask(CANCEL_SERIES, { input: { id, version, from: desk.dateOf(), reason: 'Mine' } }, { clinic: 1 })
    expect(foreign).toMatchObject({ __typename: 'NotFound' })
    expect((await desk.call(BOOK_SERIES, { input: series() }, { role: 'groomer' })).body.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })
})

it('of ten people who book the same series at once, each time goes to one of them, and nobody is left with half a booking', async () => {
  const input = series({ rule: 'FREQ=WEEKLY;COUNT=5', startTime: '13:00' })
  const answers = await Promise.all(Array.from({ length: 10 }, () => desk.ask(BOOK_SERIES, { input })))
  const made = answers.filter(({ __typename }) => __typename === 'AppointmentSeries')
  expect(made).toHaveLength(1)
  expect(made[0].appointments).toHaveLength(5)
  expect(answers.filter(({ __typename }) => ['SeriesNotBookable', 'SlotTaken'].includes(__typename))).toHaveLength(9)
})

function countSeries(): Promise<number> {
  return desk.withAdmin(async (client) => {
    const { rows } = await client.query('SELECT (SELECT count(*) FROM appointment_series) + (SELECT count(*) FROM series_skip) AS count')
    return Number(rows[0].count)
  })
}
