import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { setAppointmentStatus } from '../../modules/scheduling/index.ts'
import { APPOINTMENT_BY_ID, actorOf, CANCEL, type Desk, openDesk, paramsOf, STEP } from '../scheduling-desk.ts'
import { findDisagreements } from '../trail.ts'
import { addAppointment } from '../world-scheduling.ts'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
beforeEach(() => desk.nextWeek())
afterAll(() => desk[Symbol.asyncDispose]())

async function claimsOf(appointmentId: string) {
  return desk.withAdmin(async (client) => {
    const { rows } = await client.query(
      'SELECT resource_id, lane, lower(during) AS starts_at, upper(during) AS ends_at FROM resource_claim WHERE appointment_id = $1 ORDER BY resource_id',
      [appointmentId],
    )
    return rows
  })
}

describe('cancelling', () => {
  it('keeps the reason and frees the time', async () => {
    const visit = await desk.book('10:00')
    const cancelled = await desk.ask(CANCEL, { input: { id: visit.id, version: 1, reason: 'The client is ill' } })
    expect(cancelled).toMatchObject({ status: 'CANCELLED', cancelReason: 'The client is ill', version: 2 })
    expect(cancelled.cancelledAt).not.toBeNull()
    expect(await claimsOf(visit.id)).toEqual([])
    expect(await desk.book('10:00')).toMatchObject({ __typename: 'Appointment' })
  })

  it('is still possible when the client leaves unseen, and final', async () => {
    const visit = await desk.book('10:00')
    await desk.ask(STEP, { input: { id: visit.id, version: 1, status: 'CHECKED_IN' } })
    expect(await desk.ask(CANCEL, { input: { id: visit.id, version: 2, reason: 'Left' } })).toMatchObject({ status: 'CANCELLED' })
    expect(await desk.ask(CANCEL, { input: { id: visit.id, version: 3, reason: 'Again' } })).toMatchObject({ __typename: 'WrongState' })
    expect(await desk.ask(STEP, { input: { id: visit.id, version: 3, status: 'SCHEDULED' } })).toMatchObject({ __typename: 'WrongState' })
  })

  it('needs a reason and the current version', async () => {
    const visit = await desk.book('10:00')
    expect((await desk.ask(CANCEL, { input: { id: visit.id, version: 1, reason: '  ' } })).issues).toMatchObject([{ path: 'reason' }])
    expect(await desk.ask(CANCEL, { input: { id: visit.id, version: 2, reason: 'Ill' } })).toMatchObject({ __typename: 'StaleVersion' })
  })
})

describe('the status of a visit', () => {
  it('goes its way step by step and notes each moment', async () => {
    let visit = await desk.book('10:00')
    for (const status of ['CONFIRMED', 'CHECKED_IN', 'IN_PROGRESS', 'COMPLETED', 'CHECKED_OUT'])
      visit = await desk.ask(STEP, { input: { id: visit.id, version: visit.version, status } })
    expect(visit).toMatchObject({ status: 'CHECKED_OUT', version: 6 })
    const moments = [visit.confirmedAt, visit.checkedInAt, visit.startedAt, visit.completedAt, visit.checkedOutAt]
    expect(moments).not.toContain(null)
    expect([...moments].sort()).toEqual(moments)
    expect(await desk.ask(STEP, { input: { id: visit.id, version: 6, status: 'COMPLETED' } })).toMatchObject({
      status: 'COMPLETED',
      checkedOutAt: null,
      completedAt: visit.completedAt,
    })
  })

  it('skips no step, is not cancelled without a reason, and needs the current version', async () => {
    const visit = await desk.book('10:00')
    expect(paramsOf(await desk.ask(STEP, { input: { id: visit.id, version: 1, status: 'COMPLETED' } }))).toEqual({
      type: 'Appointment',
      from: 'scheduled',
      to: 'completed',
    })
    expect((await desk.ask(STEP, { input: { id: visit.id, version: 1, status: 'CANCELLED' } })).issues).toMatchObject([
      { path: 'status', rule: 'needs_reason' },
    ])
    expect(await desk.ask(STEP, { input: { id: visit.id, version: 3, status: 'CONFIRMED' } })).toMatchObject({ __typename: 'StaleVersion' })
  })

  it('of a missed visit frees the time, and claims it again when the client comes after all', async () => {
    const visit = await desk.book('10:00')
    expect(await desk.ask(STEP, { input: { id: visit.id, version: 1, status: 'NO_SHOW' } })).toMatchObject({ status: 'NO_SHOW', noShowAt: expect.any(String) })
    expect(await claimsOf(visit.id)).toEqual([])
    expect(await desk.ask(STEP, { input: { id: visit.id, version: 2, status: 'SCHEDULED' } })).toMatchObject({ status: 'SCHEDULED', noShowAt: null })
    expect(await claimsOf(visit.id)).toHaveLength(2)
    await desk.ask(STEP, { input: { id: visit.id, version: 3, status: 'NO_SHOW' } })
    expect(await desk.book('10:10')).toMatchObject({ __typename: 'Appointment' })
    expect(await desk.ask(STEP, { input: { id: visit.id, version: 4, status: 'SCHEDULED' } })).toMatchObject({
      __typename: 'SlotTaken',
      startsAt: desk.at('10:10'),
    })
  })

  it('answers each step of one document as it was after it', async () => {
    const visit = await desk.book('10:00')
    const twice = `mutation Twice($a: SetAppointmentStatusInput!, $b: SetAppointmentStatusInput!) {
      a: setAppointmentStatus(input: $a) { ... on Appointment { status version } } b: setAppointmentStatus(input: $b) { ... on Appointment { status version } } }`
    const { body } = await desk.call(twice, { a: { id: visit.id, version: 1, status: 'CONFIRMED' }, b: { id: visit.id, version: 2, status: 'CHECKED_IN' } })
    expect(body.data).toEqual({ a: { status: 'CONFIRMED', version: 2 }, b: { status: 'CHECKED_IN', version: 3 } })
  })

  it("takes its moments from the transaction's clock", async () => {
    const actor = actorOf(desk.org)
    const clock = { now: () => new Date('2025-12-20T16:00:00Z') }
    const id = await addAppointment(desk.harness.app, actor, { ...desk.booking('10:00'), startsAt: new Date(desk.at('10:00')) }, clock)
    await desk.harness.app.asSystem(actor, 'demo', 'world', (tx) => setAppointmentStatus(tx, actor, { id, version: 1, status: 'confirmed' }), clock)
    expect(await desk.ask(APPOINTMENT_BY_ID, { id })).toMatchObject({ confirmedAt: '2025-12-20T16:00:00.000Z' })
  })
})

describe('the audit trail', () => {
  it('agrees with what the database saw, in every transaction of these tests', async () => {
    expect(await desk.withAdmin(findDisagreements)).toEqual([])
  })
})
