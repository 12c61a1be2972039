import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../modules/kernel/ids.ts'
import { EXPIRY_QUEUE, expireWaiting } from '../../modules/scheduling/index.ts'
import { waitlistJobs } from '../../server/jobs/waitlist.ts'
import { actorOf, CANCEL, type Desk, MOVE, openDesk, STEP } from '../scheduling-desk.ts'
import { addPatient } from '../world-patients.ts'
import { addAppointmentType } from '../world-scheduling.ts'

const ERRORS = '... on Error { code message params { name value } } ... on InvalidInput { issues { path rule } }'
const OFFER = 'id startsAt endsAt expiresAt status decidedAt staff { id } room { id } appointment { id origin status reason patient { id } startsAt }'
const ENTRY = `id priority note status version earliestOn latestOn weekdays earliest latest patient { id } type { id } staff { id } offers { ${OFFER} }`
const ADD = `mutation Add($input: AddToWaitlistInput!) { addToWaitlist(input: $input) { __typename ... on WaitlistEntry { ${ENTRY} } ${ERRORS} } }`
const WITHDRAW = `mutation Withdraw($input: WithdrawFromWaitlistInput!) { withdrawFromWaitlist(input: $input) { __typename ... on WaitlistEntry { ${ENTRY} } ${ERRORS} } }`
const ACCEPT = `mutation Accept($id: UUID!) { acceptOffer(input: { id: $id }) { __typename ... on WaitlistOffer { ${OFFER} } ... on SlotTaken { reason } ${ERRORS} } }`
const DECLINE = `mutation Decline($id: UUID!) { declineOffer(input: { id: $id }) { __typename ... on WaitlistOffer { ${OFFER} } ${ERRORS} } }`
const LIST = `query Waitlist($statuses: [WaitlistStatus!]! = [WAITING, OFFERED]) { waitlist(statuses: $statuses) { ${ENTRY} } }`
const ONE = `query One($id: UUID!) { waitlistEntry(id: $id) { ${ENTRY} } }`

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
beforeEach(async () => {
  desk.nextWeek()
  // Each test has a list of its own.
  for (const { id, version } of await desk.ask(LIST, {})) await desk.ask(WITHDRAW, { input: { id, version } })
})
afterAll(() => desk[Symbol.asyncDispose]())

async function wait(input: object = {}) {
  const { id: patientId } = await addPatient(desk.harness.app, actorOf(desk.org))
  const wishes = { patientId, typeId: desk.here.typeId, earliestOn: desk.dateOf(), latestOn: desk.dateOf(6), ...input }
  const entry = await desk.ask(ADD, { input: wishes })
  expect(entry).toMatchObject({ __typename: 'WaitlistEntry', status: 'WAITING' })
  return entry
}
const entryOf = (id: string) => desk.ask(ONE, { id })
const openOffer = async (id: string) => (await entryOf(id)).offers.find(({ status }: any) => status === 'OPEN') ?? null
const cancel = (visit: { id: string; version: number }) => desk.ask(CANCEL, { input: { id: visit.id, version: visit.version, reason: 'Ill' } })

describe('the waitlist', () => {
  it('is in order of priority, then of age', async () => {
    const [old, young, urgent] = [await wait(), await wait(), await wait({ priority: 9, note: 'In pain' })]
    expect((await desk.ask(LIST, {})).map(({ id }: any) => id)).toEqual([urgent.id, old.id, young.id])
    expect(urgent).toMatchObject({ priority: 9, note: 'In pain', earliest: '00:00', latest: '24:00', weekdays: [], staff: null, offers: [] })
  })

  it('refuses wishes that nobody can meet and records out of reach', async () => {
    const input = { patientId: desk.here.patientId, typeId: desk.here.typeId, earliestOn: desk.dateOf(), latestOn: desk.dateOf(1) }
    const issuesOf = async (changed: object) => (await desk.ask(ADD, { input: { ...input, ...changed } })).issues?.map(({ path }: any) => path)
    expect(await issuesOf({ latestOn: desk.dateOf(-1) })).toEqual(['latestOn'])
    expect(await issuesOf({ earliestOn: '2020-01-01', latestOn: '2020-01-02' })).toEqual(['latestOn'])
    expect(await issuesOf({ earliest: '10:00', latest: '10:10' })).toEqual(['latest'])
    expect(await issuesOf({ priority: 10 })).toEqual(['priority'])
    expect(await desk.ask(ADD, { input: { ...input, staffId: newId() } })).toMatchObject({ __typename: 'NotFound' })
    expect(await desk.ask(ADD, { input: { ...input, patientId: desk.abroad.patientId } })).toMatchObject({ __typename: 'NotFound' })
    const entry = await wait()
    expect(await desk.ask(ONE, { id: entry.id }, { clinic: 1 })).toBeNull()
  })
})

