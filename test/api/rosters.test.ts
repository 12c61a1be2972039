import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addDays } from '../../modules/kernel/time.ts'
import { lastEntry } from '../operations.ts'
import { CHANGE, CLAIM, COPY, FILL, MY_SHIFTS, mutation, OPEN_SHIFTS, openRosterDesk, PLAN, RELEASE, REMOVE, ROSTER_WEEK } from '../roster-desk.ts'
import { actorOf, BOOK, countStatements, DAY, MOVE, paramsOf } from '../scheduling-desk.ts'
import { buildOrganisation } from '../world.ts'
import { addShift, publishWeek } from '../world-rosters.ts'
import { addPractice } from '../world-scheduling.ts'
import { addHours, addStaff } from '../world-staff.ts'
import { addClosedTimes, addTimeOff } from '../world-time-off.ts'

const VETS = ['veterinarian', 'owner', 'super_admin', 'clinic_admin', 'assistant', 'receptionist', 'groomer', 'compliance_officer'] as const
const TEMPLATE = 'id code name start end endsNextDay breakStart breakEnd position capacity colour isArchived version'
const CREATE_TEMPLATE = mutation('createShiftTemplate', 'ShiftTemplate', TEMPLATE)
const UPDATE_TEMPLATE = mutation('updateShiftTemplate', 'ShiftTemplate', TEMPLATE)
const CREATE_NEED = mutation('createCoverageNeed', 'CoverageNeed', 'id position weekday start end minCount validFrom validUntil version')
const END_NEED = mutation('endCoverageNeed', 'CoveragePlan', 'needs { id validUntil }')
const SET_RULE = mutation(
  'setWorkRule',
  'WorkRule',
  'maxWeekMinutes maxDayMinutes maxMixedMinutes maxNightMinutes minRestMinutes maxConsecutiveDays isPreset version',
)
const RULE = 'query Rule($date: LocalDate) { workRule(date: $date) { maxWeekMinutes maxDayMinutes maxNightMinutes isPreset version } }'
const TEMPLATES = 'query Templates($all: Boolean!) { shiftTemplates(includeArchived: $all) { code } }'
const HOURS = mutation('setWeeklySchedule', 'StaffProfile', 'schedules(includePast: true) { weekday start end validUntil breaks { start end } }')
const BOOKABLE = 'query Bookable($date: LocalDate) { bookableStaff(date: $date) { id } }'

type Desk = Awaited<ReturnType<typeof openRosterDesk>>
type Shift = { id: string; version: number; staff: { id: string } | null }
let desk: Desk
beforeAll(async () => {
  desk = await openRosterDesk(VETS)
}, 120_000)
beforeEach(() => {
  desk.nextMonday()
})
afterAll(() => desk[Symbol.asyncDispose]())

/** Mexico City is six hours behind UTC all year. */
const at = (time: string, day = 0) => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return new Date(Date.parse(`${addDays(desk.monday(), day)}T00:00:00Z`) + ((hours + 6) * 60 + minutes) * 60_000).toISOString()
}
const book = (staffId: string, startsAt: string, input: object = {}) =>
  desk.ask(BOOK, { input: { patientId: desk.here.patientId, typeId: desk.here.typeId, staffId, startsAt, ...input } })
const bookable = async (date: string) => ((await desk.ask(BOOKABLE, { date })) as { id: string }[]).map(({ id }) => id)
const shiftsOn = async (date: string, staffId: string, caller = {}) => {
  const day = await desk.ask(DAY, { date }, caller)
  const found = day.staff.find((one: { staff: { id: string } }) => one.staff.id === staffId)
  return found?.shifts.map((shift: { startsAt: string; endsAt: string }) => [shift.startsAt, shift.endsAt]) ?? null
}

