import { Button, Group, Stack } from '@mantine/core'
import { IconMailOff } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ForbiddenState } from '../../FailureState.tsx'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useFormat } from '../../session/viewer.ts'
import { addDays } from '../../ui/dates.ts'
import { Page } from '../../ui/Page.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { instantAt } from '../scheduling/instant-at.ts'
import { MessageDrawer } from './MessageDrawer.tsx'
import { MessageFilters } from './MessageFilters.tsx'
import { MessageTable } from './MessageTable.tsx'
import { MessageFields, MessagesDocument } from './message-documents.ts'
import { CHANNELS, type MessageSearch, NO_FILTERS, STATUSES } from './message-search.ts'

const route = getRouteApi('/signed-in/messages')
const PAGE_SIZE = 50

/** The delivery log of the clinic. */
export function MessagesPage() {
  const { t } = useTranslation('messages')
  const can = useCan()
  return (
    <Page title={t('log.title')} lead={t('log.lead')}>
      {can('message:read') ? <Log /> : <ForbiddenState permission="message:read" roles={['owner', 'clinic_admin', 'manager', 'receptionist']} />}
    </Page>
  )
}

function useLog({ status, channel, client, from, until, after }: MessageSearch) {
  const { timeZone } = useFormat()
  return useLiveQuery(['Message'], {
    query: MessagesDocument,
    variables: {
      status: status ? STATUSES[status] : null,
      channel: channel ? CHANNELS[channel] : null,
      clientId: client ?? null,
      from: from === undefined ? null : instantAt(from, 0, timeZone),
      // The last day counts as a whole.
      to: until === undefined ? null : instantAt(addDays(until, 1), 0, timeZone),
      first: PAGE_SIZE,
      after: after ?? null,
    },
  })
}

function Log() {
  const { t } = useTranslation('messages')
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/messages' })
  const change = (part: Partial<MessageSearch>) =>
    void navigate({ search: (old) => ({ ...old, after: undefined, open: undefined, ...part }), resetScroll: false })
  const open = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, open: id }), replace: id === undefined, resetScroll: false })
  const [result, retry] = useLog(search)
  return (
    <Stack gap="md">
      <MessageFilters search={search} onChange={change} />
      <QueryView result={result} onRetry={retry}>
        {({ messages: { edges, pageInfo } }) => {
          const all = edges.map(({ node }) => readFragment(MessageFields, node))
          return (
            <>
              {all.length === 0 ? <NothingFound search={search} onClear={() => change(NO_FILTERS)} /> : <MessageTable messages={all} onOpen={open} />}
              <Group gap="xs">
                {search.after !== undefined && (
                  <Button variant="default" onClick={() => change({})}>
                    {t('newest')}
                  </Button>
                )}
                {pageInfo.hasNextPage && (
                  <Button variant="default" onClick={() => change({ after: pageInfo.endCursor ?? undefined })}>
                    {t('older')}
                  </Button>
                )}
              </Group>
              <MessageDrawer
                isOpen={search.open !== undefined}
                message={all.find(({ id }) => id === search.open) ?? null}
                onClose={() => open(undefined)}
                onResent={(id) => change({ ...NO_FILTERS, open: id })}
              />
            </>
          )
        }}
      </QueryView>
    </Stack>
  )
}

function NothingFound({ search, onClear }: { search: MessageSearch; onClear: () => void }) {
  const { t } = useTranslation('messages')
  const can = useCan()
  const isFiltered = Boolean(search.status || search.channel || search.client || search.from || search.until || search.after)
  const icon = <IconMailOff size={34} stroke={1.5} />
  if (!isFiltered)
    return (
      <StateMessage
        icon={icon}
        title={t('log.empty')}
        action={
          can('message:manage') && (
            <TextLink to="/settings/templates" search={{ tab: 'rules' }}>
              {t('log.toRules')}
            </TextLink>
          )
        }
      >
        {t('log.emptyText')}
      </StateMessage>
    )
  return (
    <StateMessage
      icon={icon}
      title={t('log.noMatch')}
      action={
        <Button variant="default" onClick={onClear}>
          {t('log.filter.clear')}
        </Button>
      }
    />
  )
}
