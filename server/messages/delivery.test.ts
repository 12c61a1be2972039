import type pg from 'pg'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { claimMessage, settleMessage, waitMinutes } from '../../modules/communication/delivery.ts'
import { setClientPreference } from '../../modules/communication/preferences.ts'
import { queueMessage } from '../../modules/communication/queue.ts'
import { updateMessageRule } from '../../modules/communication/rules.ts'
import type { SystemActor } from '../../modules/kernel/actor.ts'
import type { Tx } from '../../modules/kernel/db.ts'
import { newId } from '../../modules/kernel/ids.ts'
import { cancelAppointment, rescheduleAppointment } from '../../modules/scheduling/index.ts'
import { type Harness, startHarness } from '../../test/harness.ts'
import { actorOf, lastEntry } from '../../test/operations.ts'
import { mailPart, OutsideWorld, type ReceivedMail } from '../../test/outside-world.ts'
import { buildOrganisation, type WorldOrganisation } from '../../test/world.ts'
import { addMessage, addMessageRule } from '../../test/world-communication.ts'
import { addClient, addPatient } from '../../test/world-patients.ts'
import { addAppointment, addPractice, type Practice } from '../../test/world-scheduling.ts'
import { addHours, addStaff } from '../../test/world-staff.ts'
import { parseSmtpUrl } from '../config-audit.ts'
import { withClient } from '../database/connection.ts'
import { startJobs } from '../jobs/runner.ts'
import { messageJobs, planClinic } from './message-jobs.ts'
import { drainMessages, type SendPorts, sendMessage } from './send-message.ts'
import { SmtpMail } from './smtp-mail.ts'
import { UnsubscribeTokens } from './unsubscribe-token.ts'

let harness: Harness
let outside: OutsideWorld
let mails: ReceivedMail[]
let sending: SendPorts
let now: Date
const clock = { now: () => now }
/** Of Mexico City, which has no summer time. */
const at = (text: string) => new Date(`${text}:00-06:00`)
const never = new AbortController().signal

beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness[Symbol.asyncDispose]())
beforeEach(async () => {
  outside = new OutsideWorld()
  const server = await outside.startMailServer()
  mails = server.mails
  now = at('2026-01-12T10:00')
  const mail = new SmtpMail({ from: 'chiron@clinic.example', server: parseSmtpUrl(`smtp://127.0.0.1:${server.port}`) })
  const tokens = new UnsubscribeTokens(harness.config.secrets.tokenKey)
  sending = { database: harness.app.database, clock, log: pino({ level: 'silent' }), ports: { mail, sms: null }, tokens, publicUrl: harness.url }
})
afterEach(() => outside[Symbol.asyncDispose]())

type World = { org: WorldOrganisation; actor: SystemActor; practice: Practice; patientId: string; clientId: string }
let count = 0

async function build(timeZone = 'America/Mexico_City'): Promise<World> {
  count += 1
  const org = await buildOrganisation(harness.app, `mail${count}`, [{ timeZone }])
  const actor = actorOf(org)
  const practice = await addPractice(harness.app, actor)
  const clientId = await addClient(harness.app, actor, { name: 'Lucía', email: 'lucia@x.example', locale: 'es-MX' })
  const { id: patientId } = await addPatient(harness.app, actor, { clientId, name: 'Firulais' })
  return { org, actor, practice, patientId, clientId }
}
const book = ({ actor, practice, patientId }: World, startsAt: Date, over: object = {}) =>
  addAppointment(harness.app, actor, { patientId, typeId: practice.typeId, staffId: practice.staffId, roomId: practice.roomId, startsAt, ...over }, clock)
const run = <T extends object | null>({ actor }: World, command: (tx: Tx) => Promise<T>) => harness.app.asSystem(actor, 'job', 'test', command as never, clock)
const plan = ({ actor }: World) => planClinic(sending, actor)
const drain = ({ actor }: World) => drainMessages(sending, actor, never)