describe('templates', () => {
  it('are created, changed, archived, and known by their code', async () => {
    const times = { start: '22:00', end: '06:00', breakStart: '01:00', breakEnd: '01:30' }
    const made = await desk.ask(CREATE_TEMPLATE, { input: { code: 'N1', name: 'Noche', position: 'veterinarian', times, capacity: 2 } }, desk.manager)
    expect(made).toMatchObject({ __typename: 'ShiftTemplate', ...times, endsNextDay: true, capacity: 2, colour: '#228be6', version: 1 })
    expect(await desk.ask(CREATE_TEMPLATE, { input: { code: 'N1', name: 'Otra', position: 'assistant', times } }, desk.manager)).toMatchObject({
      __typename: 'AlreadyExists',
    })
    const change = { id: made.id, version: 1, name: 'Noche larga', times: { start: '20:00', end: '24:00' }, isArchived: true }
    expect(await desk.ask(UPDATE_TEMPLATE, { input: change }, desk.manager)).toMatchObject({
      name: 'Noche larga',
      start: '20:00',
      end: '24:00',
      endsNextDay: false,
      breakStart: null,
      isArchived: true,
      version: 2,
    })
    expect(await desk.ask(UPDATE_TEMPLATE, { input: change }, desk.manager)).toMatchObject({ __typename: 'StaleVersion' })
    const codes = async (all: boolean) => (await desk.ask(TEMPLATES, { all })).map(({ code }: { code: string }) => code)
    expect(await codes(false)).not.toContain('N1')
    expect(await codes(true)).toContain('N1')
    expect(await desk.ask(PLAN, { input: { date: desk.monday(), templateId: made.id } }, desk.manager)).toMatchObject({ __typename: 'NotFound' })
  })

  it.each([
    [{ start: '09:00', end: '17:00', breakStart: '08:00', breakEnd: '08:30' }, 'breakStart'],
    [{ start: '09:00', end: '17:00', breakStart: '12:00' }, 'breakEnd'],
    [{ start: '24:00', end: '06:00' }, 'start'],
    [{ start: '25:00', end: '06:00' }, null],
  ])('refuse the times %o', async (times, path) => {
    const { body } = await desk.call(CREATE_TEMPLATE, { input: { code: 'X', name: 'X', position: 'veterinarian', times } }, desk.manager)
    if (path === null) expect(body.errors?.length).toBe(1)
    else expect(body.data.createShiftTemplate).toMatchObject({ __typename: 'InvalidInput', issues: [{ path }] })
  })

  it('fill days up to their capacity, and no further', async () => {
    const times = { start: '08:00', end: '14:00' }
    const { id: templateId } = await desk.ask(
      CREATE_TEMPLATE,
      { input: { code: 'F', name: 'Fill', position: 'veterinarian', times, capacity: 2 } },
      desk.manager,
    )
    await desk.ask(PLAN, { input: { date: desk.monday(), templateId, staffId: desk.staffOf('veterinarian') } }, desk.manager)
    const dates = [desk.monday(), addDays(desk.monday(), 1)]
    const filled = await desk.ask(FILL, { input: { templateId, dates } }, desk.manager)
    expect(filled).toMatchObject({ __typename: 'RosterWeek', roster: { status: 'DRAFT' } })
    expect([filled.shifts.length, filled.openShifts.length]).toEqual([4, 3])
    expect((await desk.ask(FILL, { input: { templateId, dates } }, desk.manager)).shifts).toHaveLength(4)
    expect(await desk.ask(FILL, { input: { templateId, dates: [desk.monday(), addDays(desk.monday(), 7)] } }, desk.manager)).toMatchObject({
      __typename: 'InvalidInput',
    })
  })
})

describe('a draft', () => {
  it('is seen by whoever manages schedules alone, and changes nothing', async () => {
    const staffId = desk.staffOf('veterinarian')
    const shift = await desk.plan({ staffId, breakStart: '13:00', breakEnd: '14:00', note: 'ultrasound' })
    expect(shift).toMatchObject({
      __typename: 'RosterShift',
      date: desk.monday(),
      startsAt: at('09:00'),
      endsAt: at('17:00'),
      breakStart: '13:00',
      note: 'ultrasound',
      isOpen: false,
      status: 'PLANNED',
      staff: { id: staffId },
      version: 1,
    })
    expect(await desk.show()).toMatchObject({ roster: { status: 'DRAFT', publishedAt: null }, shifts: [{ id: shift.id }] })
    expect(await desk.show({ role: 'veterinarian' })).toMatchObject({ roster: null, shifts: [], warnings: [] })
    expect(await desk.ask(MY_SHIFTS, { from: desk.monday() }, { role: 'veterinarian' })).toEqual([])
    expect(await bookable(desk.monday())).not.toContain(staffId)
    expect(await book(staffId, at('10:00'))).toMatchObject({ __typename: 'OutsideShift' })
  })

  it('loses a shift that is taken out, and keeps what one changes', async () => {
    const one: Shift = await desk.plan({})
    const other: Shift = await desk.plan({ start: '10:00' })
    const staffId = desk.staffOf('owner')
    const changed = await desk.ask(
      CHANGE,
      { input: { id: one.id, version: 1, staffId, date: addDays(desk.monday(), 6), end: '02:00', note: 'late' } },
      desk.manager,
    )
    expect(changed).toMatchObject({ staff: { id: staffId }, start: '09:00', end: '02:00', endsNextDay: true, note: 'late', version: 2, endsAt: at('02:00', 7) })
    expect(await desk.ask(CHANGE, { input: { id: one.id, version: 2, date: addDays(desk.monday(), 7) } }, desk.manager)).toMatchObject({
      issues: [{ path: 'date' }],
    })
    expect(await desk.ask(CHANGE, { input: { id: one.id, version: 1, staffId: null } }, desk.manager)).toMatchObject({ __typename: 'StaleVersion' })
    const left = await desk.ask(REMOVE, { input: { id: other.id, version: 1 } }, desk.manager)
    expect(left.shifts.map(({ id }: Shift) => id)).toEqual([one.id])
    expect((await lastEntry(desk.harness, 'M_removeShift/removeShift'))?.body.changes).toEqual([{ type: 'RosterShift', ids: [other.id], fields: ['deleted'] }])
  })
})

