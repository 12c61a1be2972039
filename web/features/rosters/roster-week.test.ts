import { describe, expect, it } from 'vitest'

import { alike, type Block, changesOf, isDuringAbsence, lengthOf, rowsOf, type Shift, type Week } from './roster-week.ts'

const ZONE = 'America/Mexico_City'
const MONDAY = '2026-11-23'
const TUESDAY = '2026-11-24'

function person(id: string, hours: readonly [weekday: number, start: string, end: string][] = [], validUntil: string | null = null) {
  const schedules = hours.map(([weekday, start, end]) => ({ id: `${weekday} ${start}`, weekday, start, end, validFrom: '2020-01-01', validUntil, breaks: [] }))
  return { id, name: id, position: 'veterinarian', schedules }
}

function shift(id: string, staff: string | null, date: string, part: Partial<Shift> = {}): Shift {
  const { start = '09:00', end = '14:00' } = part
  const instants = { startsAt: `${date}T${start}:00-06:00`, endsAt: `${date}T${end}:00-06:00` }
  const who = staff === null ? null : { id: staff, name: staff }
  return { id, date, start, end, ...instants, staff: who, status: 'PLANNED', breakStart: null, breakEnd: null, position: 'veterinarian', ...part } as Shift
}

function week(staff: readonly ReturnType<typeof person>[], shifts: readonly Shift[]): Week {
  return { weekStart: MONDAY, roster: null, shifts, staff, coverage: [], warnings: [] } as never
}

const away = (staffId: string, startsAt: string, endsAt: string) => ({ id: 'away', kind: 'TIME_OFF', title: null, staffId, startsAt, endsAt }) as Block

describe('the lines of a plan', () => {
  it('are the open shifts and everybody who works here, with weekly hours where there is no shift', () => {
    const ana = person('ana', [
      [1, '09:00', '17:00'],
      [2, '09:00', '17:00'],
    ])
    const [open, line] = rowsOf(week([ana], [shift('free', null, TUESDAY), shift('hers', 'ana', TUESDAY)]), [], ZONE)
    expect(open).toMatchObject({ person: null, minutes: 0 })
    expect(open?.cells[1]?.shifts.map(({ id }) => id)).toEqual(['free'])
    expect(line?.cells[0]).toMatchObject({ shifts: [], hours: [{ start: '09:00', end: '17:00' }] })
    expect(line?.cells[1]).toMatchObject({ shifts: [{ id: 'hers' }], hours: [] })
    expect(line?.minutes).toBe(8 * 60 + 5 * 60)
  })

  it('count a night over midnight without its break, and neither what is cancelled nor hours that have ended', () => {
    const night = shift('night', 'ana', MONDAY, { start: '22:00', end: '06:00', breakStart: '23:45', breakEnd: '00:15' })
    const gone = shift('gone', 'ana', TUESDAY, { status: 'CANCELLED' })
    const ana = person('ana', [[2, '09:00', '17:00']], MONDAY)
    const [, line] = rowsOf(week([ana], [night, gone]), [], ZONE)
    expect(line?.minutes).toBe(7.5 * 60)
    expect(line?.cells[1]).toMatchObject({ shifts: [{ id: 'gone' }], hours: [] })
    expect(lengthOf({ start: '10:00', end: '10:00' })).toBe(1440)
  })

  it('show absences on the days that they touch, by the wall clock of the clinic', () => {
    const absence = away('ana', '2026-11-24T06:00:00Z', '2026-11-25T06:00:00Z')
    const [, ana, leo] = rowsOf(week([person('ana'), person('leo')], []), [absence], ZONE)
    expect(ana?.cells.map(({ absences }) => absences.length)).toEqual([0, 1, 0, 0, 0, 0, 0])
    expect(leo?.cells.flatMap(({ absences }) => absences)).toEqual([])
    expect(isDuringAbsence(shift('a', 'ana', TUESDAY), [absence])).toBe(true)
    expect(isDuringAbsence(shift('b', 'ana', MONDAY, { end: '24:00', endsAt: '2026-11-24T00:00:00-06:00' }), [absence])).toBe(false)
  })
})

describe('what publishing changes', () => {
  it('names the days on which somebody works otherwise than always, and nobody else', () => {
    const ana = person('ana', [[1, '09:00', '14:00']])
    const leo = person('leo', [[1, '09:00', '17:00']])
    const plan = week(
      [ana, leo, person('eva')],
      [shift('same', 'ana', MONDAY), shift('more', 'ana', TUESDAY), shift('less', 'leo', MONDAY), shift('open', null, MONDAY)],
    )
    expect(changesOf(plan)).toMatchObject([
      { person: { id: 'ana' }, days: [{ date: TUESDAY, shifts: [{ id: 'more' }], instead: [] }] },
      { person: { id: 'leo' }, days: [{ date: MONDAY, shifts: [{ id: 'less' }], instead: [{ start: '09:00', end: '17:00' }] }] },
    ])
  })
})

describe('warnings that say the same', () => {
  it('are told once, with their days', () => {
    const of = (id: string, date: string, actual: number) =>
      ({ code: 'OVERTIME_DAY', date, actual, limit: 480, staff: { id, name: id } }) as Week['warnings'][number]
    const told = alike([of('ana', MONDAY, 540), of('ana', TUESDAY, 540), of('leo', MONDAY, 540), of('ana', MONDAY, 600)])
    expect(told.map(({ warning, dates }) => [warning.staff.id, dates.length])).toEqual([
      ['ana', 2],
      ['leo', 1],
      ['ana', 1],
    ])
  })
})
