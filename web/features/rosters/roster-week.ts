import type { RosterBlocksQuery, RosterWeekQuery, ShiftFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { spanOn } from '../scheduling/day-plan.ts'
import { weekOf } from '../scheduling/weeks.ts'
import { ShiftFields } from './roster-documents.ts'

export type Week = RosterWeekQuery['rosterWeek']
type Person = Week['staff'][number]
export type Shift = ShiftFieldsFragment
export type Block = RosterBlocksQuery['scheduleRange']['blocks'][number]
type Hours = Pick<Person['schedules'][number], 'start' | 'end' | 'breaks'>

/** What one person does on one day, or what of a day is open. */
export type Cell = {
  readonly date: string
  readonly shifts: readonly Shift[]
  /** Weekly hours, which count on a day without shifts. */
  readonly hours: readonly Hours[]
  readonly absences: readonly Block[]
}
/** A line of the plan, with the absences of its week; nobody's are the open shifts. */
export type Row = { readonly person: Person | null; readonly cells: readonly Cell[]; readonly minutes: number; readonly absences: readonly Block[] }

export function shiftsOf(week: Week): Shift[] {
  return week.shifts.map((masked) => readFragment(ShiftFields, masked))
}

export const isPlanned = ({ status }: Shift): boolean => status === 'PLANNED'

/** The open shifts first, then a line for each person who works here that week. */
export function rowsOf(week: Week, blocks: readonly Block[], timeZone: string): Row[] {
  const days = weekOf(week.weekStart)
  const shifts = shiftsOf(week)
  return [null, ...week.staff].map((person) => {
    const own = shifts.filter(({ staff }) => (staff?.id ?? null) === (person?.id ?? null))
    const absences = person === null ? [] : blocks.filter(({ kind, staffId }) => kind === 'TIME_OFF' && staffId === person.id)
    const cells = days.map((date) => ({
      ...workOn(person, date, own),
      absences: absences.filter((absence) => spanOn(date, absence, timeZone) !== null),
    }))
    return { person, cells, minutes: person === null ? 0 : sum(cells.map(minutesOf)), absences }
  })
}

function workOn(person: Person | null, date: string, own: readonly Shift[]): Omit<Cell, 'absences'> {
  const shifts = own.filter((shift) => shift.date === date)
  return { date, shifts, hours: person === null || shifts.some(isPlanned) ? [] : weeklyHours(person, date) }
}

/** Hours of a person on a day by their weekly schedule. */
function weeklyHours({ schedules }: Person, date: string): Hours[] {
  const weekday = weekOf(date).indexOf(date) + 1
  return schedules
    .filter((one) => one.weekday === weekday && one.validFrom <= date && (one.validUntil === null || date < one.validUntil))
    .toSorted((a, b) => a.start.localeCompare(b.start))
}

function minutesOf({ shifts, hours }: Pick<Cell, 'shifts' | 'hours'>): number {
  const planned = shifts.filter(isPlanned).map((shift) => lengthOf(shift) - (shift.breakStart === null ? 0 : lengthOf(breakOf(shift))))
  return sum([...planned, ...hours.map((one) => lengthOf(one) - sum(one.breaks.map(lengthOf)))])
}

const breakOf = ({ breakStart, breakEnd }: Shift) => ({ start: breakStart ?? '00:00', end: breakEnd ?? '00:00' })
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

/** Minutes by the wall clock; an end that is not after the start lies on the next day. */
export function lengthOf({ start, end }: { readonly start: string; readonly end: string }): number {
  const minutes = minuteOf(end) - minuteOf(start)
  return minutes > 0 ? minutes : minutes + 1440
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}

/** Whether a shift lies, in part, where the person is away. */
export function isDuringAbsence({ startsAt, endsAt }: Shift, absences: readonly Block[]): boolean {
  return absences.some((away) => Date.parse(away.startsAt) < Date.parse(endsAt) && Date.parse(startsAt) < Date.parse(away.endsAt))
}

/** What publishing changes for a person on one day: their shifts, in the place of weekly hours. */
export type DayChange = { readonly date: string; readonly shifts: readonly Shift[]; readonly instead: readonly Hours[] }
export type PersonChange = { readonly person: Person; readonly days: readonly DayChange[] }

/** For whom a draft changes something once it is published. A day on which somebody works as always is left out. */
export function changesOf(week: Week): PersonChange[] {
  const planned = shiftsOf(week).filter(isPlanned)
  return week.staff.flatMap((person) => {
    const days = weekOf(week.weekStart).flatMap((date): DayChange[] => {
      const shifts = planned.filter(({ staff, date: on }) => staff?.id === person.id && on === date)
      const instead = weeklyHours(person, date)
      return shifts.length === 0 || isSame(shifts, instead) ? [] : [{ date, shifts, instead }]
    })
    return days.length === 0 ? [] : [{ person, days }]
  })
}

function isSame(shifts: readonly Shift[], hours: readonly Hours[]): boolean {
  const texts = (all: readonly { start: string; end: string }[]) => all.map(({ start, end }) => `${start} ${end}`).sort()
  return texts(shifts).join() === texts(hours).join()
}

type Warning = Week['warnings'][number]

/** Warnings of one person that say the same about several days, as one. */
export function alike(warnings: readonly Warning[]): { warning: Warning; dates: string[] }[] {
  const found: { warning: Warning; dates: string[] }[] = []
  for (const warning of warnings) {
    const same = found.find(({ warning: { staff, code, actual, limit } }) => {
      return staff.id === warning.staff.id && code === warning.code && actual === warning.actual && limit === warning.limit
    })
    if (same) same.dates.push(warning.date)
    else found.push({ warning, dates: [warning.date] })
  }
  return found
}
