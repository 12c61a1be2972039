import { Button, Group, Stack, Text } from '@mantine/core'
import { IconBellOff } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan } from '../../session/viewer.ts'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { NotificationItem } from './NotificationItem.tsx'
import classes from './Notifications.module.css'
import { MarkNotificationsRead, NotificationFields, NotificationsDocument, UnreadNotifications } from './notification-documents.ts'

const PAGE_SIZE = 20

/** What the product has told the reader at this clinic, newest first. */
export function NotificationList({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation('messages')
  const can = useCan()
  const textOf = useFailureText()
  const [after, setAfter] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const variables = { first: PAGE_SIZE, after, withVisits: can('appointment:read') }
  const [result, retry] = useLiveQuery(['Notification'], { query: NotificationsDocument, variables })
  const [{ data: unread }] = useQuery({ query: UnreadNotifications })
  const count = unread?.unreadNotificationCount ?? 0
  const { run, isRunning } = useCommand(MarkNotificationsRead, (data) => data.markNotificationsRead)

  /** Those named, or all. */
  async function markRead(ids: string[] | null) {
    const { payload, failure } = await run({ ids })
    setProblem(payload?.__typename === 'NotificationsRead' ? null : textOf(payload === null ? failure : refusal(payload)))
  }

  return (
    <QueryView result={result} onRetry={retry}>
      {({ notifications: { edges, pageInfo } }) => {
        const all = edges.map(({ node }) => readFragment(NotificationFields, node))
        if (all.length === 0)
          return (
            <StateMessage icon={<IconBellOff size={34} stroke={1.5} />} title={t('notifications.empty')}>
              {t('notifications.emptyText')}
            </StateMessage>
          )
        return (
          <Stack gap="sm">
            {problem !== null && (
              <Text role="alert" c="var(--mantine-color-error)" size="sm">
                {problem}
              </Text>
            )}
            {/* Also those on older pages. */}
            {count > 0 && (
              <Button variant="default" size="compact-sm" loading={isRunning} onClick={() => void markRead(null)} style={{ alignSelf: 'flex-end' }}>
                {t('notifications.markAll')}
              </Button>
            )}
            <ul className={classes.list} aria-label={t('notifications.title')}>
              {all.map((notification) => (
                <NotificationItem key={notification.id} notification={notification} onRead={() => void markRead([notification.id])} onLeave={onLeave} />
              ))}
            </ul>
            <Group gap="xs">
              {after !== null && (
                <Button variant="default" onClick={() => setAfter(null)}>
                  {t('newest')}
                </Button>
              )}
              {pageInfo.hasNextPage && (
                <Button variant="default" onClick={() => setAfter(pageInfo.endCursor)}>
                  {t('older')}
                </Button>
              )}
            </Group>
          </Stack>
        )
      }}
    </QueryView>
  )
}
