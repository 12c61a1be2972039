import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type CalendarDesk, FEEDS, type FeedCaller, isVisit, openCalendarDesk, parseEvents, REVOKE_FEED } from '../calendar-desk.ts'
import { entriesOf } from '../trail.ts'

let desk: CalendarDesk
beforeAll(async () => {
  desk = await openCalendarDesk()
})
afterAll(() => desk[Symbol.asyncDispose]())

describe('an address', () => {
  const flip = (text: string, at: number) => `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`

  it('that nobody made is refused without a question to the database', async () => {
    const { path, id } = await desk.create({ staffId: desk.vet })
    const stranger = await desk.create({ staffId: desk.foreignVet }, { organisation: desk.foreign })
    const [, secret = '', signature = ''] = path.split('.')
    const made = [
      path.replace(id, stranger.id),
      path.replace(secret, flip(secret, 5)),
      path.replace(signature, flip(signature, 5)),
      `/calendar/${id}.${secret}.ics`,
      `/calendar/${id}.${secret}..ics`,
      '/calendar/feed.ics',
      `${path}.ics`,
      path.toUpperCase(),
    ]
    const { database } = desk.harness.app
    const spies = [
      vi.spyOn(database.pool, 'query'),
      vi.spyOn(database.pool, 'connect'),
      vi.spyOn(database.auditPool, 'query'),
      vi.spyOn(database.auditPool, 'connect'),
    ]
    const answers = await Promise.all(made.map(async (wrong) => desk.read(wrong)))
    const asked = spies.map((spy) => spy.mock.calls.length)
    for (const spy of spies) spy.mockRestore()
    expect(answers.map(({ status }) => status)).toEqual(made.map(() => 404))
    expect(asked).toEqual([0, 0, 0, 0])
    expect((await desk.read(path)).status).toBe(200)
  })

  /** Changes a row as another process would, and back. */
  const whereby = async (change: string, back: string, look: () => Promise<Response>) => {
    await desk.plant(change)
    try {
      return await look()
    } finally {
      await desk.plant(back)
    }
  }

  it('that was made up, revoked or is over gets the same answer', async () => {
    const { path, id } = await desk.create({ staffId: desk.vet })
    const shown = async (response: Response) => [
      response.status,
      response.headers.get('content-type'),
      response.headers.get('cache-control'),
      await response.text(),
    ]
    const revoked = await desk.create({ staffId: desk.vet })
    expect((await desk.ask(REVOKE_FEED, { input: { id: revoked.id } })).revokedAt).toBe(new Date(desk.now()).toISOString())
    const look = () => desk.read(path)
    const user = desk.org.userId('veterinarian')
    const answers = [
      await desk.read('/calendar/feed.ics'),
      await desk.read(revoked.path),
      await whereby(`UPDATE app_user SET is_active = false WHERE id = '${user}'`, `UPDATE app_user SET is_active = true WHERE id = '${user}'`, look),
      await whereby(
        `UPDATE staff_profile SET is_active = false WHERE id = '${desk.vet}'`,
        `UPDATE staff_profile SET is_active = true WHERE id = '${desk.vet}'`,
        look,
      ),
      await whereby(
        `UPDATE staff_profile SET terminated_on = '2027-02-28' WHERE id = '${desk.vet}'`,
        `UPDATE staff_profile SET terminated_on = NULL WHERE id = '${desk.vet}'`,
        look,
      ),
      await whereby(
        `UPDATE staff_profile SET user_id = NULL WHERE id = '${desk.vet}'`,
        `UPDATE staff_profile SET user_id = '${user}' WHERE id = '${desk.vet}'`,
        look,
      ),
      await whereby(
        `UPDATE role_assignment SET valid_from = '2027-03-02' WHERE user_id = '${user}'`,
        `UPDATE role_assignment SET valid_from = '2027-03-01' WHERE user_id = '${user}'`,
        look,
      ),
      await whereby(
        `UPDATE calendar_feed SET token_hash = sha256('x') WHERE id = '${id}'`,
        `UPDATE calendar_feed SET token_hash = sha256(convert_to('${path.split('.')[1]}', 'UTF8')) WHERE id = '${id}'`,
        look,
      ),
    ]
    const texts = await Promise.all(answers.map(shown))
    expect(new Set(texts.map((text) => JSON.stringify(text))).size).toBe(1)
    expect(texts[0]?.slice(0, 3)).toEqual([404, 'application/json; charset=utf-8', 'no-store'])
    expect((await look()).status).toBe(200)
  })

  it('shows on the last day of employment', async () => {
    const { path } = await desk.create({ staffId: desk.vet })
    const last = await whereby(
      `UPDATE staff_profile SET terminated_on = '2027-03-01' WHERE id = '${desk.vet}'`,
      `UPDATE staff_profile SET terminated_on = NULL WHERE id = '${desk.vet}'`,
      () => desk.read(path),
    )
    expect(last.status).toBe(200)
  })

  it('is revoked by its owner or by whoever plans, at their clinic, and by nobody else; again changes nothing', async () => {
    const { path, id } = await desk.create({ staffId: desk.vet })
    const revoke = (caller: FeedCaller) => desk.ask(REVOKE_FEED, { input: { id } }, caller)
    for (const caller of [
      { role: 'receptionist' },
      { role: 'assistant' },
      { role: 'manager', clinic: 1 },
      { role: 'owner', organisation: desk.foreign },
    ] as const)
      expect(await revoke(caller)).toMatchObject({ code: 'NOT_FOUND' })
    expect((await desk.read(path)).status).toBe(200)
    const { revokedAt } = await revoke({ role: 'manager' })
    desk.pass(60_000)
    expect([revokedAt, (await revoke({})).revokedAt]).toEqual([expect.any(String), revokedAt])
    expect((await desk.read(path)).status).toBe(404)
    const listed = async (all: boolean) => (await desk.ask(FEEDS, { all })).edges.some(({ node }: { node: { id: string } }) => node.id === id)
    expect([await listed(false), await listed(true)]).toEqual([false, true])
  })

  it('never stands in the log', async () => {
    const { path } = await desk.create({ staffId: desk.vet })
    const info = vi.spyOn(desk.harness.app.log, 'info')
    await desk.read(path)
    await vi.waitFor(() => expect(info).toHaveBeenCalled())
    const logged = JSON.stringify(info.mock.calls)
    info.mockRestore()
    expect(logged).toContain('/calendar/…')
    expect(logged).not.toContain(path.split('.')[1])
  })

  it('is read 60 times in five minutes and then has to wait, while others are read', async () => {
    const [{ path }, next] = [await desk.create({ staffId: desk.vet }), await desk.create({ staffId: desk.vet })]
    const statuses = new Set<number>()
    for (let count = 0; count < 60; count += 1) statuses.add((await desk.read(path, { method: 'GET' })).status)
    const refused = await desk.read(path)
    expect([[...statuses], refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([[200], 429, true])
    expect((await desk.read(next.path)).status).toBe(200)
  })
})

describe('the trail', () => {
  it('holds each reading as its owner’s, with the feed, the visits and the schedules, before anything is shown', async () => {
    await desk.book('2027-03-02T10:00:00Z')
    await desk.book('2027-03-02T11:00:00Z')
    const { path, id } = await desk.create({ staffId: desk.vet })
    const response = await desk.read(path, { headers: { 'user-agent': 'Calendar/1' } })
    const shown = parseEvents(await response.text()).filter(isVisit)
    expect(shown).toHaveLength(2)
    const entries = await entriesOf(desk.admin, response.headers.get('x-request-id'))
    expect(entries).toHaveLength(1)
    const { reads = [], ...body } = entries[0]?.body ?? { reads: [] }
    expect(body).toMatchObject({
      action: 'read',
      outcome: 'ok',
      origin: 'file',
      operation: { name: 'calendar.feed' },
      organisation: desk.org.id,
      clinic: desk.org.clinics[0]?.id,
      actor: { kind: 'user', user: desk.org.userId('veterinarian'), staff: desk.vet, session: id },
    })
    const idsOf = (kind: string) => reads.filter((some) => some.type === kind).flatMap(({ ids }) => ids)
    const inDatabase = await desk.admin.query<{ id: string }>('SELECT id FROM appointment WHERE staff_id = $1', [desk.vet])
    expect(idsOf('Appointment').toSorted()).toEqual(inDatabase.rows.map((row) => row.id).toSorted())
    expect(shown.every(({ uid }) => idsOf('Appointment').includes(uid.replace('@chiron', '')))).toBe(true)
    const schedules = await desk.admin.query<{ id: string }>('SELECT id FROM weekly_schedule WHERE staff_id = $1', [desk.vet])
    expect(idsOf('WeeklySchedule').toSorted()).toEqual(schedules.rows.map((row) => row.id).toSorted())
    expect([idsOf('CalendarFeed'), idsOf('StaffProfile'), idsOf('Patient'), idsOf('Client')]).toEqual([[id], [desk.vet], [], []])
  })

  it('withholds the calendar when it cannot be recorded', async () => {
    const { path } = await desk.create({ staffId: desk.vet })
    const query = vi.spyOn(desk.harness.app.database.auditPool, 'query').mockImplementation(() => Promise.reject(new Error('no space left')))
    const connect = vi.spyOn(desk.harness.app.database.auditPool, 'connect').mockImplementation(() => Promise.reject(new Error('no space left')))
    const refused = await desk.read(path)
    const text = await refused.text()
    query.mockRestore()
    connect.mockRestore()
    expect([refused.status, text.includes('AUDIT_UNAVAILABLE'), text.includes('VCALENDAR')]).toEqual([503, true, false])
    expect((await desk.read(path)).status).toBe(200)
  })

  it('says that a revoked address is still in use, and whose it was', async () => {
    const { path, id } = await desk.create({ staffId: desk.vet })
    await desk.ask(REVOKE_FEED, { input: { id } })
    const refused = await desk.read(path)
    const [entry] = await entriesOf(desk.admin, refused.headers.get('x-request-id'))
    expect(entry?.body).toMatchObject({
      outcome: 'denied',
      detail: 'FEED_OVER',
      organisation: desk.org.id,
      actor: { kind: 'anonymous', claimed: desk.org.userId('veterinarian') },
    })
    expect(entry?.body.reads).toBeUndefined()
  })

  it('is not filled by the last reading, which is noted at most once a minute', async () => {
    const { path, id } = await desk.create({ staffId: desk.vet })
    const lastRead = async () => (await desk.ask(FEEDS, {})).edges.find(({ node }: { node: { id: string } }) => node.id === id).node.lastReadAt
    expect(await lastRead()).toBeNull()
    await desk.read(path)
    const first = await lastRead()
    expect(first).toBe(new Date(desk.now()).toISOString())
    desk.pass(59_000)
    await desk.read(path)
    expect(await lastRead()).toBe(first)
    desk.pass(1_000)
    await desk.read(path)
    expect(await lastRead()).toBe(new Date(desk.now()).toISOString())
  })
})
