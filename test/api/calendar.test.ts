import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../modules/kernel/time.ts'
import { type CalendarDesk, CREATE_FEED, FEEDS, type FeedCaller, isVisit, openCalendarDesk, parseEvents } from '../calendar-desk.ts'
import { databaseRuns } from '../effort.ts'
import { actorOf } from '../operations.ts'
import { addRoom } from '../world-scheduling.ts'
import { addStaff } from '../world-staff.ts'

const CANCEL = 'mutation Cancel($input: CancelAppointmentInput!) { cancelAppointment(input: $input) { __typename } }'

let desk: CalendarDesk
beforeAll(async () => {
  desk = await openCalendarDesk()
})
afterAll(() => desk[Symbol.asyncDispose]())

describe('a roster', () => {
  it('holds hours of work and visits, of which it tells kind, length and room and nothing of patient, client or reason', async () => {
    const id = await desk.book('2027-03-02T10:00:00Z')
    await desk.book('2027-03-02T11:00:00Z', null)
    await desk.book('2027-03-02T12:00:00Z', desk.room, desk.other)
    const { path } = await desk.create({ staffId: desk.vet })
    const response = await desk.read(path)
    expect(Object.fromEntries(['content-type', 'cache-control', 'x-content-type-options'].map((name) => [name, response.headers.get(name)]))).toEqual({
      'content-type': 'text/calendar; charset=utf-8',
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
    })
    const text = await response.text()
    expect(text).not.toMatch(/Firulais|Luc[ií]a|Hern|Vomita|TZID|ATTENDEE|ORGANIZER/)
    expect(text).toMatch(/^X-WR-CALNAME:Ana Ruiz · alfa 1\r$/m)
    const events = parseEvents(text)
    expect(events.filter(isVisit)).toEqual([
      {
        uid: `${id}@chiron`,
        start: '2027-03-02T10:00:00.000Z',
        end: '2027-03-02T10:20:00.000Z',
        summary: 'Consulta · 20 min · Sala 1',
        status: 'CONFIRMED',
        sequence: 0,
      },
      expect.objectContaining({ start: '2027-03-02T11:00:00.000Z', summary: 'Consulta · 20 min' }),
    ])
    const shifts = events.filter((event) => !isVisit(event))
    // 30 days back and 180 ahead, today and the first day, which the range cuts, included.
    expect([shifts.length, new Set(shifts.map(({ uid }) => uid)).size]).toEqual([211, 211])
    expect(shifts.find(({ start }) => start.startsWith('2027-03-02'))).toMatchObject({
      start: '2027-03-02T09:00:00.000Z',
      end: '2027-03-02T17:00:00.000Z',
      summary: 'Turno',
    })
  })

  it.each([
    [
      'America/Tijuana',
      () => desk.create({ staffId: desk.vet }),
      '2027-03-13',
      '2027-03-13T09:00Z/2027-03-13T17:00Z',
      '2027-03-14T09:00Z/2027-03-14T16:00Z',
      '2027-03-15T08:00Z/2027-03-15T16:00Z',
    ],
    [
      'Europe/Madrid',
      () => desk.create({ staffId: desk.foreignVet }, { organisation: desk.foreign }),
      '2027-03-27',
      '2027-03-27T00:00Z/2027-03-27T08:00Z',
      '2027-03-28T00:00Z/2027-03-28T07:00Z',
      '2027-03-28T23:00Z/2027-03-29T07:00Z',
    ],
  ])('in %s follows the clock over its change', async (_zone, make, first, ...expected) => {
    const shifts = await desk.shiftsIn((await make()).path)
    const days = [first, addDays(first, 1), addDays(first, 2)]
    const found = days.map((date) => shifts.find(({ uid }) => uid.includes(`.${date}.`)))
    expect(found.map((shift) => shift && `${shift.start}/${shift.end}`.replaceAll(':00.000Z', 'Z'))).toEqual(expected)
  })

  it('leaves out time off, and days after the last one of employment', async () => {
    const { path } = await desk.create({ staffId: desk.other }, { role: 'assistant' })
    const [before] = [await desk.shiftsIn(path)]
    await desk.plant(`INSERT INTO resource_block (organisation_id, clinic_id, resource_id, staff_id, kind, starts_at, ends_at)
        VALUES ('${desk.org.id}', '${desk.org.clinics[0]?.id}', '${desk.other}', '${desk.other}', 'time_off', '2027-03-03T11:00Z', '2027-03-04T11:00Z');
      UPDATE staff_profile SET terminated_on = '2027-03-10' WHERE id = '${desk.other}'`)
    const after = await desk.shiftsIn(path)
    expect(before.some(({ uid }) => uid.includes('2027-03-11'))).toBe(true)
    expect(after.some(({ uid }) => uid.includes('2027-03-11'))).toBe(false)
    const near = after.filter(({ start }) => start > '2027-03-03' && start < '2027-03-05').map(({ start, end }) => `${start}/${end}`)
    expect(near).toEqual(['2027-03-03T09:00:00.000Z/2027-03-03T11:00:00.000Z', '2027-03-04T11:00:00.000Z/2027-03-04T17:00:00.000Z'])
    await desk.plant(`UPDATE staff_profile SET terminated_on = NULL WHERE id = '${desk.other}'`)
  })

  it('tells of a cancelled visit for 30 days, under the same UID and with a higher revision', async () => {
    const id = await desk.book('2027-03-20T10:00:00Z')
    const { path } = await desk.create({ staffId: desk.vet })
    const find = async () => (await desk.visitsIn(path)).find(({ uid }) => uid === `${id}@chiron`)
    expect(await find()).toMatchObject({ status: 'CONFIRMED', sequence: 0 })
    await desk.ask(CANCEL, { input: { id, version: 1, reason: 'moved away' } }, { role: 'receptionist' })
    expect(await find()).toMatchObject({ status: 'CANCELLED', sequence: 1 })
    desk.pass(29 * 86_400_000)
    expect(await find()).toMatchObject({ status: 'CANCELLED' })
    desk.pass(2 * 86_400_000)
    expect(await find()).toBeUndefined()
    desk.pass(-31 * 86_400_000)
  })

  it('is read again only when it has changed', async () => {
    const { path } = await desk.create({ staffId: desk.vet })
    const first = await desk.read(path)
    const etag = first.headers.get('etag') ?? ''
    const length = (await first.text()).length
    expect([etag.length > 40, Number.isNaN(Date.parse(first.headers.get('last-modified') ?? '')), length > 1_000]).toEqual([true, false, true])
    const second = await desk.read(path, { headers: { 'if-none-match': `W/${etag}` } })
    expect([second.status, await second.text(), second.headers.get('etag')]).toEqual([304, '', etag])
    await desk.book('2027-03-05T10:00:00Z')
    const third = await desk.read(path, { headers: { 'if-none-match': etag } })
    expect([third.status, third.headers.get('etag') === etag]).toEqual([200, false])
    const [post, head] = [await desk.read(path, { method: 'POST' }), await desk.read(path, { method: 'HEAD' })]
    expect([post.status, post.headers.get('allow'), head.status]).toEqual([405, 'GET', 405])
  })
})