type Row = {
  id: string
  status: string
  error_code: string | null
  kind: string
  channel: string
  not_before: Date
  attempts: number
  dedupe_key: string
  template_code: string
}
const admin = <T>(work: (client: pg.Client) => Promise<T>) => withClient(harness.database.adminUrl, work)
const rows = ({ actor }: World) =>
  admin(async (client) => (await client.query<Row>('SELECT * FROM message WHERE clinic_id = $1 ORDER BY created_at, dedupe_key', [actor.clinic.id])).rows)
const states = async (world: World) => (await rows(world)).map(({ template_code, status, error_code }) => [template_code, status, error_code])
const entries = ({ actor }: World) =>
  admin(async (client) => (await client.query<{ n: number }>('SELECT count(*)::int AS n FROM audit.entry WHERE clinic_id = $1', [actor.clinic.id])).rows[0]?.n)

describe('a reminder', () => {
  it('is planned once, sent once when it is due, and says who, where and when', async () => {
    const world = await build()
    await addMessageRule(harness.app, world.actor, {}, clock)
    await book(world, at('2026-01-14T11:30'))
    await plan(world)
    expect(await rows(world)).toEqual([])
    now = at('2026-01-12T12:00')
    await plan(world)
    await plan(world)
    expect(await rows(world)).toMatchObject([{ status: 'queued', kind: 'reminder', not_before: at('2026-01-13T11:30') }])
    const before = await entries(world)
    await plan(world)
    expect(await entries(world)).toBe(before)
    await drain(world)
    expect(mails).toEqual([])
    now = at('2026-01-13T11:30')
    await drain(world)
    await drain(world)
    expect(mails.map(({ to }) => to)).toEqual([['lucia@x.example']])
    const text = mailPart(mails[0]?.source ?? '', 'text/plain')
    for (const part of ['Lucía', 'Firulais', world.actor.clinic.name, 'miércoles, 14 de enero de 2026', '11:30']) expect(text).toContain(part)
    expect(await rows(world)).toMatchObject([{ status: 'sent', attempts: 1, error_code: null }])
  })

  it('follows its visit: moved, it is planned anew; moved back, it is the same again; cancelled, there is none', async () => {
    const world = await build()
    await addMessageRule(harness.app, world.actor, {}, clock)
    const id = await book(world, at('2026-01-13T12:00'))
    await plan(world)
    const [first] = await rows(world)
    expect(first).toMatchObject({ status: 'queued', not_before: at('2026-01-12T12:00') })
    await run(world, (tx) => rescheduleAppointment(tx, world.actor, { id, version: 1, startsAt: at('2026-01-13T15:00') }))
    await plan(world)
    expect((await rows(world)).map(({ status, error_code, not_before }) => [status, error_code, not_before])).toEqual([
      ['cancelled', 'VISIT_CHANGED', at('2026-01-12T12:00')],
      ['queued', null, at('2026-01-12T15:00')],
    ])
    await run(world, (tx) => rescheduleAppointment(tx, world.actor, { id, version: 2, startsAt: at('2026-01-13T12:00') }))
    await plan(world)
    expect((await rows(world)).find((row) => row.id === first?.id)).toMatchObject({ status: 'queued', error_code: null })
    await run(world, (tx) => cancelAppointment(tx, world.actor, { id, version: 3, reason: 'ill' }))
    await plan(world)
    expect(new Set((await rows(world)).map(({ status }) => status))).toEqual(new Set(['cancelled']))
    now = at('2026-01-13T11:00')
    await drain(world)
    expect(mails).toEqual([])
  })

  it('that was planned is not sent when the visit changes before the planner sees it', async () => {
    const world = await build()
    await addMessageRule(harness.app, world.actor, {}, clock)
    const id = await book(world, at('2026-01-13T12:00'))
    await plan(world)
    now = at('2026-01-12T12:00')
    await run(world, (tx) => cancelAppointment(tx, world.actor, { id, version: 1, reason: 'ill' }))
    await drain(world)
    expect([await states(world), mails]).toEqual([[['appointment_reminder', 'cancelled', 'VISIT_CHANGED']], []])
  })

  it('of a visit that was booked later than it is due is not sent at all', async () => {
    const world = await build()
    await addMessageRule(harness.app, world.actor, {}, clock)
    await book(world, at('2026-01-12T15:00'))
    await plan(world)
    expect(await rows(world)).toEqual([])
  })

  it('by the rule of its own type takes the place of the one for all types', async () => {
    const world = await build()
    await addMessageRule(harness.app, world.actor, {}, clock)
    const own = await addMessageRule(harness.app, world.actor, { appointmentTypeId: world.practice.typeId, leadMinutes: 120 }, clock)
    await book(world, at('2026-01-13T12:00'))
    now = at('2026-01-12T11:00')
    await plan(world)
    expect((await rows(world)).map(({ dedupe_key }) => dedupe_key.split('/')[1])).toEqual([own])
  })

  it('that waits is planned anew when its rule changes, and given up when the rule ends', async () => {
    const world = await build()
    const id = await addMessageRule(harness.app, world.actor, {}, clock)
    await book(world, at('2026-01-13T12:00'))
    await plan(world)
    await run(world, (tx) => updateMessageRule(tx, world.actor, { id, version: 1, leadMinutes: 180 }))
    await plan(world)
    expect(await rows(world)).toMatchObject([{ status: 'queued', not_before: at('2026-01-13T09:00') }])
    await run(world, (tx) => updateMessageRule(tx, world.actor, { id, version: 2, isActive: false }))
    await plan(world)
    expect(await states(world)).toEqual([['appointment_reminder', 'cancelled', 'RULE_CHANGED']])
  })

  it.each([
    // Madrid's clocks go forward on 29 March 2026 and back on 25 October: a day before the visit by duration is another hour by the clock.
    ['Europe/Madrid', '2026-03-30T10:00:00+02:00', '2026-03-29T10:00:00+02:00'],
    ['Europe/Madrid', '2026-03-29T12:00:00+02:00', '2026-03-28T11:00:00+01:00'],
    ['Europe/Madrid', '2026-10-25T09:30:00+01:00', '2026-10-24T10:30:00+02:00'],
    ['America/Tijuana', '2026-03-09T10:00:00-07:00', '2026-03-08T10:00:00-07:00'],
    ['America/Cancun', '2026-03-09T10:00:00-05:00', '2026-03-08T10:00:00-05:00'],
  ])('in %s before %s is sent at %s', async (timeZone, startsAt, due) => {
    const world = await build(timeZone)
    now = new Date(Date.parse(due) - 60 * 60_000)
    await addMessageRule(harness.app, world.actor, {}, clock)
    await book(world, new Date(startsAt), { overbookReason: 'test', roomId: null })
    await plan(world)
    expect((await rows(world)).map(({ not_before }) => not_before.toISOString())).toEqual([new Date(due).toISOString()])
  })

  it('inside the product reaches whoever sees the patient, once, at any hour', async () => {
    const world = await build()
    const staffId = await addStaff(harness.app, world.actor, { userId: world.org.userId('veterinarian') })
    await addHours(harness.app, world.actor, staffId)
    await addMessageRule(harness.app, world.actor, { channel: 'in_app', leadMinutes: 660 }, clock)
    await book(world, at('2026-01-13T09:00'), { staffId })
    now = at('2026-01-12T22:00')
    await plan(world)
    await drain(world)
    await drain(world)
    expect(await states(world)).toEqual([['appointment_reminder', 'delivered', null]])
    const told = await admin((client) => client.query('SELECT user_id, kind FROM notification WHERE clinic_id = $1', [world.actor.clinic.id]))
    expect(told.rows).toEqual([{ user_id: world.org.userId('veterinarian'), kind: 'appointment_reminder' }])
  })
})

