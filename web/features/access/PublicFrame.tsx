import { Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'

import { Wordmark } from '../../ui/Wordmark.tsx'
import { LanguageMenu, ThemeSwitch } from '../shell/PreferenceSwitches.tsx'
import classes from './PublicFrame.module.css'

/** The frame of the screens that need no session. */
export function PublicFrame({ title, claim, isWide = false, children }: { title: string; claim?: string; isWide?: boolean; children: ReactNode }) {
  const { t } = useTranslation('access')
  useEffect(() => {
    document.title = `${title} · Chiron`
  }, [title])
  return (
    <div className={classes.frame}>
      <header className={classes.band}>
        <Wordmark size={34} onDark />
        <p className={classes.claim}>{claim ?? t('claim')}</p>
      </header>
      <main className={classes.main}>
        <div className={classes.switches}>
          <LanguageMenu />
          <ThemeSwitch />
        </div>
        <div className={classes.card} style={{ maxWidth: isWide ? 520 : 380 }}>
          <Title order={1} mb="md">
            {title}
          </Title>
          {children}
        </div>
      </main>
    </div>
  )
}