describe('a feed of a room', () => {
  it('is made with schedule:manage and holds the visits of that room, whoever sees them', async () => {
    await desk.book('2027-03-06T10:00:00Z', desk.otherRoom)
    await desk.book('2027-03-06T11:00:00Z', desk.otherRoom, desk.other)
    await desk.book('2027-03-06T12:00:00Z', desk.room)
    const { path } = await desk.create({ roomId: desk.otherRoom }, { role: 'manager' })
    expect((await desk.eventsOf(path)).map(({ start, summary }) => [start, summary])).toEqual([
      ['2027-03-06T10:00:00.000Z', 'Consulta · 20 min · Sala 2'],
      ['2027-03-06T11:00:00.000Z', 'Consulta · 20 min · Sala 2'],
    ])
  })

  it('ends with its maker’s right to plan', async () => {
    const { path } = await desk.create({ roomId: desk.otherRoom }, { role: 'manager' })
    expect((await desk.read(path)).status).toBe(200)
    const role = `(SELECT id FROM role WHERE code = 'manager' AND organisation_id = '${desk.org.id}')`
    await desk.plant(`INSERT INTO role_grant (organisation_id, role_id, permission, effect) VALUES ('${desk.org.id}', ${role}, 'schedule:manage', 'deny')`)
    const denied = (await desk.read(path)).status
    await desk.plant(`DELETE FROM role_grant WHERE role_id = ${role} AND effect = 'deny'`)
    expect([denied, (await desk.read(path)).status]).toEqual([404, 200])
  })

  it('ends with the employment of its maker, who needs no profile to make one', async () => {
    const { path } = await desk.create({ roomId: desk.otherRoom }, { role: 'clinic_admin' })
    const status = async () => (await desk.read(path)).status
    const before = await status()
    const id = await addStaff(desk.harness.app, actorOf(desk.org), { userId: desk.org.userId('clinic_admin') })
    const employed = await status()
    await desk.plant(`UPDATE staff_profile SET terminated_on = '2027-02-28' WHERE id = '${id}'`)
    const left = await status()
    await desk.plant(`UPDATE staff_profile SET terminated_on = NULL, is_active = false WHERE id = '${id}'`)
    expect([before, employed, left, await status()]).toEqual([200, 200, 404, 404])
  })
})

