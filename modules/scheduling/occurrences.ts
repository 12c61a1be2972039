import { RRuleTemporal } from 'rrule-temporal'
import { Temporal } from 'temporal-polyfill'
import { invalid } from '../kernel/errors.ts'
import { type Interval, instantAt, type LocalDate, MINUTE_MS } from '../kernel/time.ts'

/** A series has this many visits at the most. */
const MOST_OCCURRENCES = 104
const MOST_YEARS = 2

// Days alone: the time of day is the series' own, and whatever makes a rule finer than a day would say otherwise.
const RULE = /^FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(INTERVAL|COUNT|UNTIL|BYDAY|BYMONTH|BYMONTHDAY|BYSETPOS|WKST)=[A-Z0-9,+-]+)*$/
const LONGEST_RULE = 200
// For rules that nearly never match (the 31st of February): they end here instead of going on for ever.
const LIMITS = { maxIterations: 2_000, maxCandidateEvaluations: 20_000 } as const

/** A time at which a series takes place. `clockChange` tells when a change of the clock has moved its start. */
export type Occurrence = Interval & { readonly date: LocalDate; readonly clockChange: 'none' | 'gap' | 'overlap' }

export type Recurrence = {
  /** A recurrence rule of RFC 5545 with its end, `FREQ=WEEKLY;BYDAY=MO;COUNT=10`, of days alone. */
  readonly rule: string
  /** The first day that may be one. */
  readonly startsOn: LocalDate
  /** Minutes after local midnight. */
  readonly startMinute: number
  readonly durationMinutes: number
  /** The clinic's. */
  readonly timeZone: string
}

/**
 * When a series takes place, in order: always at the same time by the clock on the wall, whatever the clock does. A start in the gap of a
 * change moves forward, one that occurs twice is the earlier; a visit is as long as ever.
 * @throws InvalidInputError at `rule`: not understood, without an end, without a single day, or beyond 104 visits or two years
 */
export function listOccurrences({ rule, startsOn, startMinute, durationMinutes, timeZone }: Recurrence): Occurrence[] {
  return expand(rule, startsOn).map((date) => {
    const { instant: start, shift } = instantAt(date, startMinute, timeZone)
    return { date, start, end: new Date(start.getTime() + durationMinutes * MINUTE_MS), clockChange: shift }
  })
}

function expand(rule: string, startsOn: LocalDate): LocalDate[] {
  const dates = daysOf(readRule(rule, startsOn))
  if (dates.length === 0) throw invalid('rule', 'empty', 'must have at least one day')
  const last = Temporal.PlainDate.from(startsOn).add({ years: MOST_YEARS }).toString()
  if (dates.length > MOST_OCCURRENCES || (dates.at(-1) ?? last) >= last)
    throw invalid('rule', 'too_big', `must have at most ${MOST_OCCURRENCES} visits within ${MOST_YEARS} years`)
  return dates
}

function readRule(rule: string, startsOn: LocalDate): RRuleTemporal {
  if (rule.length > LONGEST_RULE || !RULE.test(rule)) throw invalid('rule', 'recurrence', 'must be a rule such as FREQ=WEEKLY;BYDAY=MO;COUNT=10')
  const names = rule.split(';').map((part) => part.split('=')[0])
  if (new Set(names).size !== names.length) throw invalid('rule', 'recurrence', 'must name each part once')
  if (!names.includes('COUNT') && !names.includes('UNTIL')) throw invalid('rule', 'unbounded', 'must end: add COUNT or UNTIL')
  // The day that UNTIL names is the last one, whatever time it adds.
  const bounded = rule.replace(/UNTIL=(\d{8})(T\d{6}Z?)?(?=;|$)/, 'UNTIL=$1T235959Z')
  try {
    return new RRuleTemporal({ rruleString: `DTSTART:${startsOn.replaceAll('-', '')}T000000Z\nRRULE:${bounded}`, strict: true, ...LIMITS })
  } catch {
    throw invalid('rule', 'recurrence', 'must be a rule such as FREQ=WEEKLY;BYDAY=MO;COUNT=10')
  }
}

// Days are counted in UTC, where all are as long: only their dates are used.
function daysOf(rule: RRuleTemporal): LocalDate[] {
  try {
    return rule.all((_date, index) => index <= MOST_OCCURRENCES).map((day) => day.toPlainDate().toString())
  } catch {
    throw invalid('rule', 'empty', 'must have days that exist')
  }
}