describe('news of a visit', () => {
  async function withRules(): Promise<World> {
    const world = await build()
    for (const event of ['booked', 'moved', 'cancelled'] as const) await addMessageRule(harness.app, world.actor, { event }, clock)
    return world
  }

  it('is sent when it is booked, moved and cancelled, each once', async () => {
    const world = await withRules()
    const id = await book(world, at('2026-01-14T11:30'))
    await plan(world)
    await plan(world)
    await drain(world)
    now = at('2026-01-12T10:01')
    await run(world, (tx) => rescheduleAppointment(tx, world.actor, { id, version: 1, startsAt: at('2026-01-15T09:00') }))
    await plan(world)
    await drain(world)
    now = at('2026-01-12T10:02')
    await run(world, (tx) => cancelAppointment(tx, world.actor, { id, version: 2, reason: 'ill' }))
    await plan(world)
    await plan(world)
    await drain(world)
    expect(await states(world)).toEqual(['booking_confirmed', 'booking_moved', 'booking_cancelled'].map((code) => [code, 'sent', null]))
    expect(mails.map(({ source }) => /jueves, 15 de enero|miércoles, 14 de enero/.exec(mailPart(source, 'text/plain'))?.[0])).toEqual([
      'miércoles, 14 de enero',
      'jueves, 15 de enero',
      'jueves, 15 de enero',
    ])
  })

  it('that waits for the morning is given up when something newer happens', async () => {
    const world = await withRules()
    now = at('2026-01-12T22:00')
    const id = await book(world, at('2026-01-14T11:30'))
    await plan(world)
    await drain(world)
    expect((await rows(world))[0]).toMatchObject({ status: 'queued', attempts: 0, not_before: at('2026-01-13T08:00') })
    await run(world, (tx) => rescheduleAppointment(tx, world.actor, { id, version: 1, startsAt: at('2026-01-15T09:00') }))
    await plan(world)
    now = at('2026-01-13T08:00')
    await drain(world)
    expect(await states(world)).toEqual([
      ['booking_confirmed', 'cancelled', 'VISIT_CHANGED'],
      ['booking_moved', 'sent', null],
    ])
  })

  it('is not sent of visits that were there before the rule', async () => {
    const world = await build()
    await book(world, at('2026-01-14T11:30'))
    now = at('2026-01-12T10:05')
    await addMessageRule(harness.app, world.actor, { event: 'booked' }, clock)
    await plan(world)
    expect(await rows(world)).toEqual([])
  })
})