describe('a slot that becomes free', () => {
  it('is offered to the first who fits, kept for them, and booked when they say yes', async () => {
    const visit = await desk.book('10:00')
    const [later, first] = [await wait(), await wait({ priority: 5, note: 'Limps' })]
    await cancel(visit)
    expect(await openOffer(later.id)).toBeNull()
    const offer = await openOffer(first.id)
    expect(offer).toMatchObject({ startsAt: visit.startsAt, endsAt: visit.endsAt, staff: { id: desk.here.staffId }, room: { id: desk.here.roomId } })
    expect(new Date(offer.expiresAt).getTime() - Date.now()).toBeLessThanOrEqual(24 * 3_600_000)
    expect(await desk.book('10:00')).toMatchObject({ __typename: 'SlotTaken', code: 'SLOT_TAKEN' })
    const accepted = await desk.ask(ACCEPT, { id: offer.id })
    expect(accepted).toMatchObject({
      status: 'ACCEPTED',
      appointment: { origin: 'WAITLIST', reason: 'Limps', startsAt: visit.startsAt, patient: { id: first.patient.id } },
    })
    expect(await entryOf(first.id)).toMatchObject({ status: 'BOOKED' })
    expect(await desk.ask(ACCEPT, { id: offer.id })).toMatchObject({ __typename: 'WrongState' })
    expect(await desk.ask(DECLINE, { id: offer.id })).toMatchObject({ __typename: 'WrongState' })
    expect(await desk.ask(WITHDRAW, { input: { id: first.id, version: 3 } })).toMatchObject({ __typename: 'WrongState' })
  })

  it('goes on to the next who waits when somebody declines, and is free when nobody is left', async () => {
    const visit = await desk.book('10:00')
    const [first, second] = [await wait({ priority: 1 }), await wait()]
    await cancel(visit)
    const declined = await desk.ask(DECLINE, { id: (await openOffer(first.id)).id })
    expect(declined).toMatchObject({ status: 'DECLINED', appointment: null })
    expect(await entryOf(first.id)).toMatchObject({ status: 'WAITING' })
    const passed = await openOffer(second.id)
    expect(passed).toMatchObject({ startsAt: visit.startsAt })
    // Whoever leaves the list lets the slot go as well; the first has declined it and is not asked again.
    await desk.ask(WITHDRAW, { input: { id: second.id, version: 2 } })
    expect(await entryOf(second.id)).toMatchObject({ status: 'WITHDRAWN', offers: [{ status: 'DECLINED' }] })
    expect(await openOffer(first.id)).toBeNull()
    expect(await desk.book('10:00')).toMatchObject({ __typename: 'Appointment' })
  })

  it('comes from a visit that was missed or moved, too', async () => {
    const [missed, moved] = [await desk.book('10:00'), await desk.book('12:00')]
    const [morning, noon] = [await wait({ latest: '11:00' }), await wait({ earliest: '11:30', latest: '13:00' })]
    await desk.ask(STEP, { input: { id: missed.id, version: 1, status: 'NO_SHOW' } })
    await desk.ask(MOVE, { input: { id: moved.id, version: 1, startsAt: desk.at('15:00') } })
    expect(await openOffer(morning.id)).toMatchObject({ startsAt: missed.startsAt })
    expect(await openOffer(noon.id)).toMatchObject({ startsAt: moved.startsAt })
    expect(await desk.ask(STEP, { input: { id: missed.id, version: 2, status: 'SCHEDULED' } })).toMatchObject({ __typename: 'SlotTaken' })
  })

  it('is not offered to those who cannot use it', async () => {
    const long = await addAppointmentType(desk.harness.app, actorOf(desk.org), { durationMinutes: 60 })
    const surgery = await addAppointmentType(desk.harness.app, actorOf(desk.org), { roomKinds: ['surgery'] })
    const visit = await desk.book('10:00')
    const others = [
      await wait({ staffId: desk.here.otherStaffId }),
      await wait({ earliestOn: desk.dateOf(1) }),
      await wait({ weekdays: [2, 7] }),
      await wait({ earliest: '10:10' }),
      await wait({ latest: '10:10', earliest: '09:00' }),
      await wait({ typeId: long }),
      await wait({ typeId: surgery }),
    ]
    const died = await wait({ priority: 9 })
    await desk.withAdmin((client) =>
      client.query(`BEGIN; SET LOCAL session_replication_role = replica; UPDATE patient SET died_on = '2026-01-01' WHERE id = '${died.patient.id}'; COMMIT`),
    )
    others.push(died)
    const fits = await wait({ weekdays: [1], staffId: desk.here.staffId, earliest: '10:00', latest: '10:20' })
    await cancel(visit)
    for (const { id } of others) expect(await openOffer(id)).toBeNull()
    expect(await openOffer(fits.id)).toMatchObject({ startsAt: visit.startsAt })
  })

  it('is nobody’s for long: an offer that is not answered goes on, and one that is too old cannot be accepted', async () => {
    const visit = await desk.book('10:00')
    const [first, second] = [await wait({ priority: 1 }), await wait()]
    await cancel(visit)
    const offer = await openOffer(first.id)
    const { database } = desk.harness.app
    const tomorrow = { now: () => new Date(new Date(offer.expiresAt).getTime() + 1_000) }
    const job = waitlistJobs({ database, clock: tomorrow })[EXPIRY_QUEUE]
    const run = () => job?.run({ id: newId(), tenant: null, signal: new AbortController().signal, failure: '' })
    await run()
    expect(await entryOf(first.id)).toMatchObject({ status: 'WAITING', offers: [{ id: offer.id, status: 'EXPIRED' }] })
    const passed = await openOffer(second.id)
    expect(passed).toMatchObject({ startsAt: visit.startsAt })
    expect(await desk.ask(ACCEPT, { id: offer.id })).toMatchObject({ __typename: 'WrongState' })
    const before = await countEntries()
    await run()
    expect(await countEntries()).toBe(before)
    await desk.withAdmin((client) =>
      client.query(`BEGIN; SET LOCAL session_replication_role = replica;
        UPDATE waitlist_offer SET created_at = now() - interval '2 hours', expires_at = now() - interval '1 hour' WHERE id = '${passed.id}'; COMMIT`),
    )
    expect(await desk.ask(ACCEPT, { id: passed.id })).toMatchObject({ __typename: 'HoldExpired', code: 'HOLD_EXPIRED' })
  })

  it('is not waited for any more when its days are over', async () => {
    const entry = await wait()
    const over = { now: () => new Date(new Date(desk.at('00:00', 7)).getTime() + 1_000) }
    const actor = actorOf(desk.org)
    const expired = await desk.harness.app.asSystem(actor, 'job', 'expiry', (tx) => expireWaiting(tx, actor), over)
    expect(expired.entries).toBe(1)
    expect(await entryOf(entry.id)).toMatchObject({ status: 'EXPIRED' })
  })
})