describe('a published roster', () => {
  it('makes people bookable by their shifts, breaks left out', async () => {
    const staffId = desk.staffOf('veterinarian')
    await desk.plan({ staffId, breakStart: '13:00', breakEnd: '14:00' })
    expect(await desk.publish()).toMatchObject({ __typename: 'RosterWeek', roster: { status: 'PUBLISHED', version: 2 } })
    expect(await bookable(desk.monday())).toContain(staffId)
    expect(await bookable(addDays(desk.monday(), 1))).not.toContain(staffId)
    expect(await shiftsOn(desk.monday(), staffId)).toEqual([
      [at('09:00'), at('13:00')],
      [at('14:00'), at('17:00')],
    ])
    const visit = await book(staffId, at('12:40'))
    expect(visit.__typename).toBe('Appointment')
    expect(await book(staffId, at('12:50'))).toMatchObject({ __typename: 'SlotTaken', nextSlots: [at('14:00'), at('14:10'), at('14:20')] })
    expect(await book(staffId, at('13:00'))).toMatchObject({ __typename: 'OutsideShift' })
    expect(await desk.ask(MOVE, { input: { id: visit.id, version: 1, startsAt: at('13:50') } })).toMatchObject({ __typename: 'OutsideShift' })
    expect(await desk.ask(MOVE, { input: { id: visit.id, version: 1, startsAt: at('16:40') } })).toMatchObject({ __typename: 'Appointment' })
    expect(await desk.show({ role: 'veterinarian' })).toMatchObject({ roster: { status: 'PUBLISHED' }, shifts: [{ staff: { id: staffId } }] })
  })

  it('takes the place of weekly hours on the days of its shifts, at its clinic, and on no other', async () => {
    const staffId = await addStaff(desk.harness.app, actorOf(desk.org))
    await addHours(desk.harness.app, actorOf(desk.org), staffId, { weekdays: [1, 2] })
    await addHours(desk.harness.app, actorOf(desk.org, 1), staffId, { weekdays: [1], start: '18:00', end: '20:00' })
    await desk.plan({ staffId, start: '12:00', end: '15:00' })
    expect(await shiftsOn(desk.monday(), staffId)).toEqual([[at('09:00'), at('17:00')]])
    await desk.publish()
    expect(await shiftsOn(desk.monday(), staffId)).toEqual([[at('12:00'), at('15:00')]])
    expect(await shiftsOn(addDays(desk.monday(), 1), staffId)).toEqual([[at('09:00', 1), at('17:00', 1)]])
    expect(await shiftsOn(desk.monday(), staffId, { clinic: 1 })).toEqual([[at('18:00'), at('20:00')]])
    expect(await book(staffId, at('10:00'))).toMatchObject({ __typename: 'OutsideShift' })
    expect(await book(staffId, at('14:40'))).toMatchObject({ __typename: 'Appointment' })
  })

  it('lets a night go on over midnight, and be booked across it', async () => {
    const staffId = desk.staffOf('owner')
    await desk.plan({ staffId, start: '22:00', end: '06:00' })
    await desk.publish()
    const tuesday = addDays(desk.monday(), 1)
    expect(await shiftsOn(desk.monday(), staffId)).toEqual([[at('22:00'), at('00:00', 1)]])
    expect(await shiftsOn(tuesday, staffId)).toEqual([[at('00:00', 1), at('06:00', 1)]])
    expect(await bookable(tuesday)).toContain(staffId)
    expect(await book(staffId, at('23:50'))).toMatchObject({ __typename: 'Appointment' })
    expect(await book(staffId, at('05:40', 1))).toMatchObject({ __typename: 'Appointment' })
    expect(await book(staffId, at('05:50', 1))).toMatchObject({ __typename: 'SlotTaken' })
    expect(await book(staffId, at('06:00', 1))).toMatchObject({ __typename: 'OutsideShift' })
  })

  it('is published once, and by whoever has seen its last state', async () => {
    await desk.plan({})
    const { roster } = await desk.show()
    await desk.publish()
    const again = mutation('publishRoster', 'RosterWeek', 'weekStart')
    expect(await desk.ask(again, { input: { id: roster.id, version: 2 } }, desk.manager)).toMatchObject({ __typename: 'WrongState' })
    expect(await desk.ask(again, { input: { id: roster.id, version: 1 } }, desk.manager)).toMatchObject({ __typename: 'StaleVersion' })
  })

  it('cancels a shift instead of losing it, and weekly hours count again', async () => {
    const staffId = await addStaff(desk.harness.app, actorOf(desk.org))
    await addHours(desk.harness.app, actorOf(desk.org), staffId)
    const shift: Shift = await desk.plan({ staffId, start: '20:00', end: '22:00' })
    await desk.publish()
    const week = await desk.ask(REMOVE, { input: { id: shift.id, version: 1 } }, desk.manager)
    expect(week.shifts).toMatchObject([{ id: shift.id, status: 'CANCELLED', isOpen: false }])
    expect(await shiftsOn(desk.monday(), staffId)).toEqual([[at('09:00'), at('17:00')]])
    expect(await desk.ask(REMOVE, { input: { id: shift.id, version: 2 } }, desk.manager)).toMatchObject({ __typename: 'WrongState' })
    expect(await desk.plan({ staffId, start: '20:00', end: '22:00' })).toMatchObject({ __typename: 'RosterShift' })
  })

  it('costs a day one statement, and bookings and moves as many as weekly hours do', async () => {
    const rostered = desk.staffOf('veterinarian')
    await desk.plan({ staffId: rostered })
    await desk.publish()
    const shifts = 'query Shifts($date: LocalDate!) { daySchedule(date: $date) { staff { shifts { startsAt } } } }'
    expect((await countStatements(desk.harness, () => desk.ask(shifts, { date: desk.monday() }))).count).toBe(1)
    const counts = async (staffId: string) => {
      const booked = await countStatements(desk.harness, () => book(staffId, at('10:00')))
      const moved = await countStatements(desk.harness, () => desk.ask(MOVE, { input: { id: booked.result.id, version: 1, startsAt: at('11:00') } }))
      expect(moved.result.__typename).toBe('Appointment')
      return [booked.count, moved.count]
    }
    // The first of them prepares what the others find.
    await book(desk.here.staffId, at('09:00'))
    expect(await counts(rostered)).toEqual(await counts(desk.here.staffId))
  })
})

