import { useTranslation } from 'react-i18next'
import type { TimeOffFieldsFragment, TimeOffUnit } from '../../gql/graphql.ts'
import { useFormat } from '../../session/viewer.ts'

type Days = Pick<TimeOffFieldsFragment, 'firstDay' | 'lastDay' | 'start' | 'end'>

/** Days off and amounts in words. */
export function useTimeOffTexts() {
  const { t } = useTranslation('staff')
  const format = useFormat()
  return {
    days: ({ firstDay, lastDay, start, end }: Days): string => {
      if (start !== null && end !== null) return `${format.date(firstDay)}, ${start}–${end}`
      return firstDay === lastDay ? format.date(firstDay) : `${format.date(firstDay)} – ${format.date(lastDay)}`
    },
    amount: (amount: string, unit: TimeOffUnit): string =>
      t(unit === 'HOURS' ? 'timeOff.hours' : 'timeOff.days', { count: Number(amount), amount: format.decimal(amount) }),
  }
}