it('no slot is offered to two at once, and nobody two of them, whatever happens in parallel', async () => {
  const times = ['09:00', '10:00', '11:00', '12:00', '13:00', '14:00']
  const visits = []
  for (const time of times) visits.push(await desk.book(time))
  const waiting = []
  for (let index = 0; index < 4; index += 1) waiting.push(await wait())
  await Promise.all(visits.map(cancel))
  for (let round = 0; round < 3; round += 1) {
    const offers = (await desk.ask(LIST, { statuses: ['OFFERED'] })).flatMap(({ offers }: any) => offers.filter(({ status }: any) => status === 'OPEN'))
    expect(offers.length).toBeGreaterThan(0)
    expect(new Set(offers.map(({ startsAt }: any) => startsAt)).size).toBe(offers.length)
    const answers = await Promise.all(offers.flatMap(({ id }: any) => [desk.ask(DECLINE, { id }), desk.ask(DECLINE, { id })]))
    expect(answers.filter(({ __typename }: any) => __typename === 'WaitlistOffer')).toHaveLength(offers.length)
    const doubles = await desk.withAdmin(async (client) => {
      const { rows } = await client.query(`SELECT a.id FROM waitlist_offer a JOIN waitlist_offer b ON a.id < b.id AND a.status = 'open' AND b.status = 'open'
        AND (a.entry_id = b.entry_id OR (a.staff_id = b.staff_id AND tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)))`)
      return rows
    })
    expect(doubles).toEqual([])
  }
})

it('of two who accept one offer, one books it', async () => {
  const visit = await desk.book('10:00')
  const entry = await wait()
  await cancel(visit)
  const { id } = await openOffer(entry.id)
  const answers = await Promise.all(Array.from({ length: 5 }, () => desk.ask(ACCEPT, { id })))
  expect(Object.groupBy(answers, ({ __typename }) => __typename)).toMatchObject({ WaitlistOffer: { length: 1 }, WrongState: { length: 4 } })
})

function countEntries(): Promise<number> {
  return desk.withAdmin(async (client) => Number((await client.query('SELECT count(*) FROM audit.entry')).rows[0].count))
}
