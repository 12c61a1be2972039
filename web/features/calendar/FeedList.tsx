import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconCalendarOff } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import type { FeedFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { CalendarFeedsDocument, FeedFields, RevokeCalendarFeed } from './calendar-documents.ts'
import classes from './Feeds.module.css'

const PAGE_SIZE = 20

/** Addresses in force: one's own, and those of others and of rooms for whoever may plan. */
export function FeedList() {
  const { t } = useTranslation('feeds')
  const [after, setAfter] = useState<string | null>(null)
  const [result, retry] = useQuery({ query: CalendarFeedsDocument, variables: { first: PAGE_SIZE, after } })
  return (
    <section aria-labelledby="feeds-in-force">
      <Title order={3} id="feeds-in-force" mb={6}>
        {t('list')}
      </Title>
      <QueryView result={result} onRetry={retry} skeletonHeight={70}>
        {({ calendarFeeds: { edges, pageInfo } }) =>
          edges.length === 0 ? (
            <StateMessage icon={<IconCalendarOff size={34} stroke={1.5} />} title={t('empty')}>
              {t('emptyText')}
            </StateMessage>
          ) : (
            <>
              <ul className={classes.list}>
                {edges.map(({ node }) => (
                  <Feed key={node.id} feed={readFragment(FeedFields, node)} />
                ))}
              </ul>
              <Group gap="xs" mt="sm">
                {after !== null && (
                  <Button variant="default" size="compact-sm" onClick={() => setAfter(null)}>
                    {t('newest')}
                  </Button>
                )}
                {pageInfo.hasNextPage && (
                  <Button variant="default" size="compact-sm" onClick={() => setAfter(pageInfo.endCursor)}>
                    {t('older')}
                  </Button>
                )}
              </Group>
            </>
          )
        }
      </QueryView>
    </section>
  )
}

function Feed({ feed }: { feed: FeedFieldsFragment }) {
  const { t } = useTranslation('feeds')
  const format = useFormat()
  const [isAsking, setAsking] = useState(false)
  const { name, kind, createdByName, createdAt, lastReadAt } = feed
  return (
    <li className={classes.feed}>
      <Group justify="space-between" align="start" gap="xs" wrap="nowrap">
        <div style={{ minWidth: 0 }}>
          <Text fw={600}>{name}</Text>
          <Text size="xs" c="dimmed">
            {t(kind === 'room' ? 'kind.room' : 'kind.staff')} · {t('createdBy', { name: createdByName, date: format.dateOfInstant(createdAt) })}
          </Text>
          <Text size="xs" c="dimmed">
            {lastReadAt === null ? t('neverRead') : t('lastRead', { date: format.dateTime(lastReadAt) })}
          </Text>
        </div>
        {!isAsking && (
          <Button
            variant="subtle"
            color="clay"
            size="compact-sm"
            aria-label={t('revoke.openFor', { name })}
            onClick={() => setAsking(true)}
            style={{ flex: 'none' }}
          >
            {t('revoke.open')}
          </Button>
        )}
      </Group>
      {isAsking && <Revoke feed={feed} onClose={() => setAsking(false)} />}
    </li>
  )
}

/** In the list itself: a dialog above a dialog would hide what is being asked about. */
function Revoke({ feed: { id, name }, onClose }: { feed: FeedFieldsFragment; onClose: () => void }) {
  const { t } = useTranslation('feeds')
  const textOf = useFailureText()
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(RevokeCalendarFeed, (data) => data.revokeCalendarFeed)

  async function revoke() {
    const { payload, failure } = await run({ input: { id } })
    if (payload?.__typename !== 'CalendarFeed') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('revoke.done', { name }) })
    onClose()
  }

  return (
    <Alert role="alertdialog" aria-label={t('revoke.openFor', { name })} color="clay" variant="light" mt="xs">
      <Stack gap="sm">
        {t('revoke.text')}
        {problem !== null && <Text size="sm">{problem}</Text>}
        <Group gap="xs">
          <Button color="clay" size="compact-sm" loading={isRunning} onClick={() => void revoke()}>
            {t('revoke.submit')}
          </Button>
          <Button variant="default" size="compact-sm" onClick={onClose} data-autofocus>
            {t('revoke.keep')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
