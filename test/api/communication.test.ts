import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { notifyUsers } from '../../modules/communication/index.ts'
import { instantAt } from '../../modules/kernel/time.ts'
import { type Harness, startHarness } from '../harness.ts'
import { actorOf, type Caller, callers, ERRORS, lastEntry, paramsOf } from '../operations.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addMessage, addMessageRule, addNotification } from '../world-communication.ts'
import { addClient } from '../world-patients.ts'
import { addAppointment, addAppointmentType, addPractice } from '../world-scheduling.ts'

let harness: Harness
let org: WorldOrganisation
let other: WorldOrganisation
let as: (org: WorldOrganisation, role: Parameters<WorldOrganisation['email']>[0], clinic?: number) => Promise<Caller>
let manager: Caller
let reception: Caller
let count = 0
beforeAll(async () => {
  harness = await startHarness()
  org = await buildOrganisation(harness.app, 'alfa')
  other = await buildOrganisation(harness.app, 'zeta')
  as = callers(harness)
  manager = await as(org, 'manager')
  reception = await as(org, 'receptionist')
})
afterAll(() => harness[Symbol.asyncDispose]())

const client = (over: object = {}) => addClient(harness.app, actorOf(org), { email: 'luz@x.example', ...over })

describe('rules', () => {
  const CREATE = `mutation CreateRule($input: CreateMessageRuleInput!) { createMessageRule(input: $input) {
    __typename ... on MessageRule { id event channel leadMinutes locale templateCode isActive version appointmentType { id } } ${ERRORS} } }`
  const UPDATE = `mutation UpdateRule($input: UpdateMessageRuleInput!) { updateMessageRule(input: $input) {
    __typename ... on MessageRule { id leadMinutes locale isActive version } ${ERRORS} } }`
  const create = async (input: object) => (await manager(CREATE, { input })).body.data.createMessageRule

  it('are made for a type of visit, with the text of their event, and listed', async () => {
    const typeId = await addAppointmentType(harness.app, actorOf(org))
    const rule = await create({ event: 'REMINDER', channel: 'SMS', leadMinutes: 120, appointmentTypeId: typeId })
    expect(rule).toMatchObject({
      event: 'REMINDER',
      channel: 'SMS',
      leadMinutes: 120,
      locale: null,
      templateCode: 'appointment_reminder',
      isActive: true,
      version: 1,
      appointmentType: { id: typeId },
    })
    const { body } = await reception('{ messageRules { id isActive } }', {})
    expect(body.data.messageRules).toContainEqual({ id: rule.id, isActive: true })
    expect(await lastEntry(harness, 'CreateRule')).toMatchObject({ outcome: 'ok', types: expect.arrayContaining(['MessageRule']) })
  })

  it.each([
    ['a reminder without a lead time', { event: 'REMINDER', channel: 'MAIL' }, 'lead_of_reminder'],
    ['another event with one', { event: 'BOOKED', channel: 'MAIL', leadMinutes: 60 }, 'lead_of_reminder'],
    ['a text of another kind', { event: 'BOOKED', channel: 'MAIL', templateCode: 'waitlist_offer' }, 'template_of_event'],
    ['a text that nobody has written', { event: 'BOOKED', channel: 'MAIL', templateCode: 'surgery_hints' }, 'template_missing'],
  ])('refuse %s', async (_what, input, rule) => {
    expect(await create(input)).toMatchObject({ code: 'INVALID_INPUT', issues: [{ rule }] })
  })

  it('refuse a type of another organisation', async () => {
    const appointmentTypeId = await addAppointmentType(harness.app, actorOf(other))
    expect(await create({ event: 'BOOKED', channel: 'MAIL', appointmentTypeId })).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('change, and end, and refuse what was changed meanwhile', async () => {
    const id = await addMessageRule(harness.app, actorOf(org))
    const update = async (input: object) => (await manager(UPDATE, { input: { id, ...input } })).body.data.updateMessageRule
    expect(await update({ version: 1, leadMinutes: 60, locale: 'en' })).toMatchObject({ leadMinutes: 60, locale: 'en', version: 2 })
    expect(await update({ version: 2, locale: null })).toMatchObject({ leadMinutes: 60, locale: null })
    expect(await update({ version: 1, isActive: false })).toMatchObject({ code: 'STALE_VERSION' })
    expect(await update({ version: 3, isActive: false })).toMatchObject({ isActive: false, version: 4 })
    expect((await (await as(org, 'manager', 1))(UPDATE, { input: { id, version: 4, isActive: true } })).body.data.updateMessageRule).toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  it('are not for the desk to make', async () => {
    const { body } = await reception(CREATE, { input: { event: 'BOOKED', channel: 'MAIL' } })
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' })
  })
})

describe('texts', () => {
  const SAVE = `mutation SaveText($input: SaveMessageTemplateInput!) { saveMessageTemplate(input: $input) {
    __typename ... on MessageTemplate { id code channel locale subject body version placeholders } ${ERRORS} } }`
  const RESET = `mutation ResetText($id: UUID!) { resetMessageTemplate(id: $id) { __typename ... on MessageTemplate { id body } ${ERRORS} } }`
  const LIST = '{ messageTemplates { id code channel locale subject body version } }'
  const save = async (input: object) => (await manager(SAVE, { input })).body.data.saveMessageTemplate
  const text = { code: 'booking_confirmed', channel: 'MAIL', locale: 'en', subject: 'See you, {{clientName}}', body: 'On {{date}} at {{time}}.' }

  it("begin as the product's, are replaced by one's own, and come back", async () => {
    const listed = async () =>
      (await reception(LIST, {})).body.data.messageTemplates.filter((row: any) => row.code === text.code && row.channel === 'MAIL' && row.locale === 'en')
    const [given] = await listed()
    expect(given).toMatchObject({ id: null, version: null, subject: expect.stringContaining('{{patientName}}') })
    const saved = await save(text)
    expect(saved).toMatchObject({ ...text, version: 1 })
    expect(await save(text)).toMatchObject({ code: 'STALE_VERSION' })
    expect(await save({ ...text, body: 'Soon.', version: 1 })).toMatchObject({ id: saved.id, body: 'Soon.', version: 2 })
    expect(await listed()).toMatchObject([{ id: saved.id, body: 'Soon.' }])
    expect((await manager(RESET, { id: saved.id })).body.data.resetMessageTemplate).toMatchObject({ id: null, body: given.body })
    expect(await listed()).toEqual([given])
    expect((await manager(RESET, { id: saved.id })).body.data.resetMessageTemplate).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('that name a value which there is not are refused by its name', async () => {
    const refused = await save({ ...text, body: 'Hi {{surname}}' })
    expect(refused).toMatchObject({ __typename: 'UnknownPlaceholder', code: 'UNKNOWN_PLACEHOLDER' })
    expect(paramsOf(refused)).toMatchObject({ name: 'surname', path: 'body', known: expect.stringContaining('clientName') })
  })

  it.each([
    ['a mail without a subject', { ...text, subject: null }, 'subject_of_mail'],
    ['a text message with one', { ...text, channel: 'SMS' }, 'subject_of_mail'],
    ['loose braces', { ...text, body: 'Hi {{clientName' }, 'placeholder'],
    ['a text message that is too long', { ...text, channel: 'SMS', subject: null, body: 'x'.repeat(601) }, 'too_big'],
  ])('refuse %s', async (_what, input, rule) => {
    expect(await save(input)).toMatchObject({ code: 'INVALID_INPUT', issues: [{ rule }] })
  })

  it('of an own code are for rules, and stay while one in force names them', async () => {
    const actor = actorOf(org)
    const saved = await save({ code: 'surgery_hints', channel: 'MAIL', locale: 'es-MX', subject: 'Cirugía de {{patientName}}', body: 'En ayunas, por favor.' })
    await addMessageRule(harness.app, actor, { templateCode: 'surgery_hints' })
    expect((await manager(RESET, { id: saved.id })).body.data.resetMessageTemplate).toMatchObject({ code: 'INVALID_INPUT', issues: [{ rule: 'in_use' }] })
  })

  it('are shown filled before they are saved, escaped, with what is unknown by name', async () => {
    const PREVIEW = `query Preview($body: String!) { messagePreview(code: "booking_moved", channel: MAIL, locale: "en", subject: "For {{patientName}}", body: $body) { subject text html unknownPlaceholders } }`
    const { body } = await manager(PREVIEW, { body: 'Hi <b>{{clientName}}</b>{{surname}}\n\n{{clinicName}}' })
    expect(body.data.messagePreview).toEqual({
      subject: 'For Firulais',
      text: 'Hi <b>Lucía Hernández</b>\n\nalfa 1',
      html: '<p>Hi &lt;b&gt;Lucía Hernández&lt;/b&gt;</p>\n<p>alfa 1</p>',
      unknownPlaceholders: ['surname'],
    })
  })

  it("of another organisation are not one's own", async () => {
    await save({ ...text, locale: 'es-MX' })
    const { body } = await (await as(other, 'manager'))(LIST, {})
    expect(body.data.messageTemplates.filter(({ id }: any) => id !== null)).toEqual([])
  })
})

describe('the delivery log', () => {
  const LOG = `query Log($status: MessageStatus, $channel: MessageChannel, $kind: MessageKind, $clientId: UUID, $to: DateTime) {
    messages(status: $status, channel: $channel, kind: $kind, clientId: $clientId, to: $to) { edges { node { id status channel kind templateCode client { id name } params { name value } } } } }`
  const log = async (variables: object, caller = reception) => (await caller(LOG, variables)).body.data.messages.edges.map(({ node }: any) => node)
  const RESEND = `mutation Resend($id: UUID!) { resendMessage(id: $id) { __typename ... on Message { id status client { id } } ${ERRORS} } }`

  it('shows what was queued to whom, by every filter', async () => {
    const clientId = await client({ name: 'Luz' })
    const mail = await addMessage(harness.app, actorOf(org), { clientId, params: { startsAt: '2026-01-05T16:00:00.000Z' } })
    const sms = await addMessage(harness.app, actorOf(org), { clientId, channel: 'sms', templateCode: 'waitlist_offer' })
    expect(await log({ clientId })).toMatchObject([
      { id: sms },
      { id: mail, status: 'QUEUED', client: { id: clientId, name: 'Luz' }, params: [{ name: 'startsAt' }] },
    ])
    expect(await log({ clientId, channel: 'SMS' })).toMatchObject([{ id: sms, kind: 'WAITLIST' }])
    expect(await log({ clientId, kind: 'REQUEST' })).toMatchObject([{ id: mail }])
    expect(await log({ clientId, status: 'SENT' })).toEqual([])
    expect(await log({ clientId, to: '2020-01-01T00:00:00Z' })).toEqual([])
    expect(await log({ clientId }, await as(org, 'receptionist', 1))).toEqual([])
    expect(await log({ clientId }, await as(other, 'owner'))).toEqual([])
  })

  it('sends again what was tried to the end, as a message of its own', async () => {
    const actor = actorOf(org)
    const clientId = await client()
    const id = await addMessage(harness.app, actor, { clientId })
    const resend = async (caller = manager) => (await caller(RESEND, { id }, { idempotencyKey: `resend-key-${(count += 1)}` })).body.data.resendMessage
    expect(await resend()).toMatchObject({ code: 'WRONG_STATE' })
    await harness.app.asSystem(actor, 'job', 'test', async (tx) => {
      await tx.prisma.message.updateMany({ where: { organisationId: org.id, id }, data: { status: 'failed', errorCode: 'MAIL_REFUSED_550' } })
      tx.changes('Message', [id], ['errorCode', 'status'])
      return null
    })
    const copy = await resend()
    expect(copy).toMatchObject({ status: 'QUEUED', client: { id: clientId } })
    expect((await log({ clientId })).map(({ id: found, status }: any) => [found, status])).toEqual([
      [copy.id, 'QUEUED'],
      [id, 'FAILED'],
    ])
    expect(await resend(await as(org, 'manager', 1))).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('preferences', () => {
  const SET = `mutation Prefer($input: ClientPreferenceInput!) { setClientPreference(input: $input) {
    __typename ... on ClientPreference { refusals { channel kind } quietFrom quietUntil version } ${ERRORS} } }`
  const SHOW = 'query Show($id: UUID!) { client(id: $id) { preference { refusals { channel kind } quietFrom quietUntil version } } }'
  const set = async (input: object, caller = reception) => (await caller(SET, { input })).body.data.setClientPreference

  it("say what a client does not want and when; what is left out stays, and null gives the clinic's hours back", async () => {
    const clientId = await client()
    const show = async () => (await reception(SHOW, { id: clientId })).body.data.client.preference
    expect(await show()).toBeNull()
    const refusals = [{ channel: 'MAIL', kind: 'REMINDER' }]
    expect(await set({ clientId, refusals })).toMatchObject({ refusals, quietFrom: null, version: 1 })
    expect(await set({ clientId, quietFrom: '22:00', quietUntil: '07:30', version: 1 })).toMatchObject({
      refusals,
      quietFrom: '22:00',
      quietUntil: '07:30',
      version: 2,
    })
    expect(await set({ clientId, refusals: [], version: 1 })).toMatchObject({ code: 'STALE_VERSION' })
    expect(await set({ clientId, refusals: [], quietFrom: null, quietUntil: null, version: 2 })).toMatchObject({
      refusals: [],
      quietFrom: null,
      quietUntil: null,
    })
    expect(await show()).toMatchObject({ refusals: [], version: 3 })
    expect(await lastEntry(harness, 'Show')).toMatchObject({ types: expect.arrayContaining(['ClientPreference']) })
  })

  it('refuse half of the hours, and clients out of reach', async () => {
    const clientId = await client()
    expect(await set({ clientId, quietFrom: '22:00' })).toMatchObject({ code: 'INVALID_INPUT', issues: [{ rule: 'quiet_whole' }] })
    expect(await set({ clientId, quietFrom: '22:00', quietUntil: null })).toMatchObject({ code: 'INVALID_INPUT' })
    expect(await set({ clientId, refusals: [] }, await as(other, 'owner'))).toMatchObject({ code: 'NOT_FOUND' })
  })

  it("of a clinic are its quiet hours, and the product's until then", async () => {
    const SETTINGS = '{ messageSettings { quietFrom quietUntil version } }'
    const CHANGE = `mutation Quiet($input: MessageSettingsInput!) { setMessageSettings(input: $input) { __typename ... on MessageSettings { quietFrom quietUntil version } ${ERRORS} } }`
    expect((await reception(SETTINGS, {})).body.data.messageSettings).toEqual({ quietFrom: '21:00', quietUntil: '08:00', version: null })
    const change = async (input: object) => (await manager(CHANGE, { input })).body.data.setMessageSettings
    expect(await change({ quietFrom: '20:00', quietUntil: '09:00' })).toMatchObject({ quietFrom: '20:00', version: 1 })
    expect(await change({ quietFrom: '19:00', quietUntil: '09:00' })).toMatchObject({ code: 'STALE_VERSION' })
    expect(await change({ quietFrom: '19:00', quietUntil: '09:00', version: 1 })).toMatchObject({ quietFrom: '19:00', version: 2 })
    expect((await (await as(org, 'receptionist', 1))(SETTINGS, {})).body.data.messageSettings).toMatchObject({ quietFrom: '21:00' })
  })
})

describe('notifications', () => {
  const LIST = '{ notifications { edges { node { id kind readAt params { name value } } } } unreadNotificationCount }'
  const READ = `mutation MarkRead($ids: [UUID!]) { markNotificationsRead(ids: $ids) { __typename ... on NotificationsRead { notifications { id readAt } unreadCount } ${ERRORS} } }`
  const listed = async (caller: Caller) => (await caller(LIST, {})).body.data

  it("are one's own, newest first, and nobody marks another's", async () => {
    const actor = actorOf(org)
    const [groomer, assistant] = [await as(org, 'groomer'), await as(org, 'assistant')]
    const first = await addNotification(harness.app, actor, org.userId('groomer'), { appointmentId: org.id })
    const second = await addNotification(harness.app, actor, org.userId('groomer'))
    expect(await listed(groomer)).toMatchObject({
      notifications: { edges: [{ node: { id: second } }, { node: { id: first, readAt: null, params: [{ name: 'appointmentId' }] } }] },
      unreadNotificationCount: 2,
    })
    expect(await listed(assistant)).toEqual({ notifications: { edges: [] }, unreadNotificationCount: 0 })
    expect((await assistant(READ, { ids: [first] })).body.data.markNotificationsRead).toEqual({
      __typename: 'NotificationsRead',
      notifications: [],
      unreadCount: 0,
    })
    expect((await groomer(READ, { ids: [first] })).body.data.markNotificationsRead).toMatchObject({
      notifications: [{ id: first, readAt: expect.any(String) }],
      unreadCount: 1,
    })
    expect((await groomer(READ, {})).body.data.markNotificationsRead).toMatchObject({ notifications: [{ id: second }], unreadCount: 0 })
    expect((await listed(groomer)).unreadNotificationCount).toBe(0)
    expect((await groomer('{ notifications(unreadOnly: true) { edges { node { id } } } }', {})).body.data.notifications.edges).toEqual([])
  })

  it('lead to the visit that they are about, for whoever may see visits', async () => {
    const actor = actorOf(org)
    const VISIT = '{ notifications(first: 1) { edges { node { appointment { id } } } } }'
    const { staffId, roomId, typeId, patientId } = await addPractice(harness.app, actor)
    const startsAt = instantAt('2031-03-05', 600, actor.clinic.timeZone).instant
    const appointmentId = await addAppointment(harness.app, actor, { patientId, typeId, staffId, roomId, startsAt })
    const [veterinarian, officer] = [await as(org, 'veterinarian'), await as(org, 'compliance_officer')]
    await addNotification(harness.app, actor, org.userId('veterinarian'), { appointmentId })
    await addNotification(harness.app, actor, org.userId('compliance_officer'), { appointmentId })
    expect((await veterinarian(VISIT, {})).body.data.notifications.edges).toEqual([{ node: { appointment: { id: appointmentId } } }])
    const refused = (await officer(VISIT, {})).body
    expect(refused.data.notifications.edges).toEqual([{ node: { appointment: null } }])
    expect(refused.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
    // What follows counts from nothing.
    await veterinarian(READ, {})
  })

  it('are not there when their transaction is not, and refuse names', async () => {
    const actor = actorOf(org)
    const tell = (params: Record<string, string>, end: () => void) =>
      harness.app.asSystem(actor, 'job', 'test', async (tx) => {
        await notifyUsers(tx, actor, { userIds: [org.userId('veterinarian')], kind: 'shift_swap_asked', params })
        end()
        return null
      })
    await expect(
      tell({}, () => {
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    await expect(tell({ name: 'Lucía' }, () => {})).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect((await listed(await as(org, 'veterinarian'))).unreadNotificationCount).toBe(0)
  })
})

describe('mail to people who work here', () => {
  const SET = `mutation SetMail($input: MailPreferenceInput!) { setMyMailPreference(input: $input) { __typename ... on MailPreference { refusals } ${ERRORS} } }`
  const refusalsOf = async (caller: Caller) => (await caller('{ myMailPreference { refusals } }', {})).body.data.myMailPreference.refusals

  it('is refused kind by kind by each person for themselves, and not what is for clients', async () => {
    const [groomer, assistant] = [await as(org, 'groomer'), await as(org, 'assistant')]
    expect(await refusalsOf(groomer)).toEqual([])
    expect((await groomer(SET, { input: { refusals: ['SWAP', 'ROSTER', 'SWAP'] } })).body.data.setMyMailPreference).toEqual({
      __typename: 'MailPreference',
      refusals: ['ROSTER', 'SWAP'],
    })
    expect(await lastEntry(harness, 'SetMail')).toMatchObject({ outcome: 'ok', types: ['User'], record_ids: [org.userId('groomer')] })
    expect([await refusalsOf(groomer), await refusalsOf(assistant)]).toEqual([['ROSTER', 'SWAP'], []])
    expect((await groomer(SET, { input: { refusals: ['REMINDER'] } })).body.data.setMyMailPreference).toMatchObject({ code: 'INVALID_INPUT' })
    expect((await groomer(SET, { input: { refusals: [] } })).body.data.setMyMailPreference.refusals).toEqual([])
  })
})
