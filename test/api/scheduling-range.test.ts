import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../modules/kernel/ids.ts'
import { bookAppointment } from '../../modules/scheduling/index.ts'
import { actorOf, CANCEL, countStatements, type Desk, openDesk } from '../scheduling-desk.ts'
import { entriesOf } from '../trail.ts'

const RANGE = `query Range($from: LocalDate!, $until: LocalDate!, $staffId: UUID, $roomId: UUID) { scheduleRange(from: $from, until: $until, staffId: $staffId, roomId: $roomId) {
  from until appointments { id startsAt endsAt status patient { id name } type { name } staff { id name } room { id name } }
  blocks { kind startsAt endsAt staffId roomId } shifts { startsAt endsAt } } }`
const COUNTS = 'query Counts($from: LocalDate!, $until: LocalDate!) { scheduleCounts(from: $from, until: $until) { date booked cancelled blocks } }'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
beforeEach(() => desk.nextWeek())
afterAll(() => desk[Symbol.asyncDispose]())

const week = () => ({ from: desk.dateOf(), until: desk.dateOf(6) })
const idsOf = (accesses: { type: string; ids: string[] }[] | undefined, type: string) => accesses?.find((one) => one.type === type)?.ids
const idsIn = (range: { appointments: { id: string }[] }) => range.appointments.map(({ id }) => id)

