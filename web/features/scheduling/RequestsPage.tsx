import { Badge, Button, Stack, Table, Tabs, Text } from '@mantine/core'
import { IconCalendarQuestion } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ForbiddenState } from '../../FailureState.tsx'
import type { BookingRequestStatus, RequestFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useFormat } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Page } from '../../ui/Page.tsx'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { BookingPageSettings } from './BookingPageSettings.tsx'
import { RequestDrawer } from './RequestDrawer.tsx'
import { BookingRequestsDocument, RequestFields } from './request-documents.ts'
import { REQUEST_COLOUR } from './request-status.ts'

const route = getRouteApi('/signed-in/schedule/requests')
const STATUS_OF = { requested: 'REQUESTED', confirmed: 'CONFIRMED', declined: 'DECLINED', expired: 'EXPIRED' } as const satisfies Record<
  string,
  BookingRequestStatus
>
type Filter = keyof typeof STATUS_OF
const isFilter = (value: string | null): value is Filter => value !== null && value in STATUS_OF

/** What strangers have asked for on the clinic's page, and the page itself. */
export function RequestsPage() {
  const { t } = useTranslation('booking')
  const can = useCan()
  const { open } = route.useSearch()
  const navigate = useNavigate({ from: '/schedule/requests' })
  const openRequest = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, open: id }), replace: id === undefined, resetScroll: false })
  return (
    <Page title={t('desk.title')} lead={t('desk.lead')}>
      {can('client:read') ? (
        <Stack gap="md">
          <BookingPageSettings />
          <Requests onOpen={openRequest} />
        </Stack>
      ) : (
        <ForbiddenState permission="client:read" roles={[]} />
      )}
      {can('client:read') && <RequestDrawer requestId={open ?? null} onClose={() => openRequest(undefined)} />}
    </Page>
  )
}

function Requests({ onOpen }: { onOpen: (id: string) => void }) {
  const { t } = useTranslation('booking')
  const { status = 'requested' } = route.useSearch()
  const navigate = useNavigate({ from: '/schedule/requests' })
  const [result, retry] = useLiveQuery(['BookingRequest'], { query: BookingRequestsDocument, variables: { statuses: [STATUS_OF[status]] } })
  const choose = (value: string | null) => {
    if (isFilter(value)) void navigate({ search: (old) => ({ ...old, status: value === 'requested' ? undefined : value }), resetScroll: false })
  }
  return (
    <Section title={t('desk.list')}>
      <Tabs value={status} onChange={choose} keepMounted={false}>
        <Tabs.List mb="sm">
          {Object.entries(STATUS_OF).map(([value, code]) => (
            <Tabs.Tab key={value} value={value}>
              {t(`desk.status.${code}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={status}>
          <QueryView result={result} onRetry={retry} skeletonHeight={160}>
            {({ bookingRequests }) => (
              <RequestTable requests={bookingRequests.map((one) => readFragment(RequestFields, one))} status={status} onOpen={onOpen} />
            )}
          </QueryView>
        </Tabs.Panel>
      </Tabs>
    </Section>
  )
}

type RequestTableProps = { requests: readonly RequestFieldsFragment[]; status: Filter; onOpen: (id: string) => void }

function RequestTable({ requests, status, onOpen }: RequestTableProps) {
  const { t } = useTranslation('booking')
  if (requests.length === 0)
    return (
      <StateMessage icon={<IconCalendarQuestion size={34} stroke={1.5} />} title={t(status === 'requested' ? 'desk.empty' : 'desk.noneOf')}>
        {t('desk.emptyText')}
      </StateMessage>
    )
  const columns = [
    { label: t('desk.column.when') },
    { label: t('desk.column.who') },
    { label: t('desk.column.type'), isSecondary: true },
    { label: t('desk.column.state') },
  ]
  return (
    <DataTable label={t('desk.list')} columns={columns}>
      {requests.map((request) => (
        <RequestRow key={request.id} request={request} onOpen={onOpen} />
      ))}
    </DataTable>
  )
}

function RequestRow({ request, onOpen }: { request: RequestFieldsFragment; onOpen: (id: string) => void }) {
  const { t } = useTranslation('booking')
  const format = useFormat()
  const { id, status, startsAt, patientName, contactName, species, type, expiresAt } = request
  const open = t(status === 'REQUESTED' ? 'desk.decide' : 'desk.open')
  return (
    <Table.Tr>
      <Table.Td>
        {format.dateTime(startsAt)}
        <Text size="xs" c="dimmed" hiddenFrom="sm">
          {type.name}
        </Text>
      </Table.Td>
      <Table.Td>
        <Text size="sm" fw={600}>
          {patientName}
        </Text>
        <Text size="xs" c="dimmed">
          {species.name} · {contactName}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">{type.name}</Table.Td>
      <Table.Td>
        {status === 'REQUESTED' ? (
          <Text size="xs" c="dimmed">
            {t('desk.until', { time: format.dateTime(expiresAt) })}
          </Text>
        ) : (
          <Badge color={REQUEST_COLOUR[status]}>{t(`desk.state.${status}`)}</Badge>
        )}
        <div>
          <Button
            mt={4}
            size="compact-sm"
            variant={status === 'REQUESTED' ? 'filled' : 'default'}
            aria-label={`${open}: ${patientName}`}
            onClick={() => onOpen(id)}
          >
            {open}
          </Button>
        </div>
      </Table.Td>
    </Table.Tr>
  )
}
