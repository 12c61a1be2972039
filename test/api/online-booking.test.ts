import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { eraseSubject } from '../../modules/compliance/index.ts'
import { NIL_ID, newId } from '../../modules/kernel/ids.ts'
import { REQUEST_EXPIRY_QUEUE } from '../../modules/scheduling/requests.ts'
import { bookingRequestJobs } from '../../server/jobs/booking-requests.ts'
import { planClinic } from '../../server/messages/message-jobs.ts'
import { drainMessages } from '../../server/messages/send-message.ts'
import { UnsubscribeTokens } from '../../server/messages/unsubscribe-token.ts'
import { type GraphqlAnswer, type Harness, startHarness } from '../harness.ts'
import { actorOf } from '../operations.ts'
import { entriesOf } from '../trail.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addMessageRule } from '../world-communication.ts'
import { addClient, addPatient } from '../world-patients.ts'
import { addAppointmentType, addBookingPage, addPractice, addRoom, addWaiting, type Practice } from '../world-scheduling.ts'

const ERRORS = '... on Error { code message params { name value } } ... on InvalidInput { issues { path rule } }'
const PAGE =
  'query Page($slug: String!) { publicBookingPage(slug: $slug) { clinicName timeZone locale firstDay lastDay types { id name durationMinutes } species { code nameEs nameEn } } }'
const SLOTS =
  'query Slots($slug: String!, $typeId: UUID!, $from: LocalDate!, $until: LocalDate!) { publicSlots(slug: $slug, typeId: $typeId, from: $from, until: $until) }'
const ASK = `mutation Ask($input: RequestBookingInput!) { requestBooking(input: $input) { __typename ... on BookingReceipt { startsAt endsAt expiresAt } ... on SlotGone { nextStarts } ${ERRORS} } }`
const REQUEST = `id contactName contactPhone contactMail locale patientName species { code } breed note status startsAt endsAt expiresAt decisionReason decidedAt decidedByName version
  type { id } staff { id } room { id } appointment { id origin status startsAt reason patient { id name client { id name phone email locale } } } matches { id name }`
const LIST = `query Requests($statuses: [BookingRequestStatus!]! = [REQUESTED]) { bookingRequests(statuses: $statuses) { ${REQUEST} } }`
const ONE = `query One($id: UUID!) { bookingRequest(id: $id) { ${REQUEST} } }`
const CONFIRM = `mutation Confirm($input: ConfirmBookingRequestInput!) { confirmBookingRequest(input: $input) { __typename ... on BookingRequest { ${REQUEST} } ${ERRORS} } }`
const DECLINE = `mutation Decline($input: DeclineBookingRequestInput!) { declineBookingRequest(input: $input) { __typename ... on BookingRequest { ${REQUEST} } ${ERRORS} } }`
const SET = `mutation Set($input: SetBookingPageInput!) { setBookingPage(input: $input) { __typename ... on BookingPage { slug isOpen noticeMinutes daysAhead version } ${ERRORS} } }`
const OPEN_SLOTS = 'query Open($input: OpenSlotsInput!) { openSlots(input: $input) { startsAt } }'
const BOOK = `mutation Book($input: BookAppointmentInput!) { bookAppointment(input: $input) { __typename ... on SlotTaken { reason } ${ERRORS} } }`
const RELEASE = `mutation Release($id: UUID!) { releaseHold(id: $id) { __typename ${ERRORS} } }`
const NOTICES = 'query Notices { notifications(first: 50, unreadOnly: true) { edges { node { kind params { name value } } } } }'

const SLUG = 'alfa-centro'
let harness: Harness
let admin: pg.Client
let org: WorldOrganisation
let foreign: WorldOrganisation
let practice: Practice
let typeId: string
/** Of which one can be had at a time: it needs the only operating room. */
let rareTypeId: string
let now: Date
let week = 0
let strangers = 0

beforeAll(async () => {
  now = new Date('2026-01-02T16:00:00Z')
  harness = await startHarness({ clock: { now: () => now }, config: { trustProxy: 1 } })
  admin = new pg.Client(harness.database.adminUrl)
  await admin.connect()
  org = await buildOrganisation(harness.app, 'alfa')
  foreign = await buildOrganisation(harness.app, 'omega', [{}])
  practice = await addPractice(harness.app, actorOf(org))
  await addPractice(harness.app, actorOf(foreign))
  await addRoom(harness.app, actorOf(org), { kind: 'surgery' })
  typeId = await addAppointmentType(harness.app, actorOf(org), { name: 'Vaccination', durationMinutes: 30, isOnline: true })
  rareTypeId = await addAppointmentType(harness.app, actorOf(org), { name: 'Dental', durationMinutes: 60, isOnline: true, roomKinds: ['surgery'] })
  await addBookingPage(harness.app, actorOf(org), { slug: SLUG, noticeMinutes: 240, daysAhead: 30 })
  await addBookingPage(harness.app, actorOf(org, 1), { slug: 'alfa-closed', isOpen: false })
  await addBookingPage(harness.app, actorOf(foreign), { slug: 'omega' })
})
// Each test has a week of its own, and looks at it from the Friday before.
beforeEach(() => {
  week += 1
  now = new Date(Date.UTC(2026, 0, 2 + 7 * week, 16))
})
afterAll(async () => {
  await admin.end()
  await harness[Symbol.asyncDispose]()
})

