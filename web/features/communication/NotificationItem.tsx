import { ActionIcon, Text } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { NotificationFieldsFragment } from '../../gql/graphql.ts'
import { useFormat, useViewer } from '../../session/viewer.ts'
import { dateIn, isDate } from '../../ui/dates.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { screensOf } from '../shell/navigation.ts'
import classes from './Notifications.module.css'
import { iconOf, screenOf } from './notification-kinds.ts'

type ItemProps = { notification: NotificationFieldsFragment; onRead: () => void; onLeave: () => void }

/** One notification, which leads to what it is about. Whoever follows it has read it. */
export function NotificationItem({ notification, onRead, onLeave }: ItemProps) {
  const { t } = useTranslation('messages')
  const format = useFormat()
  const title = useTitle(notification)
  const isUnread = notification.readAt === null
  const Icon = iconOf(notification.kind)
  const follow = () => {
    if (isUnread) onRead()
    onLeave()
  }
  return (
    <li className={classes.item} data-unread={isUnread}>
      <Destination notification={notification} onFollow={follow}>
        <Icon size={20} stroke={1.6} aria-hidden="true" className={classes.icon} />
        <span className={classes.text}>
          <Text span fw={isUnread ? 650 : 400}>
            {isUnread && <span className="visually-hidden">{t('notifications.unread')} </span>}
            {title}
          </Text>
          <About notification={notification} />
          <Text span size="xs" c="dimmed">
            {format.dateTime(notification.createdAt)}
          </Text>
        </span>
      </Destination>
      {isUnread && (
        <ActionIcon variant="subtle" color="gray" aria-label={t('notifications.markRead', { title })} title={t('notifications.markOne')} onClick={onRead}>
          <IconCheck size={17} />
        </ActionIcon>
      )}
    </li>
  )
}

function useTitle({ kind, appointment, params }: NotificationFieldsFragment): string {
  const { t, i18n } = useTranslation('messages')
  const label = useCodeLabel()
  if (i18n.exists(`codes:notification.${kind}`)) return label('notification', kind)
  const isAboutVisit = Boolean(appointment) || params.some(({ name }) => name === 'appointmentId')
  return t(isAboutVisit ? 'notifications.aboutVisit' : 'notifications.other')
}

function About({ notification: { appointment, params } }: { notification: NotificationFieldsFragment }) {
  const format = useFormat()
  const paramOf = (wanted: string) => params.find(({ name }) => name === wanted)?.value
  const startsAt = appointment?.startsAt ?? paramOf('startsAt')
  const days = ['expiresOn', 'weekStart'].map(paramOf).filter(isDate)
  const parts = [appointment?.patient.name, appointment?.type.name, startsAt === undefined ? undefined : format.dateTime(startsAt), ...days.map(format.date)]
  const text = parts.filter((part) => part !== undefined).join(' · ')
  if (text === '') return null
  return (
    <Text span size="sm">
      {text}
    </Text>
  )
}

type DestinationProps = { notification: NotificationFieldsFragment; onFollow: () => void; children: ReactNode }

function Destination({ notification: { kind, appointment }, onFollow, children }: DestinationProps) {
  const format = useFormat()
  const screens = screensOf(useViewer())
  if (appointment)
    return (
      <Link
        to="/schedule"
        search={{ date: dateIn(format.timeZone, new Date(appointment.startsAt)), open: appointment.id }}
        className={classes.link}
        onClick={onFollow}
      >
        {children}
      </Link>
    )
  const to = screenOf(kind, screens)
  if (to === null) return <div className={classes.link}>{children}</div>
  return (
    <Link to={to} search={{}} className={classes.link} onClick={onFollow}>
      {children}
    </Link>
  )
}
