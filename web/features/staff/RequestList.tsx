import { Badge, Button, Group, SegmentedControl, Select, SimpleGrid, Stack, Table, Text } from '@mantine/core'
import { DatePickerInput } from '@mantine/dates'
import { IconBeach } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TimeOffFieldsFragment, TimeOffRequestsQuery, TimeOffStatus } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useViewer } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { CancelDialog } from './CancelDialog.tsx'
import { TimeOffFields, TimeOffRequestsDocument } from './time-off-documents.ts'
import type { TimeOffSearch } from './time-off-search.ts'
import { useTimeOffTexts } from './use-time-off-texts.ts'

const route = getRouteApi('/signed-in/staff/time-off')
const PAGE_SIZE = 25
const STATUS_OF = { requested: 'REQUESTED', approved: 'APPROVED', refused: 'REFUSED', cancelled: 'CANCELLED' } as const satisfies Record<string, TimeOffStatus>
const COLOUR_OF: Record<TimeOffStatus, string> = { REQUESTED: 'amber', APPROVED: 'pine', REFUSED: 'clay', CANCELLED: 'gray' }

/** One's own requests, or those of the clinic, as the address filters them. */
export function RequestList({ onAsk }: { onAsk: (() => void) | null }) {
  const { t } = useTranslation('staff')
  const can = useCan()
  const { staffId } = useViewer()
  const search = route.useSearch()
  const { status, from, until, after } = search
  const navigate = useNavigate({ from: '/staff/time-off' })
  const change = (part: Partial<TimeOffSearch>) => void navigate({ search: (old) => ({ ...old, after: undefined, ...part }), resetScroll: false })
  const isClinic = can('time-off:read') && (search.whose === 'clinic' || staffId === null)
  const [result, retry] = useLiveQuery(['TimeOffRequest'], {
    query: TimeOffRequestsDocument,
    variables: { staffId: isClinic ? null : staffId, status: status ? STATUS_OF[status] : null, from, until, first: PAGE_SIZE, after, withPerson: isClinic },
  })
  const choice = can('time-off:read') && staffId !== null && (
    <SegmentedControl
      size="xs"
      aria-label={t('timeOff.list.whose')}
      value={isClinic ? 'clinic' : 'mine'}
      onChange={(value) => change({ whose: value === 'clinic' ? 'clinic' : undefined })}
      data={[
        { value: 'mine', label: t('timeOff.list.mine') },
        { value: 'clinic', label: t('timeOff.list.clinic') },
      ]}
    />
  )
  return (
    <Section title={t(isClinic ? 'timeOff.list.titleClinic' : 'timeOff.list.title')} aside={choice}>
      <Stack gap="sm">
        <Filters search={search} onChange={change} />
        <QueryView result={result} onRetry={retry} skeletonHeight={160}>
          {({ timeOffRequests: { edges, pageInfo } }) =>
            edges.length === 0 ? (
              <NothingFound isFiltered={Boolean(status || from || until || after)} onClear={() => change(NO_FILTERS)} onAsk={onAsk} />
            ) : (
              <>
                <Requests edges={edges} isClinic={isClinic} />
                <Group gap="xs">
                  {after !== undefined && (
                    <Button variant="default" onClick={() => change({})}>
                      {t('timeOff.list.first')}
                    </Button>
                  )}
                  {pageInfo.hasNextPage && (
                    <Button variant="default" onClick={() => change({ after: pageInfo.endCursor ?? undefined })}>
                      {t('timeOff.list.older')}
                    </Button>
                  )}
                </Group>
              </>
            )
          }
        </QueryView>
      </Stack>
    </Section>
  )
}

const NO_FILTERS = { status: undefined, from: undefined, until: undefined, after: undefined } as const satisfies Partial<TimeOffSearch>
const isStatus = (value: string | null): value is keyof typeof STATUS_OF => value !== null && value in STATUS_OF

