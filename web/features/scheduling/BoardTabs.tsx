import { Group } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import classes from './Board.module.css'

/** The two ways to look at the house: by visit, and by room and person. */
export function BoardTabs() {
  const { t } = useTranslation('board')
  return (
    <Group component="nav" gap={4} aria-label={t('tabs.label')} className={classes.tabs}>
      <Link to="/board" search={{}} activeOptions={{ exact: true, includeSearch: false }}>
        {t('tabs.visits')}
      </Link>
      <Link to="/board/capacity" activeOptions={{ exact: true, includeSearch: false }}>
        {t('tabs.capacity')}
      </Link>
    </Group>
  )
}
