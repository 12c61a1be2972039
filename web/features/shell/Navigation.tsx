import { Drawer, UnstyledButton } from '@mantine/core'
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { IconMenu2 } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { useViewer } from '../../session/viewer.ts'
import classes from './Navigation.module.css'
import { SCREENS, type Screen, SECTIONS, screensOf } from './navigation.ts'

// A fifth place in the bar at the bottom of a phone is for what does not fit.
const IN_THE_BAR = 4

/** The screens that somebody may open: by section in the sidebar; on phones the first ones in a bar, and all of them behind its end. */
export function Navigation() {
  const isOnPhone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  const screens = screensOf(useViewer())
  return isOnPhone ? <Bar screens={screens} /> : <Sections screens={screens} />
}

function Sections({ screens, onOpen }: { screens: readonly Screen[]; onOpen?: () => void }) {
  const { t } = useTranslation()
  const sections = SECTIONS.map((name) => ({ name, screens: screens.filter(({ section }) => section === name) }))
  return (
    <nav className={classes.sections} aria-label={t('mainNavigation')}>
      {sections
        .filter((section) => section.screens.length > 0)
        .map((section) => (
          <section key={section.name} aria-labelledby={`section-${section.name}`}>
            <h2 id={`section-${section.name}`} className={classes.heading}>
              {t(`sections.${section.name}`)}
            </h2>
            {section.screens.map((screen) => (
              <ScreenLink key={screen.to} screen={screen} onOpen={onOpen} />
            ))}
          </section>
        ))}
    </nav>
  )
}

function Bar({ screens }: { screens: readonly Screen[] }) {
  const { t } = useTranslation()
  const [isOpen, { open, close }] = useDisclosure()
  const first = screens.length > IN_THE_BAR + 1 ? screens.slice(0, IN_THE_BAR) : screens
  return (
    <>
      <nav className={classes.bar} aria-label={t('mainNavigation')}>
        {first.map((screen) => (
          <ScreenLink key={screen.to} screen={screen} />
        ))}
        {first.length < screens.length && (
          <UnstyledButton className={classes.link} onClick={open} aria-haspopup="dialog">
            <IconMenu2 size={20} stroke={1.6} aria-hidden="true" />
            <span>{t('allScreens')}</span>
          </UnstyledButton>
        )}
      </nav>
      <Drawer
        opened={isOpen}
        onClose={close}
        position="bottom"
        size="85%"
        title={t('allScreens')}
        closeButtonProps={{ 'aria-label': t('close') }}
        classNames={{ content: classes.drawer, header: classes.drawer, close: classes.close }}
      >
        <Sections screens={screens} onOpen={close} />
      </Drawer>
    </>
  )
}

function ScreenLink({ screen: { to, name, icon: Icon }, onOpen }: { screen: Screen; onOpen?: (() => void) | undefined }) {
  const { t } = useTranslation()
  // A screen below another one in the address is a place of its own.
  const hasScreensBelow = SCREENS.some((other) => other.to.startsWith(`${to}/`))
  return (
    <Link to={to} search={{}} className={classes.link} activeOptions={{ includeSearch: false, exact: hasScreensBelow }} onClick={onOpen}>
      <Icon size={20} stroke={1.6} aria-hidden="true" />
      <span>{t(`screens.${name}`)}</span>
    </Link>
  )
}