describe('a person', () => {
  it('is on one shift at a time, over all clinics, drafts included', async () => {
    const staffId = desk.staffOf('veterinarian')
    await desk.plan({ staffId })
    expect(await desk.plan({ staffId, start: '16:59', end: '20:00' })).toMatchObject({ __typename: 'ShiftOverlap', code: 'SHIFT_OVERLAP' })
    const there = { role: 'manager', clinic: 1 } as const
    expect(await desk.plan({ staffId, start: '08:00', end: '09:01' }, there)).toMatchObject({ __typename: 'ShiftOverlap' })
    expect(await desk.plan({ staffId, start: '17:00', end: '20:00' }, there)).toMatchObject({
      __typename: 'RosterShift',
      clinic: { id: desk.org.clinics[1]?.id },
    })
    const open: Shift = await desk.plan({})
    expect(await desk.ask(CHANGE, { input: { id: open.id, version: 1, staffId } }, desk.manager)).toMatchObject({ __typename: 'ShiftOverlap' })
  })

  it('is employed on the day', async () => {
    const gone = await addStaff(desk.harness.app, actorOf(desk.org), { terminatedOn: '2026-12-31' })
    const refused = await desk.plan({ staffId: gone })
    expect(refused).toMatchObject({ __typename: 'NotQualified', code: 'NOT_QUALIFIED' })
    expect(paramsOf(refused)).toEqual({ staffId: gone, rule: 'employment' })
    expect(await desk.plan({ staffId: desk.abroad.staffId })).toMatchObject({ __typename: 'NotFound' })
  })

  it('sees the own shifts of every clinic', async () => {
    const staffId = desk.staffOf('veterinarian')
    const here: Shift = await desk.plan({ staffId, start: '09:00', end: '12:00' })
    const there: Shift = await desk.plan({ staffId, start: '14:00', end: '18:00' }, { role: 'manager', clinic: 1 })
    await desk.publish()
    await desk.publish(desk.monday(), { role: 'manager', clinic: 1 })
    const mine = await desk.ask(MY_SHIFTS, { from: desk.monday(), until: addDays(desk.monday(), 1) }, { role: 'veterinarian' })
    expect(mine.map(({ id }: Shift) => id)).toEqual([here.id, there.id])
    expect(await desk.ask(MY_SHIFTS, { from: desk.monday() }, { role: 'manager' })).toEqual([])
  })
})

