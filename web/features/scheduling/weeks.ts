import { addDays } from '../../ui/dates.ts'

/** The seven days of a date's week, from Monday. */
export function weekOf(date: string): string[] {
  const monday = addDays(date, -mondayOffset(date))
  return Array.from({ length: 7 }, (_, index) => addDays(monday, index))
}

export function firstOfMonth(date: string): string {
  return `${date.slice(0, 7)}-01`
}

/** The first of a month so many months later. */
export function monthAfter(first: string, months: number): string {
  const [year = 0, month = 1] = first.split('-').map(Number)
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10)
}

/** The whole weeks that show a month: four to six. */
export function monthWeeks(date: string): string[][] {
  const first = firstOfMonth(date)
  const end = monthAfter(first, 1)
  const weeks: string[][] = []
  for (let week = weekOf(first); (week[0] ?? end) < end; week = weekOf(addDays(week[0] ?? end, 7))) weeks.push(week)
  return weeks
}

function mondayOffset(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7
}
