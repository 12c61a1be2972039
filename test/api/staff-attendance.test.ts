import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RoleCode } from '../../modules/access/index.ts'
import { instantAt } from '../../modules/kernel/time.ts'
import { type Harness, startHarness } from '../harness.ts'
import { actorOf, callers, ERRORS, lastEntry, paramsOf } from '../operations.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addStaff } from '../world-staff.ts'

const ZONE = 'America/Mexico_City'
let now = new Date()
let harness: Harness
let org: WorldOrganisation
const staff: Partial<Record<RoleCode, string>> = {}

const ENTRY = 'id clockedInAt clockedOutAt minutesWorked correctedAt correctedById correctionReason version staff { id }'
const IN = `mutation In { clockIn { __typename ... on AttendanceEntry { ${ENTRY} } ${ERRORS} } }`
const OUT = `mutation Out { clockOut { __typename ... on AttendanceEntry { ${ENTRY} } ${ERRORS} } }`
const RECORD = `mutation Record($input: RecordAttendanceInput!) { recordAttendance(input: $input) { __typename ... on AttendanceEntry { ${ENTRY} } ${ERRORS} } }`
const CORRECT = `mutation Correct($input: CorrectAttendanceInput!) { correctAttendance(input: $input) { __typename ... on AttendanceEntry { ${ENTRY} } ${ERRORS} } }`
const REPORT = `query Report($from: LocalDate, $until: LocalDate, $staffId: UUID) { attendance(from: $from, until: $until, staffId: $staffId) {
  from until minutesWorked people { staff { id } minutesWorked openSince } entries { ${ENTRY} } } }`

const person = (role: RoleCode) => staff[role] ?? ''
const at = (date: string, time: string) => {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return instantAt(date, hour * 60 + minute, ZONE).instant
}
const move = (date: string, time: string) => {
  now = at(date, time)
}
/** Signs in anew, at the time that it is. */
const as = (role: RoleCode, clinic = 0) => callers(harness)(org, role, clinic)

beforeAll(async () => {
  move('2027-03-01', '09:00')
  harness = await startHarness({ clock: { now: () => now } })
  org = await buildOrganisation(harness.app, 'alfa')
  for (const role of ['manager', 'veterinarian', 'assistant', 'groomer', 'receptionist', 'owner'] as const)
    staff[role] = await addStaff(harness.app, actorOf(org), { name: `${role} person`, userId: org.userId(role) })
})
afterAll(() => harness[Symbol.asyncDispose]())