/** A closed time, as time off and maintenance are noted once they are approved. */
function block(kind: 'time_off' | 'maintenance' | 'closure', since: string, until: string, clinic = 0): Promise<unknown> {
  const practice = clinic === 0 ? desk.here : desk.there
  const staffId = kind === 'time_off' ? practice.staffId : null
  const roomId = kind === 'maintenance' ? practice.roomId : null
  const { organisationId, clinic: place } = actorOf(desk.org, clinic)
  return desk.withAdmin(async (admin) => {
    await admin.query('BEGIN; SET LOCAL session_replication_role = replica')
    await admin.query(
      `INSERT INTO resource_block (id, organisation_id, clinic_id, resource_id, staff_id, room_id, kind, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [newId(), organisationId, place.id, staffId ?? roomId ?? place.id, staffId, roomId, kind, since, until],
    )
    await admin.query('COMMIT')
  })
}

describe('the schedule of several days', () => {
  it('shows every visit between its first and its last day, in order of time', async () => {
    const late = await desk.book('10:00', { startsAt: desk.at('10:00', 4) })
    const early = await desk.book('10:00', { roomId: null })
    await desk.book('10:00', { startsAt: desk.at('10:00', 7) })
    const range = await desk.ask(RANGE, week())
    expect(range).toMatchObject({ ...week(), shifts: [] })
    expect(idsIn(range)).toEqual([early.id, late.id])
    expect(range.appointments[1]).toMatchObject({ status: 'SCHEDULED', staff: { id: desk.here.staffId }, room: { id: desk.here.roomId } })
    // The visit of the eighth day lies in the next week, which the next test must find empty.
    desk.nextWeek()
  })

  it('narrows to one person, whose hours it shows, or to one room', async () => {
    const mine = await desk.book('10:00', { roomId: desk.here.otherRoomId })
    const other = await desk.book('10:00', { staffId: desk.here.otherStaffId })
    const ofPerson = await desk.ask(RANGE, { ...week(), staffId: desk.here.staffId })
    expect(idsIn(ofPerson)).toEqual([mine.id])
    expect(ofPerson.shifts[0]).toEqual({ startsAt: desk.at('09:00'), endsAt: desk.at('17:00') })
    expect(ofPerson.shifts.length).toBeGreaterThanOrEqual(5)
    const ofRoom = await desk.ask(RANGE, { ...week(), roomId: desk.here.roomId })
    expect(idsIn(ofRoom)).toEqual([other.id])
    expect(ofRoom.shifts).toEqual([])
  })

  it('shows closed times: all of them, or those of a person or room with the closures', async () => {
    await block('time_off', desk.at('09:00'), desk.at('17:00'))
    await block('maintenance', desk.at('09:00', 1), desk.at('11:00', 1))
    await block('closure', desk.at('00:00', 2), desk.at('00:00', 3))
    await block('closure', desk.at('00:00', 2), desk.at('00:00', 3), 1)
    const kinds = async (wishes: object) => (await desk.ask(RANGE, { ...week(), ...wishes })).blocks.map(({ kind }: { kind: string }) => kind)
    expect(await kinds({})).toEqual(['TIME_OFF', 'MAINTENANCE', 'CLOSURE'])
    expect(await kinds({ staffId: desk.here.staffId })).toEqual(['TIME_OFF', 'CLOSURE'])
    expect(await kinds({ staffId: desk.here.otherStaffId })).toEqual(['CLOSURE'])
    expect(await kinds({ roomId: desk.here.roomId })).toEqual(['MAINTENANCE', 'CLOSURE'])
  })

  it('holds nothing of another clinic, and nothing for a person or room of one', async () => {
    await desk.book('10:00', { staffId: desk.there.staffId, roomId: desk.there.roomId, typeId: desk.there.typeId }, { clinic: 1 })
    expect(idsIn(await desk.ask(RANGE, week()))).toEqual([])
    expect(idsIn(await desk.ask(RANGE, { ...week(), roomId: desk.there.roomId }))).toEqual([])
    expect(idsIn(await desk.ask(RANGE, week(), { clinic: 1 }))).toHaveLength(1)
    const abroad = await desk.ask(RANGE, { ...week(), staffId: desk.here.staffId }, { organisation: desk.foreign })
    expect(abroad).toMatchObject({ appointments: [], blocks: [], shifts: [] })
  })

  it('refuses days out of order and more than 42 of them', async () => {
    for (const document of [RANGE, COUNTS]) {
      for (const [from, until] of [
        ['2027-05-02', '2027-05-01'],
        ['2027-05-01', '2027-06-12'],
      ]) {
        const { body } = await desk.call(document, { from, until })
        expect(body.errors?.[0]?.extensions?.code, `${from} to ${until}`).toBe('INVALID_INPUT')
      }
      expect(await desk.ask(document, { from: '2027-05-01', until: '2027-06-11' })).toBeTruthy()
    }
  })

  it('costs one statement, whatever the number of visits', async () => {
    const actor = actorOf(desk.org)
    await desk.harness.app.asSystem(actor, 'cli', 'world', async (tx) => {
      for (let index = 0; index < 30; index += 1)
        await bookAppointment(tx, actor, {
          ...desk.booking('00:00'),
          startsAt: new Date(Date.parse(desk.at('08:00', index % 5)) + Math.floor(index / 5) * 30 * 60_000),
        })
      return null
    })
    await desk.ask(RANGE, { from: desk.dateOf(7), until: desk.dateOf(13) })
    const { result, count } = await countStatements(desk.harness, () => desk.ask(RANGE, week()))
    expect(result.appointments).toHaveLength(30)
    expect(count).toBe(1)
  })

  it('names what it showed in the trail', async () => {
    const visit = await desk.book('10:00')
    const { requestId } = await desk.call(RANGE, week())
    const [entry] = await desk.withAdmin((admin) => entriesOf(admin, requestId))
    expect(idsOf(entry?.body.reads, 'Appointment')).toEqual([visit.id])
    expect(idsOf(entry?.body.reads, 'Patient')).toEqual([desk.here.patientId])
  })
})

describe('the days in numbers', () => {
  it('counts visits that take place, those that do not, and closed times', async () => {
    await desk.book('10:00')
    await desk.book('11:00')
    const gone = await desk.book('12:00')
    await desk.ask(CANCEL, { input: { id: gone.id, version: 1, reason: 'Ill' } })
    await block('closure', desk.at('00:00', 2), desk.at('00:00', 4))
    await block('closure', desk.at('00:00', 2), desk.at('00:00', 4), 1)
    const counts = await desk.ask(COUNTS, { from: desk.dateOf(), until: desk.dateOf(4) })
    expect(counts.map(({ date }: { date: string }) => date)).toEqual([0, 1, 2, 3, 4].map((day) => desk.dateOf(day)))
    expect(counts[0]).toEqual({ date: desk.dateOf(), booked: 2, cancelled: 1, blocks: 0 })
    expect(counts.map(({ blocks }: { blocks: number }) => blocks)).toEqual([0, 0, 1, 1, 0])
  })

  it('counts a visit over midnight on both days, by the clock of the clinic', async () => {
    await desk.book('23:50', {}, { role: 'veterinarian' })
    const counts = await desk.ask(COUNTS, { from: desk.dateOf(), until: desk.dateOf(2) })
    expect(counts.map(({ booked }: { booked: number }) => booked)).toEqual([1, 1, 0])
  })

  it('costs one statement for 42 days', async () => {
    const six = { from: desk.dateOf(), until: desk.dateOf(41) }
    await desk.ask(COUNTS, six)
    const { result, count } = await countStatements(desk.harness, () => desk.ask(COUNTS, six))
    expect(result).toHaveLength(42)
    expect(count).toBe(1)
  })
})