describe('an open shift', () => {
  it('is had by exactly one of many who claim it at once', async () => {
    // Signed in before, or they would come one after the other.
    for (const role of VETS) await desk.ask(OPEN_SHIFTS, {}, { role })
    const shifts: Shift[] = []
    for (let day = 0; day < 7; day += 1) shifts.push(await desk.plan({ date: addDays(desk.monday(), day), start: '18:00', end: '20:00' }))
    await desk.publish()
    for (const [day, shift] of shifts.entries()) {
      const answers = await Promise.all(VETS.map((role) => desk.ask(CLAIM, { input: { shiftId: shift.id } }, { role })))
      expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['RosterShift', ...VETS.slice(1).map(() => 'ShiftNotOpen')])
      const winner = VETS[answers.findIndex(({ __typename }) => __typename === 'RosterShift')] ?? 'veterinarian'
      expect((await desk.show()).shifts[day]).toMatchObject({ id: shift.id, staff: { id: desk.staffOf(winner) }, version: 2 })
    }
  })

  it('wants the position, and nobody who is on another shift', async () => {
    const grooming: Shift = await desk.plan({ position: 'groomer' })
    const shift: Shift = await desk.plan({ start: '12:00', end: '20:00' })
    await desk.plan({ staffId: desk.staffOf('veterinarian'), start: '08:00', end: '12:01' }, { role: 'manager', clinic: 1 })
    expect(await desk.ask(CLAIM, { input: { shiftId: shift.id } }, { role: 'owner' })).toMatchObject({ __typename: 'NotFound' })
    await desk.publish()
    expect(paramsOf(await desk.ask(CLAIM, { input: { shiftId: grooming.id } }, { role: 'veterinarian' }))).toMatchObject({ rule: 'position' })
    expect(await desk.ask(CLAIM, { input: { shiftId: shift.id } }, { role: 'veterinarian' })).toMatchObject({ __typename: 'ShiftOverlap' })
    expect(await desk.ask(CLAIM, { input: { shiftId: shift.id } }, { role: 'manager' })).toMatchObject({ __typename: 'NotPermitted' })
    const open = await desk.ask(OPEN_SHIFTS, {}, { role: 'veterinarian' })
    expect(open.edges.map(({ node }: { node: Shift }) => node.id)).toEqual(expect.arrayContaining([grooming.id, shift.id]))
    expect(await desk.ask(CLAIM, { input: { shiftId: shift.id } }, { role: 'owner' })).toMatchObject({ isOpen: false, staff: { id: desk.staffOf('owner') } })
  })

  it('comes back when its person releases it, who alone may', async () => {
    const shift: Shift = await desk.plan({ staffId: desk.staffOf('veterinarian') })
    expect(await desk.ask(RELEASE, { input: { shiftId: shift.id } }, { role: 'veterinarian' })).toMatchObject({ __typename: 'WrongState' })
    await desk.publish()
    expect(await desk.ask(RELEASE, { input: { shiftId: shift.id } }, { role: 'groomer' })).toMatchObject({ __typename: 'NotPermitted' })
    expect(await desk.ask(RELEASE, { input: { shiftId: shift.id, reason: 'exam' } }, { role: 'veterinarian' })).toMatchObject({ isOpen: true, staff: null })
    expect((await lastEntry(desk.harness, 'M_releaseShift/releaseShift'))?.reason).toBe('exam')
    expect(await bookable(desk.monday())).not.toContain(desk.staffOf('veterinarian'))
  })
})

describe('copying a week', () => {
  it('keeps the wall clock, and opens shifts of those who cannot work then', async () => {
    const [free, busy] = [desk.staffOf('veterinarian'), desk.staffOf('owner')]
    const leaves = await addStaff(desk.harness.app, actorOf(desk.org), { terminatedOn: addDays(desk.monday(), 3) })
    await desk.plan({ staffId: free, start: '22:00', end: '06:00', breakStart: '01:00', breakEnd: '01:30' })
    await desk.plan({ staffId: busy })
    await desk.plan({ staffId: leaves })
    const input = { fromWeek: desk.monday(), toWeek: desk.nextMonday() }
    await desk.plan({ staffId: busy, start: '16:00', end: '20:00' }, { role: 'manager', clinic: 1 })
    const copy = await desk.ask(COPY, { input }, desk.manager)
    expect(copy).toMatchObject({ __typename: 'RosterWeek', weekStart: input.toWeek, roster: { status: 'DRAFT' } })
    expect(copy.shifts.map((shift: Shift & { start: string; breakStart: string | null }) => [shift.start, shift.breakStart, shift.staff?.id ?? null])).toEqual([
      ['09:00', null, null],
      ['09:00', null, null],
      ['22:00', '01:00', free],
    ])
    expect(await desk.ask(COPY, { input }, desk.manager)).toMatchObject({ __typename: 'AlreadyExists' })
    expect(await desk.ask(COPY, { input: { fromWeek: addDays(input.toWeek, 70), toWeek: addDays(input.toWeek, 77) } }, desk.manager)).toMatchObject({
      __typename: 'NotFound',
    })
    expect(await desk.ask(COPY, { input: { ...input, toWeek: addDays(input.toWeek, 1) } }, desk.manager)).toMatchObject({ issues: [{ path: 'toWeek' }] })
  })
})

