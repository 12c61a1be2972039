import { Avatar, Menu, UnstyledButton } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCalendarShare, IconDevicesOff, IconGraph, IconLogout } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import { signOut } from '../../session/session.ts'
import { useViewer } from '../../session/viewer.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { CalendarDialog } from '../calendar/CalendarDialog.tsx'
import { ClockMenuItem } from '../staff/ClockMenuItem.tsx'
import classes from './Shell.module.css'

/** Who is signed in, and the ways out. */
export function AccountMenu({ isCompact = false }: { isCompact?: boolean }) {
  const { t } = useTranslation()
  const [isCalendarOpen, calendar] = useDisclosure(false)
  const label = useCodeLabel()
  const viewer = useViewer()
  const roles = viewer.roles.map((role) => label('role', role)).join(', ')
  const avatar = (
    <Avatar size={30} radius="xl" color="amber" variant="filled" aria-hidden="true">
      {initials(viewer.user.name)}
    </Avatar>
  )
  return (
    <>
      <Menu width={230} position={isCompact ? 'bottom-end' : 'top-start'}>
        <Menu.Target>
          {isCompact ? (
            <UnstyledButton>
              {avatar}
              <span className="visually-hidden">{t('account.open', { name: viewer.user.name })}</span>
            </UnstyledButton>
          ) : (
            <UnstyledButton className={classes.account}>
              {avatar}
              <span className={classes.accountText}>
                <span>{viewer.user.name}</span>
                <span>{roles}</span>
              </span>
            </UnstyledButton>
          )}
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{isCompact ? viewer.user.name : roles}</Menu.Label>
          <ClockMenuItem />
          <Menu.Item leftSection={<IconCalendarShare size={16} />} onClick={calendar.open}>
            {t('account.calendars')}
          </Menu.Item>
          {viewer.permissions.includes('graphql:adhoc') && (
            <Menu.Item component="a" href="/graphiql" target="_blank" leftSection={<IconGraph size={16} />}>
              GraphiQL
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut('signedOut')}>
            {t('account.signOut')}
          </Menu.Item>
          <Menu.Item leftSection={<IconDevicesOff size={16} />} onClick={() => void signOut('signedOut', true)}>
            {t('account.signOutEverywhere')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <CalendarDialog isOpen={isCalendarOpen} onClose={calendar.close} />
    </>
  )
}

function initials(name: string): string {
  const words = name.replace(/^(Dra?|MVZ|Lic)\.?\s+/i, '').split(/\s+/)
  return `${words[0]?.charAt(0) ?? ''}${words[1]?.charAt(0) ?? ''}`.toUpperCase()
}