describe('a message', () => {
  it('is not sent to whoever refused its kind, has no address, or is gone; nor by a channel that is not configured', async () => {
    const world = await build()
    const { actor, clientId } = world
    await run(world, (tx) => setClientPreference(tx, actor, { clientId, refusals: [{ channel: 'mail', kind: 'request' }] }))
    await addMessage(harness.app, actor, { clientId, dedupeKey: 'a' }, clock)
    await addMessage(harness.app, actor, { clientId, dedupeKey: 'b', templateCode: 'waitlist_offer' }, clock)
    await addMessage(harness.app, actor, { clientId: await addClient(harness.app, actor, { name: 'Nobody' }), dedupeKey: 'c' }, clock)
    await addMessage(harness.app, actor, { clientId, dedupeKey: 'd', channel: 'sms' }, clock)
    await addMessage(harness.app, actor, { clientId: await addClient(harness.app, actor, { phone: '12 34' }), dedupeKey: 'e', channel: 'sms' }, clock)
    await drain(world)
    expect((await rows(world)).map(({ dedupe_key, status, error_code }) => [dedupe_key, status, error_code])).toEqual([
      ['a', 'suppressed', 'REFUSED'],
      ['b', 'sent', null],
      ['c', 'suppressed', 'NO_ADDRESS'],
      ['d', 'suppressed', 'NOT_CONFIGURED'],
      ['e', 'suppressed', 'BAD_ADDRESS'],
    ])
    expect(mails).toHaveLength(1)
  })

  it('waits for the end of the quiet hours, those of its recipient if there are any, and is not sent when it is too late then', async () => {
    const world = await build()
    const { actor, clientId } = world
    now = at('2026-01-12T21:30')
    const early = await addClient(harness.app, actor, { name: 'Early', email: 'early@x.example' })
    await run(world, (tx) => setClientPreference(tx, actor, { clientId: early, quietFrom: '22:00', quietUntil: '06:00' }))
    await addMessage(harness.app, actor, { clientId, dedupeKey: 'a' }, clock)
    await addMessage(harness.app, actor, { clientId, dedupeKey: 'b', notAfter: at('2026-01-13T07:00') }, clock)
    await addMessage(harness.app, actor, { clientId: early, dedupeKey: 'c' }, clock)
    await drain(world)
    expect(mails.map(({ to }) => to)).toEqual([['early@x.example']])
    expect((await rows(world)).map(({ status, error_code, not_before }) => [status, error_code, not_before])).toEqual([
      ['queued', null, at('2026-01-13T08:00')],
      ['suppressed', 'TOO_LATE', at('2026-01-12T21:30')],
      ['sent', null, at('2026-01-12T21:30')],
    ])
  })

  it('is written once for each key, and not at all when its transaction is rolled back', async () => {
    const world = await build()
    const input = { clientId: world.clientId, channel: 'mail' as const, templateCode: 'request_expired' as const, params: {}, dedupeKey: 'once' }
    const first = await run(world, (tx) => queueMessage(tx, world.actor, input))
    expect(first).toEqual({ id: expect.any(String) })
    expect(await run(world, (tx) => queueMessage(tx, world.actor, input))).toEqual({ id: null })
    await expect(
      run(world, async (tx) => {
        await queueMessage(tx, world.actor, { ...input, dedupeKey: 'never' })
        throw new Error('changed my mind')
      }),
    ).rejects.toThrow('changed my mind')
    expect((await rows(world)).map(({ dedupe_key }) => dedupe_key)).toEqual(['once'])
  })

  it('is tried again, later each time, while its failure may pass; and then no more', async () => {
    const world = await build()
    const id = await addMessage(harness.app, world.actor, { clientId: world.clientId, dedupeKey: 'x' }, clock)
    const away: SendPorts = { ...sending, ports: { mail: { send: async () => ({ kind: 'temporary', code: 'MAIL_UNREACHABLE' }) }, sms: null } }
    for (let attempt = 1; attempt < 8; attempt += 1) {
      await sendMessage(away, world.actor, id)
      const [row] = await rows(world)
      expect(row).toMatchObject({
        status: 'queued',
        attempts: attempt,
        error_code: 'MAIL_UNREACHABLE',
        not_before: new Date(now.getTime() + waitMinutes(attempt) * 60_000),
      })
      await sendMessage(away, world.actor, id)
      expect((await rows(world))[0]?.attempts).toBe(attempt)
      now = row?.not_before ?? now
    }
    await sendMessage(away, world.actor, id)
    expect((await rows(world))[0]).toMatchObject({ status: 'failed', attempts: 8 })
  })

  it('that is refused for good is not tried again', async () => {
    const world = await build()
    const id = await addMessage(harness.app, world.actor, { clientId: world.clientId }, clock)
    let tries = 0
    const refusing: SendPorts = {
      ...sending,
      ports: {
        mail: {
          send: async () => {
            tries += 1
            return { kind: 'permanent', code: 'MAIL_REFUSED_550' }
          },
        },
        sms: null,
      },
    }
    await sendMessage(refusing, world.actor, id)
    now = at('2026-01-13T10:00')
    await drainMessages(refusing, world.actor, never)
    expect([tries, await states(world)]).toEqual([1, [['request_expired', 'failed', 'MAIL_REFUSED_550']]])
  })

  it('whose worker died is sent again under the same id, and the late word of the first changes nothing', async () => {
    const world = await build()
    const id = await addMessage(harness.app, world.actor, { clientId: world.clientId }, clock)
    // All that a worker leaves that is killed between taking a message up and noting what became of it.
    expect(await run(world, (tx) => claimMessage(tx, world.actor, id))).toMatchObject({ id, attempt: 1 })
    expect(await states(world)).toEqual([['request_expired', 'sending', null]])
    now = at('2026-01-12T10:09')
    await drain(world)
    expect(mails).toEqual([])
    now = at('2026-01-12T10:10')
    await drain(world)
    expect(mails[0]?.source).toContain(`Message-ID: <${id}@clinic.example>`)
    await run(world, (tx) => settleMessage(tx, world.actor, { id, attempt: 1 }, { kind: 'permanent', code: 'MAIL_REFUSED_550' }))
    expect(await states(world)).toEqual([['request_expired', 'sent', null]])
  })

  it('of which every worker dies is given up', async () => {
    const world = await build()
    const id = await addMessage(harness.app, world.actor, { clientId: world.clientId }, clock)
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      expect(await run(world, (tx) => claimMessage(tx, world.actor, id))).toMatchObject({ attempt })
      now = new Date(now.getTime() + 10 * 60_000)
    }
    await drain(world)
    expect([await states(world), mails]).toEqual([[['request_expired', 'failed', 'WORKER_LOST']], []])
  })

  /** Tries a message until it is given up; the instants between tries, in minutes, and how it ended. */
  async function exhaust(world: World, ports: SendPorts): Promise<{ waits: number[]; status: string; code: string | null }> {
    const waits: number[] = []
    for (;;) {
      await drainMessages(ports, world.actor, never)
      const [row] = await rows(world)
      if (row?.status !== 'queued') return { waits, status: row?.status ?? '', code: row?.error_code ?? null }
      waits.push((row.not_before.getTime() - now.getTime()) / 60_000)
      now = row.not_before
    }
  }
  const BACKOFF = [1, 2, 4, 8, 16, 32, 64]

  it.each([
    ['an error', new Error('lucia@x.example is odd'), 'NOT_HANDED_OVER'],
    ['an error with a code', Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 'NOT_HANDED_OVER_ECONNRESET'],
    ['what is no error', 'oops', 'NOT_HANDED_OVER'],
  ])('whose hand-over throws %s is tried again, later each time, and then has failed with the cause', async (_what, thrown, code) => {
    const world = await build()
    await run(world, (tx) => setClientPreference(tx, world.actor, { clientId: world.clientId, quietFrom: '00:00', quietUntil: '00:00' }))
    await addMessage(harness.app, world.actor, { clientId: world.clientId }, clock)
    let tries = 0
    const send = () => {
      tries += 1
      return Promise.reject(thrown)
    }
    expect(await exhaust(world, { ...sending, ports: { mail: { send }, sms: null } })).toEqual({ waits: BACKOFF, status: 'failed', code })
    expect(tries).toBe(8)
  })

  it('that cannot be made is tried again, later each time, and then has failed; it does not hold up others', async () => {
    const world = await build()
    const { actor, clientId } = world
    await run(world, (tx) => setClientPreference(tx, actor, { clientId, quietFrom: '00:00', quietUntil: '00:00' }))
    const id = await addMessage(harness.app, actor, { clientId, dedupeKey: 'a' }, clock)
    await addMessage(harness.app, actor, { clientId, dedupeKey: 'b' }, clock)
    await run(world, async (tx) => {
      await tx.query({ name: 'spoil', text: `UPDATE message SET params = '{"odd": 1}' WHERE id = $1::uuid`, values: [id] })
      tx.changes('Message', [id], ['params'])
      return null
    })
    expect(await exhaust(world, sending)).toEqual({ waits: BACKOFF, status: 'failed', code: 'NOT_MADE' })
    expect((await states(world))[1]).toEqual(['request_expired', 'sent', null])
  })

  it('names whom it is about, and no name or address, in the outbox and in the trail', async () => {
    const world = await build()
    const id = await addMessage(harness.app, world.actor, { clientId: world.clientId }, clock)
    await sendMessage({ ...sending }, { ...world.actor, name: 'message-send' }, id)
    const text = await admin(async (client) => JSON.stringify((await client.query('SELECT * FROM message WHERE id = $1', [id])).rows))
    expect(text).not.toMatch(/Lucía|lucia@/)
    const entry = await lastEntry(harness, 'message-send')
    expect(entry?.body.changes?.map(({ type }) => type)).toEqual(['Message'])
    expect(JSON.stringify(entry)).not.toMatch(/Lucía|lucia@/)
  })
})