describe('the week', () => {
  it('counts nobody who is off, and needs nobody while the clinic is closed', async () => {
    const AWAY = 'query Away($date: LocalDate) { rosterWeek(date: $date) { shifts { id isAway isClosed timeOff { status } } coverage { date planned isMet } } }'
    const { app } = desk.harness
    const actor = actorOf(desk.org)
    const monday = desk.nextMonday()
    const need = { position: 'groomer', weekday: 1, start: '10:00', end: '12:00', minCount: 1, validFrom: monday, validUntil: addDays(monday, 7) }
    const made = await desk.ask(CREATE_NEED, { input: need }, desk.manager)
    const [off, there] = [
      await addStaff(app, actor, { name: 'Off', position: 'groomer', isBookable: false }),
      await addStaff(app, actor, { name: 'There', position: 'groomer', isBookable: false }),
    ]
    const shift = (staffId: string) => addShift(app, actor, { date: monday, staffId, position: 'groomer' })
    const hers = await shift(off)
    await publishWeek(app, actor, monday)
    const show = async (caller: object = desk.manager) => {
      const { shifts, coverage } = await desk.ask(AWAY, { date: monday }, caller)
      return { shift: shifts.find(({ id }: { id: string }) => id === hers), coverage }
    }
    expect(await show()).toEqual({ shift: { id: hers, isAway: false, isClosed: false, timeOff: null }, coverage: [{ date: monday, planned: 1, isMet: true }] })
    // A part of the shift and of the need is enough; what was merely asked for is not.
    const timeOff = { staffId: off, firstDay: monday, lastDay: monday, start: '11:00', end: '14:00' }
    await addTimeOff(app, actor, timeOff)
    expect(await show()).toMatchObject({ shift: { isAway: false }, coverage: [{ planned: 1 }] })
    await addTimeOff(app, actor, { ...timeOff, isApproved: true })
    expect(await show()).toEqual({
      shift: { id: hers, isAway: true, isClosed: false, timeOff: { status: 'APPROVED' } },
      coverage: [{ date: monday, planned: 0, isMet: false }],
    })
    // Others see that she is away, and nothing of why.
    expect((await show({ role: 'assistant' })).shift).toEqual({ id: hers, isAway: true, isClosed: false, timeOff: null })
    await shift(there)
    expect((await show()).coverage).toEqual([{ date: monday, planned: 1, isMet: true }])
    await addClosedTimes(app, actor, { date: monday, title: 'Holiday', roomId: desk.here.roomId })
    expect(await show()).toMatchObject({ shift: { isAway: true, isClosed: true }, coverage: [] })
    await desk.ask(END_NEED, { input: { id: made.id, version: 1, validUntil: monday } }, desk.manager)
  })

  it('tells how needs are met, by shifts and by weekly hours', async () => {
    const place = { role: 'manager', clinic: 1 } as const
    const need = {
      position: 'veterinarian',
      weekday: 1,
      start: '10:00',
      end: '12:00',
      minCount: 3,
      validFrom: desk.monday(),
      validUntil: addDays(desk.monday(), 7),
    }
    const made = await desk.ask(CREATE_NEED, { input: need }, place)
    expect(made).toMatchObject({ __typename: 'CoverageNeed', minCount: 3 })
    expect(await desk.ask(CREATE_NEED, { input: { ...need, start: '11:00' } }, place)).toMatchObject({ __typename: 'AlreadyExists' })
    // The practice of the second clinic has two people with weekly hours.
    expect((await desk.show(place)).coverage).toMatchObject([{ date: desk.monday(), needed: 3, planned: 2, isMet: false }])
    await desk.plan({ staffId: desk.staffOf('owner') }, place)
    expect((await desk.show(place)).coverage).toMatchObject([{ planned: 3, isMet: true }])
    expect((await desk.show({ role: 'veterinarian', clinic: 1 })).coverage).toMatchObject([{ planned: 2, isMet: false }])
    expect((await desk.show(place, addDays(desk.monday(), 7))).coverage).toEqual([])
    expect(await desk.ask(END_NEED, { input: { id: made.id, version: 1, validUntil: desk.monday() } }, place)).toEqual({
      __typename: 'CoveragePlan',
      needs: [],
    })
  })

  it('warns of long days, weeks and rows of days, and of short rest, with the work of other clinics in it', async () => {
    const staffId = desk.staffOf('assistant')
    const there = { role: 'manager', clinic: 1 } as const
    for (let day = 0; day < 6; day += 1) await desk.plan({ staffId, date: addDays(desk.monday(), day), start: '08:00', end: '16:00' })
    await desk.plan({ staffId, start: '17:00', end: '21:00' }, there)
    await desk.plan({ staffId, date: addDays(desk.monday(), 6), start: '08:00', end: '12:00' }, there)
    const warnings = async (caller = {}) =>
      ((await desk.show({ role: 'manager', ...caller })).warnings as { code: string; date: string; actual: number; limit: number; staff: { id: string } }[])
        .filter(({ staff }) => staff.id === staffId)
        .map(({ code, date, actual, limit }) => [code, date, actual, limit])
    // Six days of eight hours are more than the 46 of 2027 without the other clinic, whose draft does not count.
    expect(await warnings()).toEqual([['OVERTIME_WEEK', desk.monday(), 48 * 60, 46 * 60]])
    await desk.publish(desk.monday(), there)
    const tuesday = addDays(desk.monday(), 1)
    const expected = [
      ['OVERTIME_WEEK', desk.monday(), 56 * 60, 46 * 60],
      ['OVERTIME_DAY', desk.monday(), 12 * 60, 450],
      ['SHORT_REST', tuesday, 11 * 60, 12 * 60],
      ['TOO_MANY_DAYS', addDays(desk.monday(), 6), 7, 6],
    ]
    expect(await warnings()).toEqual(expected)
    await desk.publish()
    expect(await warnings({ role: 'assistant' })).toEqual(expected)
    expect(await warnings({ role: 'veterinarian' })).toEqual([])
    expect(await desk.plan({ staffId, start: '21:00', end: '23:00' })).toMatchObject({ __typename: 'RosterShift' })
  })

  it('counts weekly hours of other clinics in warnings', async () => {
    const staffId = await addStaff(desk.harness.app, actorOf(desk.org), { hiredOn: desk.monday() })
    const [here, there] = [actorOf(desk.org), actorOf(desk.org, 1)]
    await addHours(desk.harness.app, here, staffId, { validFrom: desk.monday(), weekdays: [1], start: '08:00', end: '13:00' })
    await addHours(desk.harness.app, there, staffId, { validFrom: desk.monday(), weekdays: [1], start: '14:00', end: '19:00' })
    const { warnings } = await desk.show()
    expect(warnings.filter(({ staff }: Shift & { staff: { id: string } }) => staff.id === staffId)).toMatchObject([
      { code: 'OVERTIME_DAY', actual: 600, limit: 480 },
    ])
  })

  it('takes limits of the clinic instead of those of its country', async () => {
    const place = { role: 'owner', clinicId: desk.org.clinics[1]?.id ?? '' } as const
    expect(await desk.ask(RULE, { date: '2026-06-01' }, place)).toEqual({
      maxWeekMinutes: 2880,
      maxDayMinutes: 480,
      maxNightMinutes: 420,
      isPreset: true,
      version: null,
    })
    expect(await desk.ask(RULE, { date: '2030-06-01' }, place)).toMatchObject({ maxWeekMinutes: 2400 })
    const rule = { maxWeekMinutes: 2400, maxDayMinutes: 600, minRestMinutes: 600, maxConsecutiveDays: 5 }
    expect(await desk.ask(SET_RULE, { input: { ...rule, version: 1 } }, place)).toMatchObject({ __typename: 'WrongState' })
    expect(await desk.ask(SET_RULE, { input: rule }, place)).toMatchObject({ ...rule, maxNightMinutes: 600, isPreset: false, version: 1 })
    expect(await desk.ask(SET_RULE, { input: rule }, place)).toMatchObject({ __typename: 'StaleVersion' })
    expect(await desk.ask(SET_RULE, { input: { ...rule, version: 1, maxNightMinutes: 420 } }, place)).toMatchObject({ maxNightMinutes: 420, version: 2 })
    expect((await desk.show({ role: 'manager', clinic: 1 })).rule).toEqual({ maxWeekMinutes: 2400, isPreset: false, version: 2 })
    expect((await desk.show()).rule).toMatchObject({ isPreset: true })
  })

  it('is one statement, whatever the number of shifts', async () => {
    const count = async () => (await countStatements(desk.harness, () => desk.show())).count
    await desk.plan({ staffId: desk.staffOf('veterinarian') })
    const few = await count()
    for (let hour = 0; hour < 12; hour += 1)
      await desk.plan({ staffId: desk.staffOf('owner'), start: `${String(hour).padStart(2, '0')}:00`, end: `${String(hour).padStart(2, '0')}:30` })
    expect(await count()).toBe(few)
  })
})

