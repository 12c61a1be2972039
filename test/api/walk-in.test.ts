import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Harness, startHarness } from '../harness.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addAppointment, addPractice, type Practice } from '../world-scheduling.ts'

const VISIT = 'id startsAt endsAt status origin checkedInAt isOverbooked staff { id } room { id }'
const WALK_IN = `mutation WalkIn($input: BookWalkInInput!) { bookWalkIn(input: $input) { __typename ... on Appointment { ${VISIT} }
  ... on NobodyFree { nextSlots { startsAt staff { id } } } ... on Error { code message } ... on InvalidInput { issues { path rule } } } }`

// A Monday in Mexico City, where people work from nine to five.
let now = new Date('2027-01-04T16:03:20Z')
let harness: Harness
let org: WorldOrganisation
let practice: Practice
const tokens = new Map<string, string>()

beforeAll(async () => {
  harness = await startHarness({ clock: { now: () => now } })
  org = await buildOrganisation(harness.app, 'alfa')
  practice = await addPractice(harness.app, actor())
})
afterAll(() => harness[Symbol.asyncDispose]())

// Whoever has signed in before has to again.
function setNow(instant: string) {
  now = new Date(instant)
  tokens.clear()
}
function actor() {
  const [clinic] = org.clinics
  if (!clinic) throw new Error('no clinic')
  return clinic.actor
}
async function walkIn(input: object = {}, role: Parameters<WorldOrganisation['email']>[0] = 'receptionist') {
  const token = tokens.get(role) ?? (await harness.signIn(org.email(role, 0))).token
  tokens.set(role, token)
  const { patientId, typeId } = practice
  const { body } = await harness.call(WALK_IN, { input: { patientId, typeId, ...input } }, { token })
  if (!body.data) throw new Error(JSON.stringify(body))
  return body.data.bookWalkIn
}
const occupy = (staffId: string, startsAt: string, minutes: number) =>
  addAppointment(harness.app, actor(), {
    patientId: practice.patientId,
    typeId: practice.typeId,
    staffId,
    startsAt: new Date(startsAt),
    durationMinutes: minutes,
  })

describe('a client who has come without a booking', () => {
  it('takes the next open slot of whoever is free first, and is checked in', async () => {
    await occupy(practice.staffId, '2027-01-04T15:00:00Z', 120)
    const visit = await walkIn({ reason: 'Bitten' })
    expect(visit).toMatchObject({
      startsAt: '2027-01-04T16:10:00.000Z',
      status: 'CHECKED_IN',
      origin: 'WALK_IN',
      staff: { id: practice.otherStaffId },
      isOverbooked: false,
    })
    expect(visit.checkedInAt).toBe(now.toISOString())
  })

  it('waits for the person who was named', async () => {
    expect(await walkIn({ staffId: practice.staffId, roomId: practice.roomId })).toMatchObject({
      startsAt: '2027-01-04T17:00:00.000Z',
      staff: { id: practice.staffId },
      room: { id: practice.roomId },
      status: 'CHECKED_IN',
    })
  })

  it('is told the next free times when nobody is free today, and squeezed in with a reason by whoever may', async () => {
    setNow('2027-01-04T22:50:10Z')
    const refused = await walkIn({ staffId: practice.staffId })
    expect(refused).toMatchObject({ __typename: 'NobodyFree', code: 'NOBODY_FREE' })
    expect(refused.nextSlots).toEqual(['15:00', '15:10', '15:20'].map((time) => ({ startsAt: `2027-01-05T${time}:00.000Z`, staff: { id: practice.staffId } })))
    await occupy(practice.staffId, '2027-01-04T22:30:00Z', 30)
    const squeezed = { staffId: practice.staffId, overbookReason: 'Poisoned' }
    expect(await walkIn(squeezed, 'groomer').catch((error: Error) => error.message)).toContain('FORBIDDEN')
    expect((await walkIn({ overbookReason: 'Poisoned' }, 'manager')).issues).toEqual([{ path: 'staffId', rule: 'required' }])
    expect(await walkIn(squeezed, 'manager')).toMatchObject({
      startsAt: '2027-01-04T22:50:00.000Z',
      isOverbooked: true,
      status: 'CHECKED_IN',
      origin: 'WALK_IN',
    })
  })

  it('never shares a slot with another, however many come at once', async () => {
    setNow('2027-01-06T16:00:00Z')
    await walkIn()
    const visits = await Promise.all(Array.from({ length: 6 }, () => walkIn()))
    const booked = visits.filter(({ __typename }) => __typename === 'Appointment')
    expect(booked.length).toBeGreaterThanOrEqual(2)
    expect(new Set(booked.map(({ staff, startsAt }) => `${staff.id} ${startsAt}`)).size).toBe(booked.length)
    for (const { __typename } of visits) expect(['Appointment', 'SlotTaken']).toContain(__typename)
  })
})