describe('making a feed', () => {
  it.each([
    ['of nothing', {}, {}, 'INVALID_INPUT'],
    ['of two things', () => ({ staffId: desk.vet, roomId: desk.room }), {}, 'INVALID_INPUT'],
    ['of somebody else’s roster', () => ({ staffId: desk.other }), { role: 'manager' }, 'NOT_PERMITTED'],
    ['of a room without schedule:manage', () => ({ roomId: desk.room }), {}, 'NOT_PERMITTED'],
    [
      'of a room of another organisation',
      () => ({ roomId: desk.room }),
      {
        role: 'manager',
        get organisation() {
          return desk.foreign
        },
      },
      'NOT_FOUND',
    ],
    ['of a room of the sister clinic', () => ({ roomId: desk.room }), { role: 'manager', clinic: 1 }, 'NOT_FOUND'],
  ] as [string, object | (() => object), FeedCaller, string][])('%s is refused', async (_case, input, caller, code) => {
    expect(await desk.ask(CREATE_FEED, { input: typeof input === 'function' ? input() : input }, caller)).toMatchObject({ code })
  })

  it('shows the address once; of the secret the database holds a hash', async () => {
    const idempotencyKey = 'feed-once-0001'
    const made = await desk.create({ staffId: desk.vet }, { idempotencyKey })
    expect(await desk.create({ staffId: desk.vet }, { idempotencyKey })).toEqual(made)
    expect((await desk.read(made.path)).status).toBe(200)
    expect(made.url).toMatch(/^http:\/\/localhost:4000\/calendar\/[0-9a-f-]{36}\.[\w-]{43}\.[\w-]{43}\.ics$/)
    const [, secret = '', signature = ''] = made.path.split('.')
    for (const table of ['calendar_feed', 'idempotency_key', 'audit.entry', 'audit.search', 'audit.image_pending']) {
      const { rows } = await desk.admin.query<{ found: string }>(
        `SELECT count(*)::text AS found FROM ${table} t WHERE to_jsonb(t)::text LIKE '%' || $1 || '%' OR to_jsonb(t)::text LIKE '%' || $2 || '%' OR to_jsonb(t)::text LIKE '%' || encode($1::bytea, 'hex') || '%'`,
        [secret, signature],
      )
      expect([table, rows[0]?.found]).toEqual([table, '0'])
    }
  })

  it('lists own feeds; with schedule:manage those of rooms and of others, of the active clinic alone', async () => {
    const mine = await desk.create({ staffId: desk.vet })
    const rooms = await desk.create({ roomId: desk.room }, { role: 'manager' })
    const idsFor = async (caller: FeedCaller) => (await desk.ask(FEEDS, {}, caller)).edges.map(({ node }: { node: { id: string } }) => node.id)
    const [own, all, none, sister] = [
      await idsFor({}),
      await idsFor({ role: 'manager' }),
      await idsFor({ role: 'receptionist' }),
      await idsFor({ role: 'manager', clinic: 1 }),
    ]
    expect([own.includes(mine.id), own.includes(rooms.id), all.includes(mine.id), all.includes(rooms.id)]).toEqual([true, false, true, true])
    expect([none, sister]).toEqual([[], []])
  })
})

it('two organisations read their own', async () => {
  const mine = await desk.create({ staffId: desk.foreignVet }, { organisation: desk.foreign })
  expect(await desk.visitsIn(mine.path)).toEqual([])
  const sister = await addStaff(desk.harness.app, actorOf(desk.org, 1), { name: 'Eli Mora', userId: desk.org.userId('veterinarian', 1) })
  expect(await desk.visitsIn((await desk.create({ staffId: sister }, { clinic: 1 })).path)).toEqual([])
})

