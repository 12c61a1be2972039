import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import classes from './Rosters.module.css'
import type { Week } from './roster-week.ts'
import { useRosterTexts } from './use-roster-texts.ts'

/** How far the needs of a day are met, in words. */
export function CoverageList({ week, date }: { week: Week; date: string }) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const coverage = week.coverage.filter((one) => one.date === date)
  if (coverage.length === 0) return <span className={classes.fine}>{t('coverage.none')}</span>
  return (
    <ul className={classes.needs} aria-label={t('coverage.of', { day: texts.day(date) })}>
      {coverage.map((one) => (
        <li key={one.need.id} data-short={one.isMet ? undefined : true}>
          <strong>
            {one.isMet ? <IconCheck size={13} aria-hidden="true" /> : <IconAlertTriangle size={13} aria-hidden="true" />}
            {texts.coverageState(one)}
          </strong>
          {texts.coverage(one)}
        </li>
      ))}
    </ul>
  )
}