/** An instant of the coming week, by the clock of Mexico City. */
const at = (time: string, day = 0) => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return new Date(Date.UTC(2026, 0, 5 + 7 * week + day, hours + 6, minutes)).toISOString()
}
const dateOf = (day = 0) => at('00:00', day).slice(0, 10)

/** Calls as somebody who has not signed in, from an address of their own unless one is given. */
function stranger(document: string, variables: object, options: { address?: string; idempotencyKey?: string; token?: string } = {}): Promise<GraphqlAnswer> {
  strangers += 1
  const { address = `10.0.${Math.floor(strangers / 250)}.${strangers % 250}`, ...rest } = options
  return harness.call(document, variables, { ...rest, headers: { 'x-forwarded-for': address } })
}
const inputOf = (input: object = {}) => ({
  slug: SLUG,
  typeId,
  startsAt: at('10:00'),
  locale: 'es-MX',
  contactName: 'Eva Luna',
  contactPhone: '55 2233 4455',
  contactMail: 'eva@luna.example',
  patientName: 'Nube',
  speciesCode: 'canine',
  breed: 'mestizo',
  note: 'Cojea desde ayer',
  ...input,
})
const ask = async (input: object = {}, options: Parameters<typeof stranger>[2] = {}) => {
  const { body } = await stranger(ASK, { input: inputOf(input) }, options)
  if (!body.data) throw new Error(JSON.stringify(body))
  return body.data.requestBooking
}

type At = { role?: Parameters<WorldOrganisation['email']>[0]; organisation?: WorldOrganisation; clinic?: number }
/** The answer of the one root field to somebody at a desk. */
async function desk(document: string, variables: object = {}, { role = 'receptionist', organisation = org, clinic = 0 }: At = {}) {
  const { token } = await harness.signIn(organisation.email(role, clinic))
  const { body } = await harness.call(document, variables, { token })
  if (!body.data) throw new Error(JSON.stringify(body))
  return body.data[Object.keys(body.data)[0] ?? '']
}
const waiting = async () => {
  const [first, ...others] = await desk(LIST)
  expect([first?.startsAt, others]).toEqual([expect.any(String), []])
  return first
}
afterEach(async () => {
  for (const { id, version } of await desk(LIST)) await desk(DECLINE, { input: { id, version, reason: 'test' } })
  await send()
})
const rowsOf = async (text: string, values: unknown[] = []) => (await admin.query(text, values)).rows

/** Whoever asks has looked for the slot, and waits to be counted. */
async function doorHeld() {
  const holder = new pg.Client(harness.database.adminUrl)
  await holder.connect()
  const key = "hashtextextended('booking-door:' || $1, 0)"
  await holder.query(`SELECT pg_advisory_lock(${key})`, [org.clinics[0]?.id])
  return {
    isAwaitedBy: (count: number) =>
      vi.waitFor(async () => expect(await rowsOf("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")).toHaveLength(count), {
        timeout: 10_000,
      }),
    release: () => holder.query(`SELECT pg_advisory_unlock(${key})`, [org.clinics[0]?.id]),
    [Symbol.asyncDispose]: () => holder.end(),
  }
}

/** Sends what waits, and answers what was handed to the providers. */
async function send() {
  const handed: { channel: string; to: string; text: string }[] = []
  const hand = (channel: string) => ({
    send: async (message: { to: string; text: string }) => {
      handed.push({ channel, to: message.to, text: message.text })
      return { kind: 'sent' as const, providerId: null }
    },
  })
  const ports = { mail: hand('mail'), sms: hand('sms') }
  const { app } = harness
  const tokens = new UnsubscribeTokens(harness.config.secrets.tokenKey)
  const sending = { database: app.database, clock: app.clock, log: app.log, ports: ports as never, tokens, publicUrl: harness.url }
  await planClinic(sending, actorOf(org))
  await drainMessages(sending, actorOf(org), new AbortController().signal)
  return handed
}