describe('clocking in and out', () => {
  it('keeps the time between them', async () => {
    move('2027-03-01', '09:00')
    const entered = (await (await as('veterinarian'))(IN)).body.data.clockIn
    expect(entered).toMatchObject({ clockedInAt: now.toISOString(), clockedOutAt: null, minutesWorked: 0, version: 1, staff: { id: person('veterinarian') } })
    move('2027-03-01', '13:30')
    const open = (await (await as('veterinarian'))(REPORT)).body.data.attendance
    expect(open).toMatchObject({
      from: '2027-02-23',
      until: '2027-03-01',
      minutesWorked: 270,
      people: [{ minutesWorked: 270, openSince: at('2027-03-01', '09:00').toISOString() }],
    })
    move('2027-03-01', '17:05')
    const left = (await (await as('veterinarian'))(OUT)).body.data.clockOut
    expect(left).toMatchObject({ id: entered.id, clockedOutAt: now.toISOString(), minutesWorked: 485, version: 2 })
    expect((await (await as('veterinarian'))(OUT)).body.data.clockOut.code).toBe('NOT_CLOCKED_IN')
  })

  it('happens once, here or at another clinic, and however often somebody presses', async () => {
    move('2027-03-02', '09:00')
    const call = await as('owner')
    const sister = { clinicId: org.clinics[1]?.id ?? '' }
    const answers = await Promise.all([1, 2, 3, 4].map(() => call(IN)))
    expect(answers.map(({ body }) => body.data.clockIn.code ?? 'ok').sort()).toEqual(['ALREADY_CLOCKED_IN', 'ALREADY_CLOCKED_IN', 'ALREADY_CLOCKED_IN', 'ok'])
    expect((await call(IN, {}, sister)).body.data.clockIn.code).toBe('ALREADY_CLOCKED_IN')
    expect((await call(OUT, {}, sister)).body.data.clockOut.code).toBe('NOT_CLOCKED_IN')
    move('2027-03-02', '09:10')
    expect((await call(OUT)).body.data.clockOut.minutesWorked).toBe(10)
    expect((await call(IN, {}, sister)).body.data.clockIn.__typename).toBe('AttendanceEntry')
    expect((await call(REPORT, {}, sister)).body.data.attendance.entries).toHaveLength(1)
    move('2027-03-02', '09:12')
    await call(OUT, {}, sister)
  })

  it('after more than a day takes somebody who knows', async () => {
    move('2027-03-03', '09:00')
    const { id } = (await (await as('assistant'))(IN)).body.data.clockIn
    move('2027-03-04', '09:01')
    const { clockOut: refused } = (await (await as('assistant'))(OUT)).body.data
    expect([refused.code, paramsOf(refused).rule]).toEqual(['NOT_PERMITTED', 'open_too_long'])
    const manager = await as('manager')
    const corrected = (await manager(CORRECT, { input: { id, version: 1, clockedOutAt: at('2027-03-03', '17:00'), reason: 'Forgot to clock out.' } })).body.data
      .correctAttendance
    expect(corrected).toMatchObject({
      minutesWorked: 480,
      correctedById: org.userId('manager'),
      correctedAt: now.toISOString(),
      correctionReason: 'Forgot to clock out.',
      version: 2,
    })
    expect(await lastEntry(harness, 'Correct/correctAttendance')).toMatchObject({ reason: 'Forgot to clock out.', outcome: 'ok' })
    expect((await (await as('assistant'))(IN)).body.data.clockIn.__typename).toBe('AttendanceEntry')
  })

  it('is for people with a profile', async () => {
    move('2027-03-05', '09:00')
    const { clockIn: refused } = (await (await as('clinic_admin'))(IN)).body.data
    expect([refused.code, paramsOf(refused).rule]).toEqual(['NOT_PERMITTED', 'no_staff_profile'])
    expect((await (await as('client'))(IN)).body.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })
})

describe('what is written by hand', () => {
  const hours = (from: string, until: string, extra: object = {}) => ({
    staffId: person('groomer'),
    clockedInAt: at('2027-03-10', from),
    clockedOutAt: at('2027-03-10', until),
    reason: 'Forgot.',
    ...extra,
  })

  it('never overlaps, may follow at once, and never lies in the future', async () => {
    move('2027-03-11', '09:00')
    const manager = await as('manager')
    const record = async (input: object) => (await manager(RECORD, { input })).body.data.recordAttendance
    const made = await record(hours('09:00', '12:00'))
    expect(made).toMatchObject({ minutesWorked: 180, correctionReason: 'Forgot.' })
    expect((await record(hours('11:59', '13:00'))).code).toBe('ATTENDANCE_OVERLAP')
    expect((await record(hours('08:00', '13:00'))).code).toBe('ATTENDANCE_OVERLAP')
    expect((await record(hours('12:00', '13:00'))).__typename).toBe('AttendanceEntry')
    const issueOf = async (input: object) => {
      const { code, issues } = await record(input)
      return [code, issues?.[0]?.path, issues?.[0]?.rule]
    }
    expect(await issueOf(hours('15:00', '14:00'))).toEqual(['INVALID_INPUT', 'clockedOutAt', 'ordered'])
    expect(await issueOf(hours('15:00', '16:00', { reason: ' ' }))).toEqual(['INVALID_INPUT', 'reason', 'too_small'])
    expect(await issueOf(hours('15:00', '16:00', { clockedOutAt: at('2027-03-11', '09:01') }))).toEqual(['INVALID_INPUT', 'clockedOutAt', 'future'])
    expect(await issueOf(hours('08:00', '16:00', { clockedInAt: at('2027-03-01', '08:00') }))).toEqual(['INVALID_INPUT', 'clockedOutAt', 'too_big'])
    expect((await record(hours('15:00', '16:00', { staffId: '01900000-0000-7000-8000-00000000dead' }))).code).toBe('NOT_FOUND')
    const correct = async (input: object) => (await manager(CORRECT, { input: { id: made.id, reason: 'Came late.', ...input } })).body.data.correctAttendance
    expect((await correct({ version: 1, clockedOutAt: at('2027-03-10', '12:30') })).code).toBe('ATTENDANCE_OVERLAP')
    expect(await correct({ version: 1, clockedInAt: at('2027-03-10', '09:30') })).toMatchObject({ minutesWorked: 150, version: 2 })
    expect((await correct({ version: 1, clockedInAt: at('2027-03-10', '09:00') })).code).toBe('STALE_VERSION')
    const sister = await as('manager', 1)
    expect((await sister(CORRECT, { input: { id: made.id, version: 2, reason: 'x' } })).body.data.correctAttendance.code).toBe('NOT_FOUND')
  })

  it.each(['veterinarian', 'assistant', 'receptionist', 'groomer', 'compliance_officer'] as const)('is not for a %s', async (role) => {
    const call = await as(role)
    for (const [document, input] of [
      [RECORD, hours('20:00', '21:00')],
      [CORRECT, { id: person('groomer'), version: 1, reason: 'x' }],
    ] as const)
      expect((await call(document, { input })).body.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })
})

describe('the report', () => {
  it('adds up each person within the range, across midnight, and shows others to those alone who may read all', async () => {
    move('2027-03-21', '12:00')
    const manager = await as('manager')
    const record = (staffId: string, clockedInAt: Date, clockedOutAt: Date) =>
      manager(RECORD, { input: { staffId, clockedInAt, clockedOutAt, reason: 'Night shift.' } })
    await record(person('groomer'), at('2027-03-19', '22:00'), at('2027-03-20', '04:00'))
    await record(person('groomer'), at('2027-03-20', '10:00'), at('2027-03-20', '11:00'))
    await record(person('receptionist'), at('2027-03-20', '09:00'), at('2027-03-20', '09:45'))
    const day = { from: '2027-03-20', until: '2027-03-20' }
    const report = (await manager(REPORT, day)).body.data.attendance
    expect(report).toMatchObject({ ...day, minutesWorked: 345 })
    expect(report.people).toEqual([
      { staff: { id: person('groomer') }, minutesWorked: 300, openSince: null },
      { staff: { id: person('receptionist') }, minutesWorked: 45, openSince: null },
    ])
    expect(report.entries[0].minutesWorked).toBe(360)
    expect((await manager(REPORT, { ...day, staffId: person('receptionist') })).body.data.attendance).toMatchObject({
      minutesWorked: 45,
      entries: { length: 1 },
    })
    expect((await (await as('groomer'))(REPORT, day)).body.data.attendance).toMatchObject({ minutesWorked: 300, people: { length: 1 } })
    expect((await (await as('groomer'))(REPORT, { ...day, staffId: person('receptionist') })).body.data.attendance).toMatchObject({
      minutesWorked: 0,
      people: [],
      entries: [],
    })
    expect((await (await as('compliance_officer'))(REPORT, day)).body.data.attendance.entries).toEqual([])
    expect((await (await as('manager', 1))(REPORT, day)).body.data.attendance.entries).toEqual([])
  })

  it('answers at most a month', async () => {
    const manager = await as('manager')
    const codeOf = async (from: string, until: string) => (await manager(REPORT, { from, until })).body.errors?.[0]?.extensions.code
    expect(await codeOf('2027-03-01', '2027-03-31')).toBeUndefined()
    expect(await codeOf('2027-03-01', '2027-04-01')).toBe('BAD_USER_INPUT')
    expect(await codeOf('2027-03-02', '2027-03-01')).toBe('BAD_USER_INPUT')
  })
})
