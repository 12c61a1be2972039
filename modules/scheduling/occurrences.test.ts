import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../kernel/errors.ts'
import { localDateOf, localMinuteOf } from '../kernel/time.ts'
import { listOccurrences, type Recurrence } from './occurrences.ts'

const at = (timeZone: string, rule: string, startsOn: string, startMinute = 600, durationMinutes = 30): Recurrence => ({
  rule,
  startsOn,
  startMinute,
  durationMinutes,
  timeZone,
})
const datesOf = (recurrence: Recurrence) => listOccurrences(recurrence).map(({ date }) => date)
const startsOf = (recurrence: Recurrence) => listOccurrences(recurrence).map(({ start }) => start.toISOString())
const ruleOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    if (error instanceof InvalidInputError) return error.issues.map(({ path, rule }) => [path, rule])
    throw error
  }
  return null
}

describe('a series keeps its time by the clock on the wall', () => {
  it('across the changes in Tijuana, where its instants move by an hour', () => {
    // 14 March 2027 forward, 7 November 2027 back, as in the United States.
    const spring = at('America/Tijuana', 'FREQ=WEEKLY;COUNT=3', '2027-03-08')
    expect(startsOf(spring)).toEqual(['2027-03-08T18:00:00.000Z', '2027-03-15T17:00:00.000Z', '2027-03-22T17:00:00.000Z'])
    const autumn = at('America/Tijuana', 'FREQ=WEEKLY;COUNT=2', '2027-11-01')
    expect(startsOf(autumn)).toEqual(['2027-11-01T17:00:00.000Z', '2027-11-08T18:00:00.000Z'])
  })

  it('across the change in Madrid, two weeks after the American one', () => {
    expect(startsOf(at('Europe/Madrid', 'FREQ=WEEKLY;COUNT=3', '2027-03-22'))).toEqual([
      '2027-03-22T09:00:00.000Z',
      '2027-03-29T08:00:00.000Z',
      '2027-04-05T08:00:00.000Z',
    ])
  })

  it('in Cancun, which does not change its clock, at the same instant of the day all year', () => {
    const all = listOccurrences(at('America/Cancun', 'FREQ=WEEKLY;COUNT=104', '2027-01-04'))
    expect(all).toHaveLength(104)
    expect(new Set(all.map(({ start }) => start.toISOString().slice(11)))).toEqual(new Set(['15:00:00.000Z']))
    expect(all.every(({ clockChange }) => clockChange === 'none')).toBe(true)
  })

  it('in a year of Tijuana every visit begins at ten, on a Monday', () => {
    for (const { start, date } of listOccurrences(at('America/Tijuana', 'FREQ=WEEKLY;BYDAY=MO;COUNT=100', '2027-01-01'))) {
      expect([localMinuteOf(start, 'America/Tijuana'), localDateOf(start, 'America/Tijuana'), new Date(`${date}T00:00Z`).getUTCDay()]).toEqual([600, date, 1])
    }
  })

  it('moves forward out of a gap, takes the earlier of two readings, says so and stays as long', () => {
    const gap = listOccurrences(at('America/Tijuana', 'FREQ=DAILY;COUNT=3', '2027-03-13', 150))
    expect(gap.map(({ start, clockChange }) => [start.toISOString(), clockChange])).toEqual([
      ['2027-03-13T10:30:00.000Z', 'none'],
      ['2027-03-14T10:30:00.000Z', 'gap'],
      ['2027-03-15T09:30:00.000Z', 'none'],
    ])
    const overlap = listOccurrences(at('Europe/Madrid', 'FREQ=DAILY;COUNT=2', '2027-10-30', 150))
    expect(overlap.map(({ start, clockChange }) => [start.toISOString(), clockChange])).toEqual([
      ['2027-10-30T00:30:00.000Z', 'none'],
      ['2027-10-31T00:30:00.000Z', 'overlap'],
    ])
    for (const { start, end } of [...gap, ...overlap]) expect(end.getTime() - start.getTime()).toBe(30 * 60_000)
  })
})