describe('the jobs', () => {
  it('send what a transaction queued once it has committed, and what has become due', async () => {
    const world = await build()
    const { actor } = world
    // The planner looks at the worlds of other tests as well; a client without quiet hours keeps this one independent of the time of day.
    const clientId = await addClient(harness.app, actor, { name: 'Jobs', email: 'jobs@x.example' })
    await run(world, (tx) => setClientPreference(tx, actor, { clientId, quietFrom: '00:00', quietUntil: '00:00' }))
    const start = Date.now()
    let later = 0
    const real = { ...sending, clock: { now: () => new Date(Date.now() + later) } }
    const second = await addMessage(harness.app, actor, { clientId, dedupeKey: 'later', notBefore: new Date(start + 3_600_000) })
    const first = await addMessage(harness.app, actor, { clientId, dedupeKey: 'now' })
    const received = () => mails.filter(({ to }) => to[0] === 'jobs@x.example').map(({ source }) => /Message-ID: <([^@]+)@/.exec(source)?.[1])
    await using _jobs = await startJobs(harness.app.database, messageJobs(real), pino({ level: 'silent' }), { pollingSeconds: 0.5, superviseSeconds: 1 })
    await expect.poll(received, { timeout: 20_000, interval: 200 }).toEqual([first])
    later = 7_200_000
    await planClinic(real, actor)
    await expect.poll(received, { timeout: 20_000, interval: 200 }).toEqual([first, second])
    await expect.poll(async () => (await rows(world)).map(({ status }) => status), { timeout: 20_000, interval: 200 }).toEqual(['sent', 'sent'])
  }, 60_000)
})

