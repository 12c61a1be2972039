import { Kbd, UnstyledButton } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { Link, Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { useViewer } from '../../session/viewer.ts'
import { Wordmark } from '../../ui/Wordmark.tsx'
import { JobNotices } from '../compliance/JobNotices.tsx'
import { WitnessBanner } from '../witness/WitnessBanner.tsx'
import { AccountMenu } from './AccountMenu.tsx'
import { ClinicSwitcher } from './ClinicSwitcher.tsx'
import { CommandPalette, openPalette } from './CommandPalette.tsx'
import { screensOf } from './navigation.ts'
import { LanguageSwitch, ThemeSwitch } from './PreferenceSwitches.tsx'
import classes from './Shell.module.css'

/** The frame around every screen: a sidebar on wide windows, a bar at the bottom on phones. */
export function Shell() {
  const { t } = useTranslation()
  return (
    <div className={classes.shell}>
      <a href="#content" className={classes.skip}>
        {t('skip')}
      </a>
      <aside className={classes.sidebar}>
        <Link to="/" className={classes.brand} aria-label={t('home')}>
          <Wordmark onDark />
        </Link>
        <Navigation />
        <div className={classes.sidebarFoot}>
          <AccountMenu />
        </div>
      </aside>
      <header className={classes.topbar}>
        <Link to="/" className={classes.brandSmall} aria-label={t('home')}>
          <Wordmark size={22} />
        </Link>
        <ClinicSwitcher />
        <SearchButton />
        <div className={classes.topbarEnd}>
          <LanguageSwitch />
          <ThemeSwitch />
          <div className={classes.onPhone}>
            <AccountMenu isCompact />
          </div>
        </div>
      </header>
      <main id="content" className={classes.content} tabIndex={-1}>
        <WitnessBanner />
        <Outlet />
      </main>
      <CommandPalette />
      <JobNotices />
    </div>
  )
}

// A screen that lies under another's address has an entry of its own.
const EXACT: ReadonlySet<string> = new Set(['/schedule'])

function Navigation() {
  const { t } = useTranslation()
  const screens = screensOf(useViewer())
  return (
    <nav className={classes.nav} aria-label={t('mainNavigation')}>
      {screens.map(({ to, name, icon: Icon }) => (
        <Link key={to} to={to} search={{}} className={classes.link} activeOptions={{ includeSearch: false, exact: EXACT.has(to) }}>
          <Icon size={20} stroke={1.6} aria-hidden="true" />
          <span>{t(`screens.${name}`)}</span>
        </Link>
      ))}
    </nav>
  )
}

function SearchButton() {
  const { t } = useTranslation()
  const isMac = navigator.platform.startsWith('Mac')
  return (
    <UnstyledButton className={classes.search} onClick={openPalette}>
      <IconSearch size={16} stroke={1.8} aria-hidden="true" />
      <span className={classes.searchText}>{t('search.open')}</span>
      <Kbd size="xs" className={classes.searchText}>
        {isMac ? '⌘K' : 'Ctrl K'}
      </Kbd>
    </UnstyledButton>
  )
}