describe('the days of a series', () => {
  it('cross midnight with the visit, not with the day', () => {
    const [late] = listOccurrences(at('America/Tijuana', 'FREQ=DAILY;COUNT=1', '2027-01-31', 23 * 60 + 50, 20))
    expect(late).toMatchObject({ date: '2027-01-31', end: new Date('2027-02-01T08:10:00Z') })
    expect(datesOf(at('Europe/Madrid', 'FREQ=DAILY;COUNT=2', '2027-02-28', 0))).toEqual(['2027-02-28', '2027-03-01'])
    expect(startsOf(at('Europe/Madrid', 'FREQ=DAILY;COUNT=1', '2027-02-28', 0))).toEqual(['2027-02-27T23:00:00.000Z'])
  })

  it('belong to the week that the rule begins with', () => {
    // Every other week on Sunday and Monday: which Sundays depends on where weeks begin.
    const every = (weekStart: string) => datesOf(at('Europe/Madrid', `FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=${weekStart};COUNT=4`, '2027-01-04'))
    expect(every('MO')).toEqual(['2027-01-04', '2027-01-10', '2027-01-18', '2027-01-24'])
    expect(every('SU')).toEqual(['2027-01-04', '2027-01-17', '2027-01-18', '2027-01-31'])
  })

  it('are those of the rule alone: the first day counts when it fits', () => {
    expect(datesOf(at('Europe/Madrid', 'FREQ=WEEKLY;BYDAY=TU;COUNT=2', '2027-01-04'))).toEqual(['2027-01-05', '2027-01-12'])
    expect(datesOf(at('Europe/Madrid', 'FREQ=MONTHLY;BYDAY=-1FR;COUNT=3', '2027-01-01'))).toEqual(['2027-01-29', '2027-02-26', '2027-03-26'])
    expect(datesOf(at('Europe/Madrid', 'FREQ=MONTHLY;COUNT=3', '2027-01-31'))).toEqual(['2027-01-31', '2027-03-31', '2027-05-31'])
  })

  it('include the day on which the rule ends, however that is written', () => {
    for (const until of ['20270118', '20270118T000000Z', '20270118T120000'])
      expect(datesOf(at('America/Tijuana', `FREQ=WEEKLY;UNTIL=${until}`, '2027-01-04'))).toEqual(['2027-01-04', '2027-01-11', '2027-01-18'])
  })
})

describe('a rule is refused', () => {
  const refused = (rule: string) => ruleOf(() => listOccurrences(at('Europe/Madrid', rule, '2027-01-04')))
  it('when it is none, finer than a day, or tries to say more', () => {
    for (const rule of [
      'weekly',
      '',
      'FREQ=HOURLY;COUNT=2',
      'FREQ=WEEKLY;BYHOUR=9;COUNT=2',
      'FREQ=WEEKLY;COUNT=2;COUNT=3',
      'FREQ=WEEKLY;BYDAY=XX;COUNT=2',
      'FREQ=WEEKLY;COUNT=2\nEXDATE:20270111T000000Z',
      `FREQ=WEEKLY;COUNT=2;BYDAY=${'MO,'.repeat(80)}MO`,
    ])
      expect([rule, refused(rule)]).toEqual([rule, [['rule', 'recurrence']]])
  })
  it('when it never ends, never happens, or goes on for too long', () => {
    expect(refused('FREQ=WEEKLY')).toEqual([['rule', 'unbounded']])
    expect(refused('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31;COUNT=2')).toEqual([['rule', 'empty']])
    expect(refused('FREQ=WEEKLY;UNTIL=20260101')).toEqual([['rule', 'empty']])
    expect(refused('FREQ=DAILY;COUNT=105')).toEqual([['rule', 'too_big']])
    expect(refused('FREQ=DAILY;COUNT=104')).toBeNull()
    expect(refused('FREQ=YEARLY;COUNT=3')).toEqual([['rule', 'too_big']])
    expect(refused('FREQ=YEARLY;COUNT=2')).toBeNull()
  })
})
