import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROLE_CODES } from '../../modules/access/index.ts'
import { addDays } from '../../modules/kernel/time.ts'
import { addToWaitlist, approveTimeOff, bookAppointment } from '../../modules/scheduling/index.ts'
import { actorOf, type Desk, type Role as DeskRole, openDesk } from '../scheduling-desk.ts'
import { addShift } from '../world-rosters.ts'
import { addAppointment } from '../world-scheduling.ts'
import { addHours, addStaff } from '../world-staff.ts'
import { addTimeOff, findTimeOffType } from '../world-time-off.ts'

const REQUEST = 'id version status amount firstDay lastDay start end startsAt endsAt reason decidedAt decisionReason cancelledAt staff { id } type { code }'
const ERRORS = '... on Error { code message params { name value } } ... on InvalidInput { issues { path rule } }'
const ASK = `mutation Ask($input: RequestTimeOffInput!) { requestTimeOff(input: $input) { __typename ... on TimeOffRequest { ${REQUEST} } ${ERRORS} } }`
const APPROVE = `mutation Approve($input: ApproveTimeOffInput!) { approveTimeOff(input: $input) { __typename ... on TimeOffDecision { request { ${REQUEST} }
  stillAffected { id closedBy } elsewhere { startsAt endsAt } } ${ERRORS} } }`
const REFUSE = `mutation Refuse($input: RefuseTimeOffInput!) { refuseTimeOff(input: $input) { __typename ... on TimeOffRequest { ${REQUEST} } ${ERRORS} } }`
const CANCEL = `mutation Withdraw($input: CancelTimeOffInput!) { cancelTimeOff(input: $input) { __typename ... on TimeOffRequest { ${REQUEST} } ${ERRORS} } }`
const ADJUST = `mutation Adjust($input: AdjustTimeOffInput!) { adjustTimeOff(input: $input) { __typename ... on TimeOffGrant { amount year } ${ERRORS} } }`
const IMPACT = `query Impact($id: UUID!) { timeOffImpact(requestId: $id) { request { id } isBeyondBalance elsewhere { startsAt endsAt } shifts { startsAt endsAt }
  rosterShifts { id date start end }
  visits { appointment { id version startsAt patient { name } type { name } } offers { staff { id } startsAt } } } }`
const LIST = `query Requests($staffId: UUID, $status: TimeOffStatus, $from: LocalDate, $until: LocalDate) {
  timeOffRequests(first: 100, staffId: $staffId, status: $status, from: $from, until: $until) { edges { node { id reason type { code } } } } }`
const ALL = `query All { timeOffRequests(first: 100) { edges { node { ${REQUEST} } } } }`
const BALANCES =
  'query Balances($staffId: UUID, $year: Int) { timeOffBalances(staffId: $staffId, year: $year) { type { code } year allowance granted approved pending remaining grants { amount reason } } }'
const ABSENCES = 'query Absences($from: LocalDate!, $until: LocalDate!) { absences(from: $from, until: $until) { staff { id } startsAt endsAt } }'
const CLOSED_BY = 'query ClosedBy($id: UUID!) { appointment(id: $id) { closedBy startsAt staff { id } } }'

let desk: Desk
let vacation: string
/** Staff profiles of the users of these roles at the first clinic. */
const people = new Map<string, string>()
const staffOf = (role: string) => people.get(role) ?? ''

beforeAll(async () => {
  desk = await openDesk()
  const { harness, org } = desk
  const actor = actorOf(org)
  for (const role of ['veterinarian', 'assistant', 'receptionist', 'manager', 'owner'] as const) {
    const id = await addStaff(harness.app, actor, {
      name: `${role} one`,
      userId: org.userId(role),
      position: role === 'owner' ? 'owner' : role,
      isBookable: role === 'veterinarian',
      hiredOn: '2020-03-01',
    })
    await addHours(harness.app, actor, id)
    people.set(role, id)
  }
  vacation = await findTimeOffType(harness.app, actor)
}, 60_000)
afterAll(() => desk[Symbol.asyncDispose]())

