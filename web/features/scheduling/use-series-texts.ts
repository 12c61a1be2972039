import { useTranslation } from 'react-i18next'

import type { OccurrenceFieldsFragment } from '../../gql/graphql.ts'
import { useFormat } from '../../session/viewer.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { readRule } from './series-rule.ts'
import { useWeekdayNames } from './WeekdayChips.tsx'

/** A series, and what stands in the way of one of its visits, in words. */
export function useSeriesTexts() {
  const { t } = useTranslation('desk')
  const format = useFormat()
  const label = useCodeLabel()
  const nameOf = useWeekdayNames()
  return {
    rule: (rule: string): string => {
      const repeat = readRule(rule)
      if (repeat === null) return t('series.other')
      const { unit, every, weekdays, end } = repeat
      const hasDays = unit === 'week' && weekdays.length > 0
      const often = hasDays
        ? t('series.weekly', { count: every, days: weekdays.map(nameOf).join(', ') })
        : t(unit === 'week' ? 'series.weeklyOnly' : 'series.monthly', { count: every })
      return `${often}, ${end.kind === 'count' ? t('series.times', { count: end.count }) : t('series.untilDate', { date: format.date(end.until) })}`
    },
    when: ({ date, startsAt, endsAt }: Pick<OccurrenceFieldsFragment, 'date' | 'startsAt' | 'endsAt'>): string =>
      `${format.weekdayDate(date)}, ${format.time(startsAt)}–${format.time(endsAt)}`,
    skip: ({ skippedFor, resourceKind, resourceName }: OccurrenceFieldsFragment): string => {
      if (skippedFor === null) return ''
      const name = resourceName ?? (resourceKind === null ? null : label('resourceKind', resourceKind))
      return name === null ? label('obstacle', skippedFor) : `${name}: ${label('obstacle', skippedFor)}`
    },
  }
}
