import { useTranslation } from 'react-i18next'

import type { WaitlistFieldsFragment } from '../../gql/graphql.ts'
import { useFormat } from '../../session/viewer.ts'
import { useWeekdayNames } from './WeekdayChips.tsx'

const DAY = { start: '00:00', end: '24:00' } as const

type Wish = Pick<WaitlistFieldsFragment, 'earliestOn' | 'latestOn' | 'earliest' | 'latest' | 'weekdays' | 'staff'>

/** When and with whom a client would come, in one line. */
export function useWishText(): (wish: Wish) => string {
  const { t } = useTranslation('desk')
  const format = useFormat()
  const nameOf = useWeekdayNames()
  const hours = (from: string, to: string): string | false => {
    if (from === DAY.start) return to !== DAY.end && t('waitlist.until', { to })
    return to === DAY.end ? t('waitlist.from', { from }) : t('waitlist.between', { from, to })
  }
  return ({ earliestOn, latestOn, earliest, latest, weekdays, staff }) => {
    const days = earliestOn === latestOn ? format.date(earliestOn) : `${format.shortDate(earliestOn)} – ${format.date(latestOn)}`
    const parts = [
      days,
      weekdays.length > 0 && weekdays.length < 7 && weekdays.map(nameOf).join(', '),
      hours(earliest, latest),
      staff === null ? t('waitlist.withAnyone') : t('waitlist.with', { name: staff.name }),
    ]
    return parts.filter((part) => part !== false).join(' · ')
  }
}
