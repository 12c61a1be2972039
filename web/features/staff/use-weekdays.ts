import { useMemo } from 'react'
import { useFormat } from '../../session/viewer.ts'
import { capitalised } from '../../ui/capitalised.ts'
import { addDays } from '../../ui/dates.ts'

const A_MONDAY = '2024-01-01'
/** ISO 8601: 1 Monday … 7 Sunday. */
export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const

/** Names of weekdays in the reader's language. */
export function useWeekdays(): { short: (weekday: number) => string; long: (weekday: number) => string } {
  const format = useFormat()
  return useMemo(() => {
    const long = new Intl.DateTimeFormat(format.locale, { weekday: 'long', timeZone: 'UTC' })
    const dayOf = (weekday: number) => addDays(A_MONDAY, weekday - 1)
    return {
      short: (weekday) => format.weekday(dayOf(weekday)),
      long: (weekday) => capitalised(long.format(new Date(`${dayOf(weekday)}T00:00:00Z`))),
    }
  }, [format])
}