describe('where the clock changes', () => {
  it('moves what falls into the gap, keeps instants apart, and lets a zone without changes alone', async () => {
    const org = await buildOrganisation(desk.harness.app, 'norte', [{ timeZone: 'America/Tijuana' }, { timeZone: 'America/Cancun' }])
    const north = actorOf(org)
    const { staffId } = await addPractice(desk.harness.app, north)
    // Clocks go from 02:00 to 03:00 on Sunday, 14 March 2027, and back from 02:00 to 01:00 on Sunday, 7 November 2027.
    await addShift(desk.harness.app, north, { date: '2027-03-13', staffId, start: '22:00', end: '02:30' })
    await addShift(desk.harness.app, north, { date: '2027-03-14', staffId, start: '03:30', end: '06:00' })
    await publishWeek(desk.harness.app, north, '2027-03-08')
    const caller = { organisation: org, role: 'manager' } as const
    expect((await desk.ask(ROSTER_WEEK, { date: '2027-03-14' }, caller)).shifts).toMatchObject([
      { date: '2027-03-13', end: '02:30', startsAt: '2027-03-14T06:00:00.000Z', endsAt: '2027-03-14T10:30:00.000Z', isClockChanged: true },
      { date: '2027-03-14', startsAt: '2027-03-14T10:30:00.000Z', isClockChanged: false },
    ])
    expect(await shiftsOn('2027-03-14', staffId, caller)).toEqual([
      ['2027-03-14T08:00:00.000Z', '2027-03-14T10:30:00.000Z'],
      ['2027-03-14T10:30:00.000Z', '2027-03-14T13:00:00.000Z'],
    ])
    const gap = { date: '2027-03-14', start: '02:30', end: '03:00', position: 'veterinarian' }
    expect(await desk.ask(PLAN, { input: gap }, caller)).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: 'start', rule: 'gap' }] })
    const night = await desk.ask(PLAN, { input: { date: '2027-11-06', start: '22:00', end: '06:00', position: 'veterinarian' } }, caller)
    expect(Date.parse(night.endsAt) - Date.parse(night.startsAt)).toBe(9 * 3_600_000)
    const cancun = await desk.ask(PLAN, { input: { date: '2027-03-13', start: '22:00', end: '02:30', position: 'veterinarian' } }, { ...caller, clinic: 1 })
    expect(cancun).toMatchObject({ startsAt: '2027-03-14T03:00:00.000Z', endsAt: '2027-03-14T07:30:00.000Z', isClockChanged: false })
  })
})