describe('the page', () => {
  it('shows the clinic, its zone and what it offers online, and nothing else', async () => {
    const { body } = await stranger(PAGE, { slug: SLUG })
    expect(body.data.publicBookingPage).toMatchObject({
      clinicName: 'alfa 1',
      timeZone: 'America/Mexico_City',
      locale: 'es-MX',
      types: [
        { id: rareTypeId, name: 'Dental', durationMinutes: 60 },
        { id: typeId, name: 'Vaccination', durationMinutes: 30 },
      ],
    })
    expect(body.data.publicBookingPage.species).toContainEqual({ code: 'canine', nameEs: expect.any(String), nameEn: expect.any(String) })
  })

  it('that is closed answers like one that nobody has, whatever is asked', async () => {
    const day = { typeId, from: dateOf(), until: dateOf() }
    for (const slug of ['alfa-closed', 'nobody', '', 'a'.repeat(70), 'Alfa-Centro', "x' OR 'a'='a"]) {
      expect([slug, (await stranger(PAGE, { slug })).body]).toEqual([slug, { data: { publicBookingPage: null } }])
      expect([slug, (await stranger(SLOTS, { slug, ...day })).body]).toEqual([slug, { data: { publicSlots: null } }])
      expect([slug, await ask({ slug })]).toEqual([
        slug,
        { __typename: 'NotFound', code: 'NOT_FOUND', message: expect.stringContaining('BookingPage'), params: [{ name: 'type', value: 'BookingPage' }] },
      ])
    }
  })

  it('is set up by whoever sets up types of visits, under an address that no other page has', async () => {
    const input = { slug: 'alfa-norte', isOpen: true }
    const at2 = { role: 'clinic_admin', clinic: 1 } as const
    const page = await desk('query Page { bookingPage { slug isOpen version } }', {}, at2)
    expect(page).toEqual({ slug: 'alfa-closed', isOpen: false, version: 1 })
    const { token } = await harness.signIn(org.email('receptionist'))
    expect((await harness.call(SET, { input }, { token })).body.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect(await desk(SET, { input }, at2)).toMatchObject({ __typename: 'StaleVersion' })
    for (const slug of [SLUG, 'omega']) expect(await desk(SET, { input: { ...input, slug, version: 1 } }, at2)).toMatchObject({ __typename: 'AlreadyExists' })
    for (const wrong of [{ slug: 'Norte' }, { slug: 'a--b' }, { noticeMinutes: 30 }, { daysAhead: 0 }])
      expect(await desk(SET, { input: { ...input, version: 1, ...wrong } }, at2)).toMatchObject({
        __typename: 'InvalidInput',
        issues: [{ path: Object.keys(wrong)[0] }],
      })
    expect(await desk(SET, { input: { ...input, version: 1, daysAhead: 10 } }, at2)).toMatchObject({
      slug: 'alfa-norte',
      isOpen: true,
      noticeMinutes: 240,
      daysAhead: 10,
    })
    expect((await stranger(PAGE, { slug: 'alfa-norte' })).body.data.publicBookingPage.clinicName).toBe('alfa 2')
    await desk(SET, { input: { slug: 'alfa-closed', isOpen: false, version: 2 } }, at2)
    expect((await stranger(PAGE, { slug: 'alfa-norte' })).body.data.publicBookingPage).toBeNull()
  })
})

describe('a refusal', () => {
  it('is in the trail: of no clinic where there was no page, or too many', async () => {
    const refused = async (input: object, address: string) => {
      const { headers } = await stranger(ASK, { input: inputOf(input) }, { address })
      return (await entriesOf(admin, headers.get('x-request-id'))).map(({ body }) => [body.actor.kind, body.clinic, body.outcome, body.detail])
    }
    expect(await refused({ slug: 'nobody' }, '192.0.2.20')).toEqual([['anonymous', NIL_ID, 'refused', 'NOT_FOUND']])
    expect(await refused({ patientName: '' }, '192.0.2.20')).toEqual([['visitor', org.clinics[0]?.id, 'refused', 'INVALID_INPUT']])
    for (let index = 0; index < 58; index += 1) await refused({ patientName: '' }, '192.0.2.20')
    expect(await refused({}, '192.0.2.20')).toEqual([['anonymous', NIL_ID, 'denied', 'TOO_MANY_ATTEMPTS']])
  })
})

describe('the starts that are offered', () => {
  const slots = async (wish: object = {}) => (await stranger(SLOTS, { slug: SLUG, typeId, from: dateOf(), until: dateOf(6), ...wish })).body

  it('are those that the desk finds, for every day', async () => {
    for (const type of [typeId, rareTypeId]) {
      const offered = (await slots({ typeId: type })).data.publicSlots
      const found: string[] = []
      for (let day = 0; day < 7; day += 1)
        found.push(
          ...(await desk(OPEN_SLOTS, { input: { typeId: type, from: dateOf(day), until: dateOf(day), limit: 200 } })).map(({ startsAt }: any) => startsAt),
        )
      expect(offered.length).toBeGreaterThan(200)
      expect(offered).toEqual(found)
    }
  })

  it('begin after the notice, end with the last day, and change with what is booked', async () => {
    now = new Date(at('08:05'))
    const today = (await slots({ until: dateOf() })).data.publicSlots
    expect(today[0]).toBe(at('12:10'))
    const last = (await slots({ from: dateOf(30), until: dateOf(43) })).data.publicSlots
    expect(last.length).toBeGreaterThan(0)
    expect(last.filter((start: string) => start < at('00:00', 30) || start > at('23:59', 30))).toEqual([])
    expect((await slots({ from: dateOf(31), until: dateOf(44) })).data.publicSlots).toEqual([])
    expect((await slots({ from: dateOf(-7), until: dateOf(-1) })).data.publicSlots).toEqual([])
    expect(await ask({ typeId: rareTypeId, startsAt: at('13:00') })).toMatchObject({ __typename: 'BookingReceipt' })
    const rest = (await slots({ typeId: rareTypeId, until: dateOf() })).data.publicSlots
    expect(rest.filter((start: string) => start > at('12:00') && start < at('14:00'))).toEqual([])
    expect(rest).toContain(at('14:00'))
  })

  it('are of fourteen days a call and of types that are online', async () => {
    const codes = async (wish: object) => (await slots(wish)).errors?.map(({ extensions }) => extensions.code)
    expect(await codes({ until: dateOf(14) })).toEqual(['INVALID_INPUT'])
    expect(await codes({ until: dateOf(-1) })).toEqual(['INVALID_INPUT'])
    expect(await codes({ typeId: practice.typeId })).toEqual(['NOT_FOUND'])
    expect(await codes({ until: dateOf(13) })).toBeUndefined()
  })
})

describe('somebody who asks', () => {
  it('has the slot kept, is told so and nothing of people, and the desk hears of it', async () => {
    const { body, headers } = await stranger(ASK, { input: inputOf() })
    expect(body.data.requestBooking).toEqual({
      __typename: 'BookingReceipt',
      startsAt: at('10:00'),
      endsAt: at('10:30'),
      expiresAt: new Date(now.getTime() + 24 * 3_600_000).toISOString(),
    })
    const request = await waiting()
    expect(request).toMatchObject({
      contactName: 'Eva Luna',
      contactPhone: '55 2233 4455',
      contactMail: 'eva@luna.example',
      locale: 'es-MX',
      patientName: 'Nube',
      species: { code: 'canine' },
      breed: 'mestizo',
      note: 'Cojea desde ayer',
      status: 'REQUESTED',
      appointment: null,
      matches: [],
    })
    const notices = (await desk(NOTICES)).edges.map(({ node }: any) => node)
    expect(notices).toContainEqual({
      kind: 'booking_requested',
      params: expect.arrayContaining([
        { name: 'requestId', value: request.id },
        { name: 'startsAt', value: at('10:00') },
      ]),
    })
    const booking = { patientId: practice.patientId, typeId: practice.typeId, staffId: request.staff.id, startsAt: at('10:10') }
    expect(await desk(BOOK, { input: booking })).toMatchObject({ __typename: 'SlotTaken', reason: 'HOLD' })
    // In the clinic's own log, as nobody, and without a word that they have typed.
    const entries = await entriesOf(admin, headers.get('x-request-id'))
    expect(entries.map(({ body: { actor, clinic, organisation, action, outcome } }) => [actor, clinic, organisation, action, outcome])).toEqual([
      [{ kind: 'visitor' }, org.clinics[0]?.id, org.id, 'create', 'ok'],
    ])
    expect(entries[0]?.body.changes?.map(({ type }) => type)).toEqual(expect.arrayContaining(['BookingRequest', 'Notification', 'ResourceClaim', 'SlotHold']))
    for (const typed of ['Eva', 'Nube', '4455', 'luna.example', 'Cojea']) expect([typed, entries[0]?.text.includes(typed)]).toEqual([typed, false])
    expect(entries[0]?.search).toMatchObject({ user_name: null, address: expect.stringMatching(/^10\./) })
  })

  it('learns of no person, room, patient or id but those of the types', async () => {
    await ask({ typeId: rareTypeId, startsAt: at('10:00') })
    const answers = [
      await stranger(PAGE, { slug: SLUG }),
      await stranger(SLOTS, { slug: SLUG, typeId: rareTypeId, from: dateOf(), until: dateOf() }),
      await stranger(ASK, { input: inputOf({ typeId: rareTypeId, startsAt: at('10:20') }) }),
      await stranger(ASK, { input: inputOf({ startsAt: at('11:00') }) }),
    ]
    expect(answers.map(({ body }) => body.data.requestBooking?.__typename)).toEqual([undefined, undefined, 'SlotGone', 'BookingReceipt'])
    const text = JSON.stringify(answers.map(({ body }) => body))
    const ids = new Set(text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g))
    expect([...ids].sort()).toEqual([typeId, rareTypeId].sort())
    const names = await rowsOf(
      'SELECT name FROM staff_profile UNION SELECT name FROM room UNION SELECT name FROM patient UNION SELECT name FROM client UNION SELECT name FROM app_user',
    )
    expect(names.length).toBeGreaterThan(10)
    expect(names.filter(({ name }) => text.includes(name))).toEqual([])
  })

  it('for the last of a slot beside others: one wins, the others are offered what comes next', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask({ typeId: rareTypeId, startsAt: at('10:00') })))
    expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['BookingReceipt', 'SlotGone', 'SlotGone', 'SlotGone'])
    for (const lost of answers.filter(({ __typename }) => __typename === 'SlotGone'))
      expect(lost).toMatchObject({ code: 'SLOT_GONE', params: [], nextStarts: [at('11:00'), at('11:10'), at('11:20')] })
    const [held] = await rowsOf("SELECT count(*)::int AS holds FROM slot_hold WHERE purpose = 'online'")
    expect(held).toEqual({ holds: 1 })
  })

  it('finds two at once where two people work, and the third is refused', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => ask()))
    expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['BookingReceipt', 'BookingReceipt', 'SlotGone'])
    const held = await desk(LIST)
    expect(new Set(held.map(({ staff }: any) => staff.id)).size).toBe(2)
  })

  it('and has the slot on a second look was not refused, in the trail either', async () => {
    await using turn = await doorHeld()
    const asked = [1, 2].map(() => stranger(ASK, { input: inputOf() }))
    await turn.isAwaitedBy(2)
    await turn.release()
    const answers = await Promise.all(asked)
    expect(answers.map(({ body }) => body.data.requestBooking.__typename)).toEqual(['BookingReceipt', 'BookingReceipt'])
    const held = await desk(LIST)
    expect(new Set(held.map(({ staff }: any) => staff.id)).size).toBe(2)
    for (const { headers } of answers) {
      const entries = await entriesOf(admin, headers.get('x-request-id'))
      expect(entries.map(({ body }) => [body.action, body.outcome, body.detail])).toEqual([['create', 'ok', undefined]])
    }
  })

  it('is refused what is not offered, and told what is wrong with what they have typed', async () => {
    for (const startsAt of [at('10:05'), at('03:00'), at('10:00', 6), at('10:00', -7), at('10:00', 40)])
      expect([startsAt, (await ask({ startsAt })).__typename]).toEqual([startsAt, 'SlotGone'])
    expect(await ask({ typeId: practice.typeId })).toMatchObject({ __typename: 'NotFound' })
    const wrong: [object, string][] = [
      [{ contactMail: null, contactPhone: null }, 'contactPhone'],
      [{ contactMail: 'nobody' }, 'contactMail'],
      [{ contactPhone: 'call me' }, 'contactPhone'],
      [{ contactName: ' ' }, 'contactName'],
      [{ patientName: '' }, 'patientName'],
      [{ speciesCode: 'dragon' }, 'speciesCode'],
      [{ locale: 'fr' }, 'locale'],
      [{ startsAt: '9999-12-31T23:59:00.000Z' }, 'startsAt'],
      [{ startsAt: '0001-01-01T00:00:00.000Z' }, 'startsAt'],
      [{ startsAt: '1899-12-31T00:00:00.000Z' }, 'startsAt'],
      [{ note: 'x'.repeat(501) }, 'note'],
      [{ contactName: 'Win https://evil.example now' }, 'contactName'],
      [{ contactName: 'eva@luna.example' }, 'contactName'],
      [{ patientName: 'WWW.evil.example' }, 'patientName'],
      [{ breed: 'see http://evil.example' }, 'breed'],
      [{ contactMail: null, contactPhone: '+44 20 7946 0958' }, 'contactPhone'],
      [{ contactMail: null, contactPhone: '+1 900 555 0123' }, 'contactPhone'],
      [{ contactMail: null, contactPhone: '55 2233 44' }, 'contactPhone'],
    ]
    for (const [input, path] of wrong) expect([input, await ask(input)]).toMatchObject([input, { __typename: 'InvalidInput', issues: [{ path }] }])
    expect(await desk(LIST)).toEqual([])
    // Who can be reached by mail may have a telephone anywhere.
    expect(await ask({ contactPhone: '+44 20 7946 0958' })).toMatchObject({ __typename: 'BookingReceipt' })
    await waiting()
  })

  it('twice with the same key asks once; with another wish they are told', async () => {
    const idempotencyKey = 'key-of-a-stranger'
    const first = await ask({}, { idempotencyKey })
    expect(await ask({}, { idempotencyKey })).toEqual(first)
    expect(await ask({ patientName: 'Otro' }, { idempotencyKey })).toMatchObject({ __typename: 'IdempotencyMismatch' })
    await waiting()
  })

  it('too often from one address has to wait, and nobody else does', async () => {
    const address = '192.0.2.7'
    const kinds: string[] = []
    for (let index = 0; index < 61; index += 1) kinds.push((await ask({ contactName: '' }, { address })).__typename)
    expect(kinds).toEqual([...Array(60).fill('InvalidInput'), 'TooManyAttempts'])
    expect((await ask({ contactName: '' })).__typename).toBe('InvalidInput')
    // No page has so long an address, so that these cost next to nothing.
    const looks = await Promise.all(Array.from({ length: 101 }, () => stranger(PAGE, { slug: 'a'.repeat(70) }, { address: '192.0.2.8' })))
    const refused = looks.flatMap(({ body }) => body.errors ?? [])
    expect(refused.map(({ extensions }) => extensions.code)).toEqual(['TOO_MANY_ATTEMPTS'])
  }, 60_000)

  it('and succeeds too often from one address has to wait; what fails keeps nobody out', async () => {
    const address = '192.0.2.9'
    const kinds: string[] = []
    const wish = (index: number) => ({
      contactPhone: null,
      contactMail: `pet${index}@one.example`,
      startsAt: at(`${9 + (index % 6)}:00`, Math.floor(index / 6)),
    })
    for (let index = 0; index < 12; index += 1) expect((await ask({ ...wish(index), patientName: '' }, { address })).__typename).toBe('InvalidInput')
    for (let index = 0; index < 12; index += 1) expect((await ask({ slug: 'nobody' }, { address })).__typename).toBe('NotFound')
    for (let index = 0; index < 11; index += 1) kinds.push((await ask(wish(index), { address })).__typename)
    expect(kinds).toEqual([...Array(10).fill('BookingReceipt'), 'TooManyAttempts'])
    expect((await ask(wish(11))).__typename).toBe('BookingReceipt')
  })

  it('under one address or number has three requests open at the most, however they come in', async () => {
    const hours = [9, 10, 11, 12, 13]
    const mail = await Promise.all(
      hours.map((hour) => ask({ contactPhone: null, contactMail: hour % 2 ? 'Eva@luna.example' : 'eva@luna.example', startsAt: at(`${hour}:00`) })),
    )
    expect(mail.map(({ __typename }) => __typename).sort()).toEqual([...Array(3).fill('BookingReceipt'), ...Array(2).fill('TooManyAttempts')])
    const written = ['55 7777 8888', '+52 55 7777 8888', '(55) 7777-8888', '5577778888']
    const kinds: string[] = []
    for (const [index, contactPhone] of written.entries())
      kinds.push((await ask({ contactPhone, contactMail: `other${index}@luna.example`, startsAt: at(`${9 + index}:00`, 1) })).__typename)
    expect(kinds).toEqual([...Array(3).fill('BookingReceipt'), 'TooManyAttempts'])
    const [{ id, version }] = await desk(LIST)
    await desk(DECLINE, { input: { id, version, reason: 'room for another' } })
    expect((await ask({ contactPhone: null, startsAt: at('13:00', 2) })).__typename).toBe('BookingReceipt')
  })

  it('when thirty wait for an answer is refused until one is decided', async () => {
    const wish = (index: number) => ({
      contactPhone: null,
      contactMail: `c${index}@many.example`,
      startsAt: at(`${9 + (index % 8)}:00`, Math.floor(index / 8)),
    })
    for (let index = 0; index < 30; index += 1) expect([index, (await ask(wish(index))).__typename]).toEqual([index, 'BookingReceipt'])
    expect(await ask(wish(30))).toMatchObject({ code: 'TOO_MANY_ATTEMPTS', params: [{ name: 'retryAfterSeconds', value: '3600' }] })
    const [{ id, version }] = await desk(LIST)
    await desk(DECLINE, { input: { id, version, reason: 'room for another' } })
    expect((await ask(wish(30))).__typename).toBe('BookingReceipt')
  })

  it('at two pages in one request is refused, and a person who has signed in is a visitor there like everybody', async () => {
    const both = 'query Both { a: publicBookingPage(slug: "alfa-centro") { clinicName } b: publicBookingPage(slug: "omega") { clinicName } }'
    expect((await stranger(both, {})).body.errors?.[0]?.extensions.code).toBe('BAD_REQUEST')
    const { token } = await harness.signIn(foreign.email('owner'))
    const { body, headers } = await stranger(PAGE, { slug: SLUG }, { token })
    expect(body.data.publicBookingPage.clinicName).toBe('alfa 1')
    const entries = await entriesOf(admin, headers.get('x-request-id'))
    expect(entries.map(({ body: { actor, organisation } }) => [actor.kind, organisation])).toEqual([['visitor', org.id]])
  })

  it('leaves what somebody who has signed in was refused beside it in their own trail', async () => {
    const { token } = await harness.signIn(foreign.email('groomer'))
    const beside = 'query Beside { publicBookingPage(slug: "alfa-centro") { clinicName } clients(first: 1) { edges { node { id } } } }'
    const { body, headers } = await stranger(beside, {}, { token })
    expect(body.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    const entries = await entriesOf(admin, headers.get('x-request-id'))
    const told = entries.map((entry) => [entry.body.actor.kind, entry.body.organisation, entry.body.outcome])
    expect(told).toEqual(expect.arrayContaining([['user', foreign.id, 'denied']]))
  })
})

