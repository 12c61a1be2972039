import { ActionIcon, Divider, Drawer, Indicator, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconBell } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { useViewer } from '../../session/viewer.ts'
import { MyMail } from './MyMail.tsx'
import { NotificationList } from './NotificationList.tsx'
import { UnreadNotifications } from './notification-documents.ts'

const MOST_SHOWN = 99

/** How much the product has to tell the person who is signed in, and the way to it. */
export function NotificationBell() {
  const { t } = useTranslation('messages')
  const viewer = useViewer()
  const [isOpen, { open, close }] = useDisclosure(false)
  const [{ data }] = useLiveQuery(['Notification'], { query: UnreadNotifications })
  const count = data?.unreadNotificationCount ?? 0
  return (
    <>
      <Indicator
        label={count > MOST_SHOWN ? `${MOST_SHOWN}+` : count}
        disabled={count === 0}
        size={17}
        offset={6}
        color="clay"
        attributes={{ indicator: { 'aria-hidden': true } }}
      >
        <ActionIcon
          variant="subtle"
          color="gray"
          size={34}
          onClick={open}
          aria-haspopup="dialog"
          aria-label={count === 0 ? t('notifications.open') : t('notifications.openUnread', { count })}
        >
          <IconBell size={18} stroke={1.7} />
        </ActionIcon>
      </Indicator>
      <Drawer opened={isOpen} onClose={close} title={t('notifications.title')} closeButtonProps={{ 'aria-label': t('close') }}>
        {isOpen && (
          <Stack gap="lg">
            <NotificationList onLeave={close} />
            {viewer.staffId !== null && (
              <>
                <Divider />
                <MyMail />
              </>
            )}
          </Stack>
        )}
      </Drawer>
    </>
  )
}