describe('breaks in weekly hours', () => {
  const set = (staffId: string, days: object[], validFrom = '2027-01-04') => desk.ask(HOURS, { input: { staffId, validFrom, days } }, desk.manager)

  it('are no time of work, end with their hours, and go with hours that never counted', async () => {
    const staffId = await addStaff(desk.harness.app, actorOf(desk.org))
    const breaks = [
      { start: '11:00', end: '11:15' },
      { start: '13:00', end: '14:00' },
    ]
    expect(
      await set(staffId, [
        { weekday: 1, start: '09:00', end: '17:00', breaks },
        { weekday: 2, start: '09:00', end: '12:00' },
      ]),
    ).toMatchObject({
      schedules: [
        { weekday: 1, breaks },
        { weekday: 2, breaks: [] },
      ],
    })
    expect(await shiftsOn(desk.monday(), staffId)).toEqual([
      [at('09:00'), at('11:00')],
      [at('11:15'), at('13:00')],
      [at('14:00'), at('17:00')],
    ])
    expect(await book(staffId, at('10:50'))).toMatchObject({ __typename: 'OutsideShift' })
    expect(await book(staffId, at('10:40'))).toMatchObject({ __typename: 'Appointment' })
    expect(await set(staffId, [{ weekday: 1, start: '09:00', end: '17:00', breaks: [{ start: '12:00', end: '13:00' }] }])).toMatchObject({
      schedules: [{ breaks: [{ start: '12:00', end: '13:00' }] }],
    })
    const changes = (await lastEntry(desk.harness, 'M_setWeeklySchedule/setWeeklySchedule'))?.body.changes?.filter(({ type }) => type === 'WeeklyBreak')
    expect(changes?.map(({ fields, ids }) => [fields, ids.length])).toEqual([
      [['deleted'], 2],
      [['endMinute', 'scheduleId', 'staffId', 'startMinute'], 1],
    ])
  })

  it.each([
    [[{ start: '09:00', end: '09:30' }]],
    [[{ start: '16:30', end: '17:00' }]],
    [[{ start: '12:00', end: '12:00' }]],
    [
      [
        { start: '12:00', end: '13:00' },
        { start: '12:59', end: '13:30' },
      ],
    ],
  ])('refuse %o', async (breaks) => {
    expect(await set(desk.here.staffId, [{ weekday: 1, start: '09:00', end: '17:00', breaks }])).toMatchObject({
      __typename: 'InvalidInput',
      issues: [{ path: 'days.0.breaks' }],
    })
  })
})

describe('rights', () => {
  it('keep planning to whoever manages schedules, and every clinic to itself', async () => {
    const shift: Shift = await desk.plan({})
    const denied = async (document: string, input: object, role: 'veterinarian' | 'client') =>
      (await desk.call(document, { input }, { role })).body.errors?.[0]?.extensions.code
    for (const role of ['veterinarian', 'client'] as const) {
      expect(await denied(PLAN, { date: desk.monday(), start: '09:00', end: '10:00', position: 'veterinarian' }, role)).toBe('FORBIDDEN')
      expect(await denied(CHANGE, { id: shift.id, version: 1 }, role)).toBe('FORBIDDEN')
      expect(await denied(REMOVE, { id: shift.id, version: 1 }, role)).toBe('FORBIDDEN')
      expect(await denied(COPY, { fromWeek: desk.monday(), toWeek: desk.monday() }, role)).toBe('FORBIDDEN')
    }
    expect(await denied(CLAIM, { shiftId: shift.id }, 'client')).toBe('FORBIDDEN')
    expect((await desk.call(ROSTER_WEEK, { date: desk.monday() }, { role: 'client' })).body.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    const there = { role: 'manager', clinic: 1 } as const
    expect((await desk.show(there)).shifts).toEqual([])
    expect(await desk.ask(CHANGE, { input: { id: shift.id, version: 1 } }, there)).toMatchObject({ __typename: 'NotFound' })
    expect(await desk.ask(REMOVE, { input: { id: shift.id, version: 1 } }, there)).toMatchObject({ __typename: 'NotFound' })
  })

  it('name in the trail what was planned, and what was read', async () => {
    const shift: Shift = await desk.plan({ staffId: desk.staffOf('veterinarian') })
    const entry = await lastEntry(desk.harness, 'M_planShift/planShift')
    expect(entry?.body.changes?.map(({ type }) => type).sort()).toEqual(['Roster', 'RosterShift'])
    await desk.show()
    const read = (await lastEntry(desk.harness, 'RosterWeek'))?.body.reads?.find(({ type }) => type === 'RosterShift')
    expect(read?.ids).toContain(shift.id)
  })
})