const actor = () => actorOf(desk.org)
const askFor = (role: DeskRole, input: object, clinic = 0) => desk.ask(ASK, { input: { typeId: vacation, ...input } }, { role, clinic })
const day = (offset = 0) => desk.dateOf(offset)
const whole = (first = 0, last = first) => ({ firstDay: day(first), lastDay: day(last) })
const approve = (id: string, reassignments: object[] = [], role: DeskRole = 'manager') =>
  desk.ask(APPROVE, { input: { id, version: 1, reassignments } }, { role })
const find = async (id: string, caller: object) =>
  (await desk.ask(ALL, {}, caller)).edges.find(({ node }: { node: { id: string } }) => node.id === id)?.node ?? null
const impactOf = (id: string) => desk.ask(IMPACT, { id }, { role: 'manager' })
const blocks = () =>
  desk.withAdmin(async (client) => (await client.query("SELECT count(*)::int AS count FROM resource_block WHERE kind = 'time_off'")).rows[0].count as number)

describe('asking', () => {
  it('is for oneself: days of the clinic, counted as days on which one works', async () => {
    desk.nextWeek()
    const answer = await askFor('veterinarian', { ...whole(0, 6), reason: 'A wedding' })
    expect(answer).toMatchObject({
      __typename: 'TimeOffRequest',
      status: 'REQUESTED',
      // Monday to Saturday.
      amount: '6',
      startsAt: desk.at('00:00'),
      endsAt: desk.at('00:00', 7),
      start: null,
      reason: 'A wedding',
      staff: { id: staffOf('veterinarian') },
      type: { code: 'vacation' },
      decidedAt: null,
    })
  })

  it('may be for a part of one day', async () => {
    const answer = await askFor('assistant', { ...whole(1), start: '13:00', end: '17:00' })
    expect(answer).toMatchObject({ amount: '0.5', start: '13:00', end: '17:00', startsAt: desk.at('13:00', 1), endsAt: desk.at('17:00', 1) })
  })

  it('takes nothing for a day on which the clinic is closed', async () => {
    desk.nextWeek()
    const CLOSE = `mutation Close($input: AddClosureInput!) { addClosure(input: $input) { __typename } }`
    await desk.ask(CLOSE, { input: { startsAt: desk.at('00:00', 1), endsAt: desk.at('00:00', 2), title: 'Inventory' } }, { role: 'manager' })
    expect(await askFor('assistant', whole(0, 2))).toMatchObject({ amount: '2' })
  })

  it.each([
    ['days in the wrong order', { firstDay: '2027-03-02', lastDay: '2027-03-01' }, 'lastDay'],
    ['more than a year', { firstDay: '2027-03-02', lastDay: '2028-03-02' }, 'lastDay'],
    ['a part without an end', { firstDay: '2027-03-02', lastDay: '2027-03-02', start: '09:00' }, 'end'],
    ['a part of several days', { firstDay: '2027-03-02', lastDay: '2027-03-03', start: '09:00', end: '10:00' }, 'lastDay'],
    ['a day before the employment', { firstDay: '2020-02-29', lastDay: '2020-03-02' }, 'firstDay'],
  ])('is refused for %s', async (_case, input, path) => {
    expect(await askFor('veterinarian', input)).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path }] })
  })

  it('for somebody else is for who may do so for all', async () => {
    desk.nextWeek()
    const input = { ...whole(), staffId: staffOf('assistant') }
    expect(await askFor('veterinarian', input)).toMatchObject({ code: 'NOT_PERMITTED' })
    expect(await askFor('manager', input)).toMatchObject({ staff: { id: staffOf('assistant') } })
    expect(await askFor('manager', { ...input, staffId: desk.abroad.staffId })).toMatchObject({ code: 'NOT_FOUND' })
    // Without a staff profile there is nobody to ask for.
    expect(await askFor('groomer', whole())).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('seeing', () => {
  it('is of one’s own, or of all at the clinic, by role', async () => {
    desk.nextWeek()
    const own = await askFor('assistant', { ...whole(), reason: 'A secret' })
    const seen: string[] = []
    for (const role of ROLE_CODES.filter((code) => code !== 'client')) {
      const { edges } = await desk.ask(LIST, {}, { role })
      if (edges.some(({ node }: { node: { id: string } }) => node.id === own.id)) seen.push(role)
      expect([role, (await find(own.id, { role }))?.reason ?? null]).toEqual([role, seen.includes(role) ? 'A secret' : null])
    }
    expect(seen.toSorted()).toEqual(['assistant', 'clinic_admin', 'manager', 'owner', 'super_admin'])
  })

  it('is not of another clinic, nor of another organisation', async () => {
    const own = await askFor('assistant', whole(1))
    expect(await find(own.id, { role: 'manager', clinic: 1 })).toBeNull()
    expect(await find(own.id, { role: 'manager', organisation: desk.foreign })).toBeNull()
    expect(await desk.ask(IMPACT, { id: own.id }, { role: 'manager', clinic: 1 })).toBeNull()
    expect(await desk.ask(APPROVE, { input: { id: own.id, version: 1 } }, { role: 'manager', clinic: 1 })).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('narrows by person, status and days', async () => {
    desk.nextWeek()
    const { id } = await askFor('assistant', whole(2, 4))
    const findBy = async (filter: object) => (await desk.ask(LIST, filter, { role: 'manager' })).edges.map(({ node }: { node: { id: string } }) => node.id)
    expect(await findBy({ staffId: staffOf('assistant'), status: 'REQUESTED', from: day(4), until: day(4) })).toEqual([id])
    for (const filter of [
      { from: day(5), until: day(6) },
      { until: day(1), from: day(1) },
      { staffId: staffOf('owner') },
      { status: 'REFUSED', from: day(4), until: day(4) },
    ])
      expect(await findBy(filter)).toEqual([])
  })

  it('in the calendar is that somebody is off, for everybody, and never why', async () => {
    desk.nextWeek()
    await addTimeOff(desk.harness.app, actor(), { staffId: staffOf('assistant'), ...whole(), reason: 'A secret', isApproved: true })
    const { body } = await desk.call(ABSENCES, { from: day(), until: day(6) }, { role: 'receptionist' })
    expect(body.data?.absences).toEqual([{ staff: { id: staffOf('assistant') }, startsAt: desk.at('00:00'), endsAt: desk.at('00:00', 1) }])
    expect(await desk.ask(ABSENCES, { from: day(1), until: day(6) }, { role: 'receptionist' })).toEqual([])
    expect(await desk.ask(ABSENCES, { from: day(), until: day(6) }, { organisation: desk.foreign })).toEqual([])
  })
})

describe('approving', () => {
  it('over three visits lists them first, moves those that are reassigned, and closes the time', async () => {
    desk.nextWeek()
    const { staffId, otherStaffId } = desk.here
    const visits = [await desk.book('10:00'), await desk.book('12:00'), await desk.book('16:00', { roomId: null })]
    const untouched = await desk.book('10:00', {}, {}).then((answer) => answer.__typename)
    expect(untouched).toBe('SlotTaken')
    const id = await addTimeOff(desk.harness.app, actor(), { staffId, ...whole() })
    const impact = await impactOf(id)
    expect(impact.visits.map(({ appointment }: { appointment: { id: string } }) => appointment.id)).toEqual(visits.map((visit) => visit.id))
    expect(impact.shifts).toEqual([{ startsAt: desk.at('09:00'), endsAt: desk.at('17:00') }])
    expect(impact).toMatchObject({ isBeyondBalance: false, elsewhere: [] })
    for (const { appointment, offers } of impact.visits)
      expect(offers).toEqual([otherStaffId, staffOf('veterinarian')].map((other) => ({ staff: { id: other }, startsAt: appointment.startsAt })))
    const before = await blocks()
    const answer = await approve(id, [
      { appointmentId: visits[0].id, version: 1, staffId: otherStaffId },
      { appointmentId: visits[1].id, version: 1, startsAt: desk.at('09:00', 1) },
    ])
    expect(answer).toMatchObject({ request: { status: 'APPROVED' }, stillAffected: [{ id: visits[2].id, closedBy: ['TIME_OFF'] }], elsewhere: [] })
    expect(await blocks()).toBe(before + 1)
    expect(await desk.ask(CLOSED_BY, { id: visits[0].id })).toEqual({ closedBy: [], startsAt: desk.at('10:00'), staff: { id: otherStaffId } })
    expect(await desk.ask(CLOSED_BY, { id: visits[1].id })).toEqual({ closedBy: [], startsAt: desk.at('09:00', 1), staff: { id: staffId } })
    // Nobody books the person any more, at no clinic.
    expect(await desk.book('14:00')).not.toMatchObject({ __typename: 'Appointment' })
  })

  it('lists the shifts of rosters that the person would leave; drafts for whoever plans them alone', async () => {
    desk.nextWeek()
    const { app } = desk.harness
    const staffId = await addStaff(app, actor(), { name: 'On shifts' })
    const [first, second] = [day(), addDays(day(), 1)]
    const shifts = [
      await addShift(app, actor(), { date: first, staffId, start: '22:00', end: '06:00' }),
      await addShift(app, actor(), { date: addDays(second, 1), staffId }),
    ]
    const id = await addTimeOff(app, actor(), { staffId, firstDay: second, lastDay: addDays(second, 1) })
    const expected = [
      { id: shifts[0], date: first, start: '22:00', end: '06:00' },
      { id: shifts[1], date: addDays(second, 1), start: '09:00', end: '17:00' },
    ]
    expect((await impactOf(id)).rosterShifts).toEqual(expected)
  })

  it('offers the time that a moved visit leaves to nobody who waits for it', async () => {
    desk.nextWeek()
    const { staffId, otherStaffId, typeId, patientId } = desk.here
    // A visit that keeps its room when it moves leaves no slot that could be offered.
    const visit = await desk.book('10:00', { roomId: null })
    await desk.harness.app.asSystem(actor(), 'cli', 'world', (tx) =>
      addToWaitlist(tx, actor(), { patientId, typeId, staffId, earliestOn: day(), latestOn: day() }),
    )
    const id = await addTimeOff(desk.harness.app, actor(), { staffId, ...whole() })
    expect(await approve(id, [{ appointmentId: visit.id, version: 1, staffId: otherStaffId }])).toMatchObject({ request: { status: 'APPROVED' } })
    expect(
      await desk.withAdmin(async (admin) => (await admin.query("SELECT id FROM slot_hold WHERE staff_id = $1 AND purpose = 'waitlist'", [staffId])).rows),
    ).toEqual([])
  })

  it('offers later times of the same person when nobody else is free', async () => {
    desk.nextWeek()
    const { otherStaffId } = desk.here
    const visit = await desk.book('10:00', { staffId: otherStaffId })
    await desk.book('10:00', { roomId: null })
    await addTimeOff(desk.harness.app, actor(), { staffId: staffOf('veterinarian'), ...whole(), isApproved: true })
    const id = await addTimeOff(desk.harness.app, actor(), { staffId: otherStaffId, ...whole() })
    const { visits } = await impactOf(id)
    expect(visits).toMatchObject([
      { appointment: { id: visit.id }, offers: ['09:00', '09:10', '09:20'].map((time) => ({ staff: { id: otherStaffId }, startsAt: desk.at(time, 1) })) },
    ])
  })

  it('is all or nothing: a reassignment that fails leaves the request and every visit as they were', async () => {
    desk.nextWeek()
    const { staffId, otherStaffId } = desk.here
    const [first, second] = [await desk.book('10:00'), await desk.book('12:00')]
    await desk.book('12:10', { staffId: otherStaffId, roomId: null })
    const id = await addTimeOff(desk.harness.app, actor(), { staffId, ...whole() })
    const before = await blocks()
    const answer = await approve(
      id,
      [first, second].map((visit) => ({ appointmentId: visit.id, version: 1, staffId: otherStaffId })),
    )
    expect(answer).toMatchObject({ __typename: 'SlotTaken' })
    expect(await find(id, { role: 'manager' })).toMatchObject({ status: 'REQUESTED', version: 1 })
    expect(await desk.ask(CLOSED_BY, { id: first.id })).toMatchObject({ staff: { id: staffId }, closedBy: [] })
    expect(await blocks()).toBe(before)
  })

  it('refuses reassignments that help nothing, and visits that are not affected', async () => {
    desk.nextWeek()
    const { staffId, otherStaffId } = desk.here
    const visit = await desk.book('10:00')
    const other = await desk.book('12:00', { staffId: otherStaffId })
    const id = await addTimeOff(desk.harness.app, actor(), { staffId, ...whole() })
    const tries: [object, object][] = [
      [{ appointmentId: visit.id, version: 1, startsAt: desk.at('12:00') }, { issues: [{ rule: 'still_affected' }] }],
      [{ appointmentId: other.id, version: 1, startsAt: desk.at('12:00', 1) }, { issues: [{ rule: 'not_affected' }] }],
      [{ appointmentId: visit.id, version: 2, staffId: otherStaffId }, { code: 'STALE_VERSION' }],
      [{ appointmentId: id, version: 1, staffId: otherStaffId }, { code: 'NOT_FOUND' }],
    ]
    for (const [reassignment, refusal] of tries) expect(await approve(id, [reassignment])).toMatchObject(refusal)
    const twice = { appointmentId: visit.id, version: 1, staffId: otherStaffId }
    expect(await approve(id, [twice, twice])).toMatchObject({ issues: [{ rule: 'unique' }] })
  })

  it('names visits at another clinic as times alone', async () => {
    desk.nextWeek()
    const { staffId } = desk.here
    const there = actorOf(desk.org, 1)
    await addHours(desk.harness.app, there, staffId, { weekdays: [7], validFrom: '2020-01-01' })
    const { typeId, patientId } = desk.there
    await addAppointment(desk.harness.app, there, { staffId, typeId, patientId, startsAt: new Date(desk.at('10:00', 6)) })
    const id = await addTimeOff(desk.harness.app, actor(), { staffId, ...whole(5, 6) })
    expect(await impactOf(id)).toMatchObject({ visits: [], elsewhere: [{ startsAt: desk.at('10:00', 6), endsAt: desk.at('10:20', 6) }] })
    expect(await approve(id)).toMatchObject({ stillAffected: [], elsewhere: [{ startsAt: desk.at('10:00', 6) }] })
  })

  it('twice, or over other approved days, is refused', async () => {
    desk.nextWeek()
    const staffId = staffOf('assistant')
    const [first, second] = [
      await addTimeOff(desk.harness.app, actor(), { staffId, ...whole(0, 2) }),
      await addTimeOff(desk.harness.app, actor(), { staffId, ...whole(2, 3) }),
    ]
    expect(await approve(first)).toMatchObject({ request: { status: 'APPROVED', version: 2 } })
    expect(await desk.ask(APPROVE, { input: { id: first, version: 2 } }, { role: 'manager' })).toMatchObject({ code: 'WRONG_STATE' })
    expect(await approve(first)).toMatchObject({ code: 'STALE_VERSION' })
    expect(await approve(second)).toMatchObject({ code: 'TIME_OFF_OVERLAP' })
    expect(await askFor('assistant', whole(1))).toMatchObject({ code: 'TIME_OFF_OVERLAP' })
    // Back to back is no overlap.
    expect(await askFor('assistant', whole(3))).toMatchObject({ __typename: 'TimeOffRequest' })
  })

  it('of one’s own request is for somebody else', async () => {
    desk.nextWeek()
    const own = await askFor('manager', whole())
    expect(await approve(own.id)).toMatchObject({ code: 'OWN_TIME_OFF' })
    expect(await desk.ask(REFUSE, { input: { id: own.id, version: 1, reason: 'No' } }, { role: 'manager' })).toMatchObject({ code: 'OWN_TIME_OFF' })
    expect(await approve(own.id, [], 'owner')).toMatchObject({ request: { status: 'APPROVED' } })
  })

  it('of one’s own request is for oneself when nobody else may', async () => {
    desk.nextWeek()
    const own = await askFor('owner', whole())
    const others = ['super_admin', 'clinic_admin', 'manager'].flatMap((role) => [desk.org.userId(role as DeskRole), desk.org.userId(role as DeskRole, 1)])
    others.push(desk.org.userId('owner', 1))
    const setActive = (isActive: boolean) =>
      desk.withAdmin((client) =>
        client.query(
          `BEGIN; SET LOCAL session_replication_role = replica; UPDATE app_user SET is_active = ${isActive} WHERE id = ANY ('{${others.join()}}'); UPDATE access_version SET version = version + 1; COMMIT`,
        ),
      )
    expect(await approve(own.id, [], 'owner')).toMatchObject({ code: 'OWN_TIME_OFF' })
    await setActive(false)
    try {
      expect(await approve(own.id, [], 'owner')).toMatchObject({ request: { status: 'APPROVED' } })
    } finally {
      await setActive(true)
    }
  })
})

describe('refusing', () => {
  it('changes no visit, closes no time and tells why', async () => {
    desk.nextWeek()
    const { staffId } = desk.here
    const visit = await desk.book('10:00')
    const id = await addTimeOff(desk.harness.app, actor(), { staffId, ...whole() })
    const before = await blocks()
    const answer = await desk.ask(REFUSE, { input: { id, version: 1, reason: 'Too many are off' } }, { role: 'manager' })
    expect(answer).toMatchObject({ status: 'REFUSED', decisionReason: 'Too many are off', decidedAt: expect.any(String) })
    expect(await blocks()).toBe(before)
    expect(await desk.ask(CLOSED_BY, { id: visit.id })).toEqual({ closedBy: [], startsAt: desk.at('10:00'), staff: { id: staffId } })
    expect(await desk.book('11:00')).toMatchObject({ __typename: 'Appointment' })
    expect(await desk.ask(REFUSE, { input: { id, version: 2, reason: 'Again' } }, { role: 'manager' })).toMatchObject({ code: 'WRONG_STATE' })
    expect(await desk.ask(REFUSE, { input: { id, version: 2, reason: ' ' } }, { role: 'manager' })).toMatchObject({ code: 'INVALID_INPUT' })
  })
})

describe('withdrawing', () => {
  it('approved days opens the time and leaves moved visits where they are', async () => {
    desk.nextWeek()
    const { otherStaffId } = desk.here
    const staffId = staffOf('veterinarian')
    const visit = await desk.book('10:00', { staffId })
    const own = await askFor('veterinarian', whole())
    await approve(own.id, [{ appointmentId: visit.id, version: 1, staffId: otherStaffId }])
    expect(await desk.book('11:00', { staffId })).not.toMatchObject({ __typename: 'Appointment' })
    expect(await desk.ask(CANCEL, { input: { id: own.id, version: 2 } }, { role: 'assistant' })).toMatchObject({ code: 'NOT_FOUND' })
    const answer = await desk.ask(CANCEL, { input: { id: own.id, version: 2 } }, { role: 'veterinarian' })
    expect(answer).toMatchObject({ status: 'CANCELLED', cancelledAt: expect.any(String) })
    expect(await desk.ask(CLOSED_BY, { id: visit.id })).toMatchObject({ staff: { id: otherStaffId } })
    expect(await desk.book('11:00', { staffId })).toMatchObject({ __typename: 'Appointment' })
    expect(await desk.ask(CANCEL, { input: { id: own.id, version: 3 } }, { role: 'veterinarian' })).toMatchObject({ code: 'WRONG_STATE' })
  })

  it('is over once approved days have begun', async () => {
    const past = { staffId: staffOf('receptionist'), firstDay: '2021-05-03', lastDay: '2021-05-03' }
    const id = await addTimeOff(desk.harness.app, actor(), { ...past, isApproved: true })
    expect(await desk.ask(CANCEL, { input: { id, version: 2 } })).toMatchObject({ code: 'WRONG_STATE' })
  })
})

describe('balances', () => {
  it('are the law’s allowance, adjustments, what is approved and, apart, what is pending', async () => {
    const staffId = staffOf('receptionist')
    const wish = (firstDay: string, lastDay = firstDay) => ({ staffId, firstDay, lastDay })
    await addTimeOff(desk.harness.app, actor(), { ...wish('2029-05-07', '2029-05-09'), isApproved: true })
    await addTimeOff(desk.harness.app, actor(), wish('2029-05-14'))
    // A request counts in the year in which it begins.
    await addTimeOff(desk.harness.app, actor(), wish('2028-12-29', '2029-01-02'))
    const adjust = (input: object, role: DeskRole = 'manager') =>
      desk.ask(ADJUST, { input: { staffId, typeId: vacation, year: 2029, amount: '-1.5', reason: 'Given in cash', ...input } }, { role })
    expect(await adjust({})).toMatchObject({ amount: '-1.5', year: 2029 })
    expect(await adjust({ amount: '0' })).toMatchObject({ code: 'INVALID_INPUT' })
    expect(await adjust({ staffId: staffOf('manager') })).toMatchObject({ code: 'OWN_TIME_OFF' })
    expect(await adjust({ typeId: desk.here.typeId })).toMatchObject({ code: 'NOT_FOUND' })
    const balances = await desk.ask(BALANCES, { year: 2029 }, { role: 'receptionist' })
    const of = (code: string) => balances.find(({ type }: { type: { code: string } }) => type.code === code)
    // Hired in 2020: nine years completed, 22 days.
    expect(of('vacation')).toEqual({
      type: { code: 'vacation' },
      year: 2029,
      allowance: '22',
      granted: '-1.5',
      approved: '3',
      pending: '1',
      remaining: '17.5',
      grants: [{ amount: '-1.5', reason: 'Given in cash' }],
    })
    expect(of('sick')).toMatchObject({ allowance: null, remaining: null })
    expect(await desk.ask(BALANCES, { staffId, year: 2029 }, { role: 'manager' })).toEqual(balances)
    expect(await desk.ask(BALANCES, { staffId, year: 2029 }, { role: 'assistant' })).toEqual([])
    const late = await addTimeOff(desk.harness.app, actor(), wish('2029-06-04', '2029-06-30'))
    expect(await impactOf(late)).toMatchObject({ isBeyondBalance: true })
  })
})

describe('closing a time while somebody books it', () => {
  const claimsIn = (staffId: string) =>
    desk.withAdmin(
      async (client) =>
        (
          await client.query(
            `SELECT count(*)::int AS count FROM resource_claim c JOIN appointment a ON a.id = c.appointment_id JOIN resource_block b ON b.resource_id = c.resource_id
             AND tstzrange(b.starts_at, b.ends_at) && c.during WHERE c.staff_id = $1 AND c.lane = 0 AND a.overbook_reason IS NULL AND a.starts_at >= $2 AND a.starts_at < $3`,
            [staffId, desk.at('00:00'), desk.at('00:00', 1)],
          )
        ).rows[0].count as number,
    )
  const approveSlowly = (id: string, pauseMs: number, onClosed = () => {}) =>
    desk.harness.app.asSystem(actor(), 'cli', 'race', async (tx) => {
      await approveTimeOff(tx, actor(), { id, version: 1 })
      onClosed()
      await sleep(pauseMs)
      return null
    })

  it('refuses the booking when the approval commits first', async () => {
    desk.nextWeek()
    const { staffId } = desk.here
    const id = await addTimeOff(desk.harness.app, actor(), { staffId, ...whole() })
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    const approved = approveSlowly(id, 300, resolve)
    await closed
    const answer = await desk.book('10:00')
    await approved
    expect(answer).not.toMatchObject({ __typename: 'Appointment' })
    expect(answer.code).toEqual(expect.any(String))
    expect(await claimsIn(staffId)).toBe(0)
  })

  it('refuses the booking when it began first and commits later', async () => {
    desk.nextWeek()
    const { staffId, typeId, patientId } = desk.here
    const id = await addTimeOff(desk.harness.app, actor(), { staffId, ...whole() })
    const { promise: claimed, resolve } = Promise.withResolvers<void>()
    const { promise: approved, resolve: goOn } = Promise.withResolvers<void>()
    const booked = desk.harness.app.asSystem(actor(), 'cli', 'race', async (tx) => {
      const made = await bookAppointment(tx, actor(), { staffId, typeId, patientId, startsAt: new Date(desk.at('10:00')) })
      resolve()
      await approved
      return made
    })
    await claimed
    expect(await approve(id)).toMatchObject({ request: { status: 'APPROVED' }, stillAffected: [] })
    goOn()
    await expect(booked).rejects.toThrow()
    expect(await claimsIn(staffId)).toBe(0)
  })

  it('of many at once leaves in the closed time what was booked before it alone', async () => {
    desk.nextWeek()
    const { staffId } = desk.here
    const id = await addTimeOff(desk.harness.app, actor(), { staffId, ...whole() })
    const times = Array.from({ length: 18 }, (_, index) => `${String(9 + Math.floor(index / 3)).padStart(2, '0')}:${['00', '20', '40'][index % 3]}`)
    const [approved, ...answers] = await Promise.all([approve(id), ...times.map((time) => desk.book(time, { roomId: null }))])
    const booked = answers.filter(({ __typename }) => __typename === 'Appointment')
    expect(await claimsIn(staffId)).toBe(booked.length)
    expect(approved.stillAffected.map((visit: { id: string }) => visit.id).toSorted()).toEqual(booked.map((visit) => visit.id).toSorted())
  })

  it('is repeated when two approvals pass visits to each other', async () => {
    desk.nextWeek()
    const { staffId, otherStaffId } = desk.here
    const [one, two] = [await desk.book('10:00'), await desk.book('14:00', { staffId: otherStaffId })]
    const part = (start: string, end: string) => ({ firstDay: day(), lastDay: day(), start, end })
    const [morning, afternoon] = [
      await addTimeOff(desk.harness.app, actor(), { staffId, ...part('09:00', '12:00') }),
      await addTimeOff(desk.harness.app, actor(), { staffId: otherStaffId, ...part('13:00', '16:00') }),
    ]
    const answers = await Promise.all([
      approve(morning, [{ appointmentId: one.id, version: 1, staffId: otherStaffId }]),
      approve(afternoon, [{ appointmentId: two.id, version: 1, staffId }], 'owner'),
    ])
    expect(answers).toMatchObject([
      { request: { status: 'APPROVED' }, stillAffected: [] },
      { request: { status: 'APPROVED' }, stillAffected: [] },
    ])
    expect(await claimsIn(staffId)).toBe(0)
  })
})