describe('events', () => {
  type Made = { day: number; minute: number; length: number; status: string; offDays: number; isMine: boolean; isHere: boolean; isRoom: boolean }
  const DAY = 86_400_000
  const visit = fc.record<Made>({
    day: fc.integer({ min: -33, max: 183 }),
    minute: fc.integer({ min: 0, max: 1439 }),
    length: fc.integer({ min: 5, max: 600 }),
    status: fc.constantFrom('scheduled', 'confirmed', 'completed', 'checked_out', 'cancelled', 'no_show'),
    offDays: fc.integer({ min: 0, max: 40 }),
    isMine: fc.boolean(),
    isHere: fc.boolean(),
    isRoom: fc.boolean(),
  })
  type Row = Made & { id: string; start: number; end: number; offAt: number }

  /** Behind the commands' backs, which would refuse such times; with all moments, of which the calendar reads two. */
  async function insertVisits(rows: readonly Row[], person: string, place: string): Promise<void> {
    const [here, there] = desk.org.clinics.map(({ id }) => id)
    const inserts = rows.map((row) => {
      const moments = ['scheduled', 'cancelled', 'no_show'].includes(row.status) ? 'NULL' : `'${new Date(row.start).toISOString()}'`
      const offAt = `'${new Date(row.offAt).toISOString()}'`
      return `INSERT INTO appointment (id, organisation_id, clinic_id, patient_id, type_id, staff_id, room_id, starts_at, ends_at, status, cancelled_at, no_show_at, cancel_reason,
          confirmed_at, checked_in_at, started_at, completed_at, checked_out_at)
        SELECT '${row.id}', '${desk.org.id}', '${row.isHere ? here : there}', '${desk.patient}', '${desk.type}', '${row.isMine ? person : desk.vet}',
          ${row.isRoom && row.isHere ? `'${place}'` : 'NULL'}, '${new Date(row.start).toISOString()}', '${new Date(row.end).toISOString()}', '${row.status}',
          ${row.status === 'cancelled' ? `${offAt}, NULL, 'because'` : row.status === 'no_show' ? `NULL, ${offAt}, NULL` : 'NULL, NULL, NULL'}, m, m, m, m, m
        FROM (SELECT ${moments}::timestamptz AS m) AS moment`
    })
    await desk.plant(["DELETE FROM appointment WHERE id::text LIKE '01900000-0000-7000-9000-%'", ...inserts].join(';\n'))
  }
  const off = ({ status }: Made) => status === 'cancelled' || status === 'no_show'

  it('are the visits in the database', async () => {
    const person = await addStaff(desk.harness.app, actorOf(desk.org), { userId: desk.org.userId('groomer') })
    const place = await addRoom(desk.harness.app, actorOf(desk.org), { name: 'Sala 9' })
    await fc.assert(
      fc.asyncProperty(fc.array(visit, { maxLength: 12 }), async (made) => {
        // New ones each time: a feed may be read so often and no more.
        const roster = await desk.create({ staffId: person }, { role: 'groomer' })
        const bookings = await desk.create({ roomId: place }, { role: 'manager' })
        const rows = made.map((one, index): Row => {
          const start = desk.now() + one.day * DAY + one.minute * 60_000
          return {
            ...one,
            id: `01900000-0000-7000-9000-${String(index).padStart(12, '0')}`,
            start,
            end: start + one.length * 60_000,
            offAt: desk.now() - one.offDays * DAY,
          }
        })
        await insertVisits(rows, person, place)
        const expected = (belongs: (row: (typeof rows)[number]) => boolean) =>
          rows
            .filter(
              (row) => row.isHere && belongs(row) && row.end > desk.now() - 30 * DAY && row.start < desk.now() + 180 * DAY && !(off(row) && row.offDays > 30),
            )
            .map((row) => `${row.id}@chiron ${new Date(row.start).toISOString()} ${new Date(row.end).toISOString()} ${off(row) ? 'CANCELLED' : 'CONFIRMED'}`)
            .sort()
        const shown = async (path: string) => (await desk.visitsIn(path)).map(({ uid, start, end, status }) => `${uid} ${start} ${end} ${status}`).sort()
        expect(await shown(roster.path)).toEqual(expected(({ isMine }) => isMine))
        expect(await shown(bookings.path)).toEqual(expected(({ isRoom }) => isRoom))
      }),
      { numRuns: databaseRuns(12) },
    )
    await desk.plant("DELETE FROM appointment WHERE id::text LIKE '01900000-0000-7000-9000-%'")
  })
})