describe('a request', () => {
  it('is confirmed for a patient of the clinic: the visit takes the slot, and the answer goes out by mail in their language', async () => {
    await addMessageRule(
      harness.app,
      actorOf(org),
      { event: 'booked', channel: 'mail', templateCode: 'booking_confirmed', leadMinutes: null },
      { now: () => now },
    )
    const clientId = await addClient(harness.app, actorOf(org), { email: 'known@sol.example' })
    const { id: patientId } = await addPatient(harness.app, actorOf(org), { clientId })
    await ask({ locale: 'en' })
    const { id, version, staff } = await waiting()
    const [hold] = await rowsOf('SELECT hold_id FROM booking_request WHERE id = $1', [id])
    expect(await desk(RELEASE, { id: hold.hold_id })).toMatchObject({ __typename: 'NotPermitted', params: [{ name: 'rule', value: 'requested' }] })
    const direct = { patientId, typeId, staffId: staff.id, startsAt: at('10:00'), holdId: hold.hold_id }
    expect(await desk(BOOK, { input: direct })).toMatchObject({ __typename: 'NotPermitted' })
    expect(await desk(CONFIRM, { input: { id, version: 9, patientId } })).toMatchObject({ __typename: 'StaleVersion' })
    expect(await desk(CONFIRM, { input: { id, version } })).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: 'patientId' }] })
    expect(await desk(CONFIRM, { input: { id, version, patientId: newId() } })).toMatchObject({ __typename: 'NotFound' })
    const confirmed = await desk(CONFIRM, { input: { id, version, patientId } })
    expect(confirmed).toMatchObject({
      status: 'CONFIRMED',
      decidedByName: 'receptionist 1',
      appointment: { origin: 'ONLINE', status: 'SCHEDULED', startsAt: at('10:00'), reason: 'Cojea desde ayer', patient: { id: patientId } },
    })
    expect(await desk(CONFIRM, { input: { id, version: version + 1, patientId } })).toMatchObject({ __typename: 'WrongState' })
    expect(await rowsOf('SELECT 1 FROM slot_hold WHERE id = $1', [hold.hold_id])).toEqual([])
    const handed = await send()
    expect(handed).toEqual([
      { channel: 'mail', to: 'eva@luna.example', text: expect.stringContaining('The visit that you asked for is confirmed: Nube at alfa 1') },
    ])
    expect(handed[0]?.text).toContain('Eva Luna')
  })

  it('is confirmed for a new client and patient, by whoever may record them', async () => {
    await ask({ contactMail: null })
    const { id, version } = await waiting()
    const newPatient = { name: 'Nube', speciesCode: 'canine', newClient: { name: 'Eva Luna', phone: '55 2233 4455', locale: 'en' } }
    expect(await desk(CONFIRM, { input: { id, version, newPatient: { ...newPatient, clientId: newId() } } })).toMatchObject({ __typename: 'InvalidInput' })
    for (const [role, rule] of [
      ['assistant', 'new_client'],
      ['manager', 'new_patient'],
    ] as const)
      expect(await desk(CONFIRM, { input: { id, version, newPatient } }, { role })).toMatchObject({
        __typename: 'NotPermitted',
        params: [{ name: 'rule', value: rule }],
      })
    const confirmed = await desk(CONFIRM, { input: { id, version, newPatient } })
    expect(confirmed.appointment.patient).toMatchObject({ name: 'Nube', client: { name: 'Eva Luna', phone: '55 2233 4455', locale: 'en' } })
    expect(await send()).toEqual([{ channel: 'sms', to: '+525522334455', text: expect.stringContaining('cita de Nube confirmada') }])
  })

  it('shows clients with the same address or number', async () => {
    const byMail = await addClient(harness.app, actorOf(org), { name: 'By mail', email: 'Eva@Sol.example' })
    const byPhone = await addClient(harness.app, actorOf(org), { name: 'By phone', phone: '+52 (55) 8765-4321' })
    await addClient(harness.app, actorOf(org), { name: 'Neither', phone: '55 8765 4322', email: 'x@sol.example' })
    await ask({ contactMail: 'eva@sol.example', contactPhone: '55 8765 4321' })
    expect((await waiting()).matches.map(({ id }: any) => id)).toEqual([byMail, byPhone])
  })

  it('that is declined frees its slot for whoever waits, and the answer goes out', async () => {
    await ask({ contactMail: null, locale: 'es-MX' })
    const { id, version, staff } = await waiting()
    const { id: patientId } = await addPatient(harness.app, actorOf(org))
    const waits = { patientId, typeId, staffId: staff.id, earliestOn: dateOf(), latestOn: dateOf(), earliest: '10:00', latest: '10:30' }
    const entryId = await addWaiting(harness.app, actorOf(org), waits, { now: () => now })
    expect(await desk(DECLINE, { input: { id, version, reason: ' ' } })).toMatchObject({ __typename: 'InvalidInput' })
    expect(await desk(DECLINE, { input: { id, version, reason: 'No such breed here' } })).toMatchObject({
      status: 'DECLINED',
      decisionReason: 'No such breed here',
      decidedByName: 'receptionist 1',
      appointment: null,
    })
    expect(await rowsOf('SELECT status, starts_at FROM waitlist_offer WHERE entry_id = $1', [entryId])).toEqual([
      { status: 'open', starts_at: new Date(at('10:00')) },
    ])
    const [sent, ...others] = await send()
    expect([sent?.channel, others]).toEqual(['sms', []])
    expect(sent?.text).toContain('no podemos ofrecerle')
    for (const typed of ['breed', 'Eva', 'Nube']) expect(sent?.text).not.toContain(typed)
    expect(await desk(DECLINE, { input: { id, version: version + 1, reason: 'again' } })).toMatchObject({ __typename: 'WrongState' })
  })

  const run = async () => {
    const job = bookingRequestJobs({ database: harness.app.database, clock: harness.app.clock })[REQUEST_EXPIRY_QUEUE]
    await job?.run({ id: newId(), tenant: null, signal: new AbortController().signal, failure: '' })
  }

  it('that is confirmed and declined at once is one of the two, and told once', async () => {
    for (const hour of [10, 12, 14]) {
      await ask({ contactMail: 'eva@luna.example', startsAt: at(`${hour}:00`) })
      const { id, version } = await waiting()
      const input = { id, version }
      const answers = await Promise.all([
        desk(CONFIRM, { input: { ...input, patientId: practice.patientId } }),
        desk(DECLINE, { input: { ...input, reason: 'full' } }, { role: 'manager' }),
      ])
      const won = answers.find(({ __typename }) => __typename === 'BookingRequest')
      expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['BookingRequest', 'WrongState'])
      const isConfirmed = won.status === 'CONFIRMED'
      expect(won).toMatchObject(isConfirmed ? { appointment: { status: 'SCHEDULED' } } : { status: 'DECLINED', appointment: null })
      expect(await desk(ONE, { id })).toEqual({ ...won, __typename: undefined })
      expect(await rowsOf("SELECT 1 FROM slot_hold WHERE purpose = 'online'")).toEqual([])
      expect(await rowsOf('SELECT 1 FROM appointment WHERE starts_at = $1', [won.startsAt])).toHaveLength(isConfirmed ? 1 : 0)
      const handed = await send()
      expect(handed.map(({ to }) => to)).toEqual(['eva@luna.example'])
      expect(handed[0]?.text).toContain(isConfirmed ? 'Confirmamos la cita' : 'no puede ofrecerle')
    }
  })

  it('that expires is told to nobody but clients, at the address that the clinic has of them, and without a word that was typed', async () => {
    await addClient(harness.app, actorOf(org), { name: 'Reached by mail', email: 'Once@Known.example' })
    await addClient(harness.app, actorOf(org), { name: 'Reached by telephone', phone: '(55) 7001-0001' })
    await addClient(harness.app, actorOf(org), { name: 'Abroad', phone: '+1 212 700 10002' })
    const asked = [
      { contactMail: 'victim@any.example', contactPhone: null },
      { contactMail: null, contactPhone: '55 7999 9999' },
      { contactMail: 'once@known.example', contactPhone: null, locale: 'en' },
      { contactMail: 'other@any.example', contactPhone: '55 7001 0001' },
      { contactMail: 'abroad@any.example', contactPhone: '+1 212 700 10002' },
    ]
    for (const [index, contact] of asked.entries())
      expect(await ask({ ...contact, contactName: 'Buy now', patientName: 'Cheap pills', startsAt: at(`${10 + index}:00`) })).toMatchObject({
        __typename: 'BookingReceipt',
      })
    now = new Date(now.getTime() + 24 * 3_600_000)
    await run()
    expect(await desk(LIST)).toEqual([])
    const handed = await send()
    expect(handed.map(({ channel, to }) => [channel, to]).sort()).toEqual([
      ['mail', 'once@known.example'],
      ['sms', '+525570010001'],
    ])
    expect(handed.filter(({ text }) => /Buy now|Cheap pills/.test(text))).toEqual([])
  })

  it('that nobody decides expires: the slot is free, a client who has asked is told, and the desk is too late', async () => {
    await addClient(harness.app, actorOf(org), { email: 'eva@luna.example' })
    await ask()
    const { id, version } = await waiting()
    await run()
    expect((await desk(ONE, { id })).status).toBe('REQUESTED')
    now = new Date(now.getTime() + 24 * 3_600_000)
    expect(await desk(CONFIRM, { input: { id, version, patientId: practice.patientId } })).toMatchObject({ code: 'HOLD_EXPIRED' })
    await run()
    expect(await desk(ONE, { id })).toMatchObject({ status: 'EXPIRED', decidedByName: null, appointment: null })
    const count = async () => (await rowsOf('SELECT count(*)::int AS n FROM audit.entry WHERE clinic_id = $1', [org.clinics[0]?.id]))[0].n
    const before = await count()
    await run()
    expect(await count()).toBe(before)
    expect(await send()).toEqual([{ channel: 'mail', to: 'eva@luna.example', text: expect.stringContaining('el horario ya no está apartado') }])
    expect(await desk(CONFIRM, { input: { id, version: version + 1, patientId: practice.patientId } })).toMatchObject({ __typename: 'WrongState' })
    expect(await ask()).toMatchObject({ __typename: 'BookingReceipt' })
  })

  it('shortly before the visit is kept until an hour before it', async () => {
    now = new Date(at('05:50'))
    expect(await ask({ startsAt: at('10:00') })).toMatchObject({ expiresAt: at('09:00') })
  })

  it('belongs to its clinic alone', async () => {
    await ask()
    const { id, version } = await waiting()
    for (const place of [{ clinic: 1 }, { organisation: foreign }]) {
      expect(await desk(LIST, {}, place)).toEqual([])
      expect(await desk(ONE, { id }, place)).toBeNull()
      expect(await desk(CONFIRM, { input: { id, version, patientId: practice.patientId } }, place)).toMatchObject({ __typename: 'NotFound' })
      expect(await desk(DECLINE, { input: { id, version, reason: 'x' } }, place)).toMatchObject({ __typename: 'NotFound' })
    }
  })

  it('can be forgotten: what the trail keeps of whoever has asked goes by the id of the request', async () => {
    await ask()
    const { id } = await waiting()
    const actor = actorOf(org)
    const erased = await harness.app.asSystem(actor, 'cli', 'audit.erase', async (tx) => {
      const { subjectIds, images } = await eraseSubject(tx, actor, { subjectId: id, reason: 'asked to be forgotten' })
      return { subjectIds, images }
    })
    expect(erased).toEqual({ subjectIds: [id], images: 1 })
  })
})