describe('the link in a mail', () => {
  const preferencesOf = ({ clientId }: World) =>
    admin(
      async (client) =>
        (await client.query<{ refusals: string[] }>('SELECT refusals FROM client_preference WHERE client_id = $1', [clientId])).rows[0]?.refusals,
    )
  async function linkOf(world: World): Promise<string> {
    await sendMessage(sending, world.actor, await addMessage(harness.app, world.actor, { clientId: world.clientId }, clock))
    return /List-Unsubscribe:\s*<([^>]+)>/.exec((mails.at(-1)?.source ?? '').replaceAll(/\r\n\s+/g, ''))?.[1] ?? ''
  }

  it('shows a page and changes nothing; its button refuses that kind, and says so in the trail', async () => {
    const world = await build()
    const link = await linkOf(world)
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/unsubscribe\?token=[\w-]+$/)
    const asked = await fetch(link)
    const html = await asked.text()
    expect([asked.status, asked.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    for (const part of ['lang="es-MX"', world.actor.clinic.name, 'Respuestas a solicitudes de cita', '<form method="post"']) expect(html).toContain(part)
    expect(await preferencesOf(world)).toBeUndefined()
    const done = await fetch(link, { method: 'POST', body: new URLSearchParams({ scope: 'kind' }) })
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('Ya no le enviaremos')])
    expect(await preferencesOf(world)).toEqual(['mail:request'])
    expect(await lastEntry(harness, 'unsubscribe')).toMatchObject({ outcome: 'ok', types: ['ClientPreference'], record_ids: [world.clientId] })
    await sendMessage(sending, world.actor, await addMessage(harness.app, world.actor, { clientId: world.clientId, dedupeKey: `zz/${newId()}` }, clock))
    expect((await states(world)).at(-1)).toEqual(['request_expired', 'suppressed', 'REFUSED'])
  })

  it('takes one click of a mail program, any number of times, and refuses all mail when asked to', async () => {
    const world = await build()
    const link = await linkOf(world)
    for (let time = 0; time < 2; time += 1)
      expect((await fetch(link, { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) })).status).toBe(200)
    expect(await preferencesOf(world)).toEqual(['mail:request'])
    await fetch(link, { method: 'POST', body: new URLSearchParams({ scope: 'all' }) })
    expect(await preferencesOf(world)).toEqual(['mail:booking', 'mail:reminder', 'mail:request', 'mail:waitlist'])
  })

  it('that was made up changes nothing', async () => {
    const world = await build()
    const link = await linkOf(world)
    for (const wrong of [`${link}A`, link.replace(/token=.{10}/, 'token=AAAAAAAAAA'), `${harness.url}/unsubscribe`]) {
      expect((await fetch(wrong, { method: 'POST' })).status).toBe(404)
      expect((await fetch(wrong)).status).toBe(404)
    }
    expect((await fetch(link, { method: 'PUT' })).status).toBe(405)
    expect(await preferencesOf(world)).toBeUndefined()
  })
})
