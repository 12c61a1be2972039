import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { useFormat } from '../../session/viewer.ts'
import { addDays, dateIn, minuteIn } from '../../ui/dates.ts'
import { minuteOfClock } from '../scheduling/day-plan.ts'
import { instantAt } from '../scheduling/instant-at.ts'

export type ClosedTime = { firstDay: string; lastDay: string; isWholeDays: boolean; start: string; end: string }
export type Interval = { startsAt: string; endsAt: string }

/** A time to be closed: whole days, or from one moment to another. `interval` is null while the fields do not make one. */
export function useClosedTime() {
  const { timeZone } = useFormat()
  const tomorrow = addDays(dateIn(timeZone, new Date()), 1)
  const [time, setTime] = useState<ClosedTime>({ firstDay: tomorrow, lastDay: tomorrow, isWholeDays: true, start: '09:00', end: '14:00' })
  // The last day follows the first one, which most people choose first.
  const change = (part: Partial<ClosedTime>) =>
    setTime((old) => {
      const next = { ...old, ...part }
      return part.firstDay !== undefined && next.lastDay < part.firstDay ? { ...next, lastDay: part.firstDay } : next
    })
  return { time, change, interval: intervalOf(time, timeZone) }
}

function intervalOf({ firstDay, lastDay, isWholeDays, start, end }: ClosedTime, timeZone: string): Interval | null {
  if (firstDay === '' || lastDay === '') return null
  const [from, to] = isWholeDays ? [0, 0] : [minuteOfClock(start), minuteOfClock(end)]
  if (from === null || to === null) return null
  const startsAt = instantAt(firstDay, from, timeZone)
  const endsAt = instantAt(isWholeDays ? addDays(lastDay, 1) : lastDay, to, timeZone)
  return Date.parse(endsAt) > Date.parse(startsAt) ? { startsAt, endsAt } : null
}

/** A closed time in words: days when it is made of whole ones. */
export function useClosedTimeText(): (interval: Interval) => string {
  const { t } = useTranslation('settings')
  const format = useFormat()
  return ({ startsAt, endsAt }) => {
    const { timeZone } = format
    const [start, end] = [new Date(startsAt), new Date(endsAt)]
    if (minuteIn(timeZone, start) !== 0 || minuteIn(timeZone, end) !== 0) {
      const isOneDay = dateIn(timeZone, start) === dateIn(timeZone, end)
      return `${format.dateTime(startsAt)} – ${isOneDay ? format.time(endsAt) : format.dateTime(endsAt)}`
    }
    const [first, last] = [dateIn(timeZone, start), addDays(dateIn(timeZone, end), -1)]
    return first === last ? t('closed.wholeDay', { date: format.date(first) }) : `${format.date(first)} – ${format.date(last)}`
  }
}