function Filters({ search, onChange }: { search: TimeOffSearch; onChange: (part: Partial<TimeOffSearch>) => void }) {
  const { t } = useTranslation('staff')
  const clear = { 'aria-label': t('timeOff.filter.clearOne') }
  return (
    <search aria-label={t('timeOff.filter.label')}>
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm" maw={640}>
        <Select
          label={t('timeOff.filter.status')}
          placeholder={t('timeOff.filter.any')}
          clearable
          clearButtonProps={clear}
          data={[
            { value: 'requested', label: t('timeOff.status.REQUESTED') },
            { value: 'approved', label: t('timeOff.status.APPROVED') },
            { value: 'refused', label: t('timeOff.status.REFUSED') },
            { value: 'cancelled', label: t('timeOff.status.CANCELLED') },
          ]}
          value={search.status ?? null}
          onChange={(value) => onChange({ status: isStatus(value) ? value : undefined })}
        />
        {(['from', 'until'] as const).map((name) => (
          <DatePickerInput
            key={name}
            label={t(`timeOff.filter.${name}`)}
            placeholder={t('timeOff.filter.any')}
            clearable
            clearButtonProps={clear}
            valueFormat="D MMM YYYY"
            value={search[name] ?? null}
            onChange={(day) => onChange({ [name]: day ?? undefined })}
          />
        ))}
      </SimpleGrid>
    </search>
  )
}

function NothingFound({ isFiltered, onClear, onAsk }: { isFiltered: boolean; onClear: () => void; onAsk: (() => void) | null }) {
  const { t } = useTranslation('staff')
  const ask = onAsk && <Button onClick={onAsk}>{t('timeOff.ask.open')}</Button>
  const clear = (
    <Button variant="default" onClick={onClear}>
      {t('timeOff.filter.clear')}
    </Button>
  )
  return (
    <StateMessage
      icon={<IconBeach size={34} stroke={1.5} />}
      title={t(isFiltered ? 'timeOff.list.noMatch' : 'timeOff.list.empty')}
      action={isFiltered ? clear : ask}
    />
  )
}

type Edges = TimeOffRequestsQuery['timeOffRequests']['edges']

function Requests({ edges, isClinic }: { edges: Edges; isClinic: boolean }) {
  const { t } = useTranslation('staff')
  const [cancelling, setCancelling] = useState<TimeOffFieldsFragment | null>(null)
  const person = isClinic ? [{ label: t('timeOff.column.person') }] : []
  const columns = [
    ...person,
    { label: t('timeOff.column.days') },
    { label: t('timeOff.column.type'), isSecondary: true },
    { label: t('timeOff.column.amount'), isNumeric: true, isSecondary: true },
    { label: t('timeOff.column.status') },
  ]
  return (
    <>
      <DataTable label={t('timeOff.list.title')} columns={columns}>
        {edges.map(({ node }) => (
          <Row key={node.id} request={readFragment(TimeOffFields, node)} person={isClinic ? (node.staff?.name ?? '') : null} onCancel={setCancelling} />
        ))}
      </DataTable>
      <CancelDialog request={cancelling} onClose={() => setCancelling(null)} />
    </>
  )
}

type RowProps = { request: TimeOffFieldsFragment; person: string | null; onCancel: (request: TimeOffFieldsFragment) => void }

function Row({ request, person, onCancel }: RowProps) {
  const { t } = useTranslation('staff')
  const texts = useTimeOffTexts()
  const can = useCan()
  const { status, type } = request
  const amount = texts.amount(request.amount, type.countsAs)
  const isCancellable = status === 'REQUESTED' || (status === 'APPROVED' && new Date(request.startsAt) > new Date())
  return (
    <Table.Tr>
      {person !== null && <Table.Td>{person}</Table.Td>}
      <Table.Td>
        {texts.days(request)}
        <Text size="xs" c="dimmed" hiddenFrom="sm">
          {type.name} · {amount}
        </Text>
        {request.reason && (
          <Text size="xs" c="dimmed">
            {request.reason}
          </Text>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">{type.name}</Table.Td>
      <Table.Td visibleFrom="sm" ta="right">
        {amount}
      </Table.Td>
      <Table.Td>
        <Badge color={COLOUR_OF[status]}>{t(`timeOff.status.${status}`)}</Badge>
        {request.decisionReason && <Text size="xs">{t('timeOff.list.because', { reason: request.decisionReason })}</Text>}
        {isCancellable && (person === null || can('time-off:request')) && (
          <div>
            <Button
              mt={4}
              variant="subtle"
              color="clay"
              size="compact-xs"
              aria-label={t('timeOff.cancel.openFor', { days: texts.days(request) })}
              onClick={() => onCancel(request)}
            >
              {t('timeOff.cancel.open')}
            </Button>
          </div>
        )}
      </Table.Td>
    </Table.Tr>
  )
}
