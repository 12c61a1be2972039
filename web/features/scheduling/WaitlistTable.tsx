import { Badge, Button, Modal, Select, Stack, Table, Text } from '@mantine/core'
import { IconListDetails } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { refusal } from '../../failure.ts'
import type { WaitlistFieldsFragment, WaitlistStatus } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useFormat } from '../../session/viewer.ts'
import { ConfirmForm } from '../../ui/ConfirmForm.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { WAITLIST_TYPES } from './OpenOffers.tsx'
import { useWishText } from './use-wish-text.ts'
import { WaitlistDocument, WaitlistFields, WithdrawFromWaitlist } from './waitlist-documents.ts'
import { WAITLIST_STATUS_OF } from './waitlist-search.ts'

const route = getRouteApi('/signed-in/schedule/waitlist')
/** The API answers no more at once. */
const MOST = 200
const WHO_WAIT: readonly WaitlistStatus[] = ['WAITING', 'OFFERED']
const COLOUR_OF: Record<WaitlistStatus, string> = { WAITING: 'amber', OFFERED: 'pine', BOOKED: 'pine', WITHDRAWN: 'gray', EXPIRED: 'gray' }
const isStatus = (value: string | null): value is keyof typeof WAITLIST_STATUS_OF => value !== null && value in WAITLIST_STATUS_OF

/** Who waits, by priority and then by age, as the address filters them. */
export function WaitlistTable({ onAdd }: { onAdd: (() => void) | null }) {
  const { t } = useTranslation('desk')
  const { status } = route.useSearch()
  const [withdrawing, setWithdrawing] = useState<WaitlistFieldsFragment | null>(null)
  const columns = useColumns()
  const statuses = status === undefined ? [...WHO_WAIT] : [WAITLIST_STATUS_OF[status]]
  const [result, retry] = useLiveQuery(WAITLIST_TYPES, { query: WaitlistDocument, variables: { statuses } })
  return (
    <Section title={t('waitlist.list')}>
      <Stack gap="sm">
        <StatusFilter />
        <QueryView result={result} onRetry={retry} skeletonHeight={160}>
          {({ waitlist }) =>
            waitlist.length === 0 ? (
              <Nobody isFiltered={status !== undefined} onAdd={onAdd} />
            ) : (
              <>
                <DataTable label={t('waitlist.list')} columns={columns}>
                  {waitlist.map((masked) => {
                    const entry = readFragment(WaitlistFields, masked)
                    return <Row key={entry.id} entry={entry} onWithdraw={() => setWithdrawing(entry)} />
                  })}
                </DataTable>
                {waitlist.length === MOST && (
                  <Text size="sm" c="dimmed">
                    {t('waitlist.more', { shown: MOST })}
                  </Text>
                )}
              </>
            )
          }
        </QueryView>
      </Stack>
      <Modal
        opened={withdrawing !== null}
        onClose={() => setWithdrawing(null)}
        title={t('waitlist.withdrawTitle')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {withdrawing !== null && <WithdrawForm key={withdrawing.id} entry={withdrawing} onClose={() => setWithdrawing(null)} />}
      </Modal>
    </Section>
  )
}

function useColumns() {
  const { t } = useTranslation('desk')
  return [
    { label: t('waitlist.column.patient') },
    { label: t('waitlist.column.wish'), isSecondary: true },
    { label: t('waitlist.column.priority'), isNumeric: true, isSecondary: true },
    { label: t('waitlist.column.since'), isSecondary: true },
    { label: t('waitlist.column.status') },
  ]
}

function StatusFilter() {
  const { t } = useTranslation('desk')
  const { status } = route.useSearch()
  const navigate = useNavigate({ from: '/schedule/waitlist' })
  const names = Object.entries(WAITLIST_STATUS_OF).map(([value, code]) => ({ value, label: t(`waitlist.status.${code}`) }))
  return (
    <search aria-label={t('waitlist.filter')}>
      <Select
        label={t('waitlist.column.status')}
        placeholder={t('waitlist.whoWait')}
        maw={280}
        clearable
        clearButtonProps={{ 'aria-label': t('waitlist.whoWait') }}
        data={names}
        value={status ?? null}
        onChange={(value) => void navigate({ search: { status: isStatus(value) ? value : undefined }, resetScroll: false })}
      />
    </search>
  )
}

function Nobody({ isFiltered, onAdd }: { isFiltered: boolean; onAdd: (() => void) | null }) {
  const { t } = useTranslation('desk')
  const icon = <IconListDetails size={34} stroke={1.5} />
  if (isFiltered)
    return (
      <StateMessage
        icon={icon}
        title={t('waitlist.noMatch')}
        action={
          <TextLink to="/schedule/waitlist" search={{}}>
            {t('waitlist.showAll')}
          </TextLink>
        }
      />
    )
  return (
    <StateMessage icon={icon} title={t('waitlist.empty')} action={onAdd && <Button onClick={onAdd}>{t('waitlist.add')}</Button>}>
      {t('waitlist.emptyText')}
    </StateMessage>
  )
}

function Row({ entry, onWithdraw }: { entry: WaitlistFieldsFragment; onWithdraw: () => void }) {
  const { t } = useTranslation('desk')
  const format = useFormat()
  const can = useCan()
  const wish = useWishText()(entry)
  const { patient, type, status, priority, note } = entry
  return (
    <Table.Tr>
      <Table.Td>
        <TextLink to="/patients/$id" params={{ id: patient.id }} search={{}}>
          {patient.name}
        </TextLink>{' '}
        · {type.name}
        <Text size="xs" c="dimmed">
          {patient.client.name}
          {patient.client.phone !== null && ` · ${patient.client.phone}`}
        </Text>
        <Text size="xs" c="dimmed" hiddenFrom="sm">
          {wish} · {t('waitlist.priorityOf', { priority })}
        </Text>
        {note !== null && <Text size="xs">{note}</Text>}
      </Table.Td>
      <Table.Td visibleFrom="sm">{wish}</Table.Td>
      <Table.Td visibleFrom="sm" ta="right">
        {priority}
      </Table.Td>
      <Table.Td visibleFrom="sm">{format.dateOfInstant(entry.waitingSince)}</Table.Td>
      <Table.Td>
        <Badge color={COLOUR_OF[status]} miw="max-content">
          {t(`waitlist.status.${status}`)}
        </Badge>
        {WHO_WAIT.includes(status) && can('appointment:update') && (
          <div>
            <Button
              mt={4}
              variant="subtle"
              color="clay"
              size="compact-xs"
              px={0}
              aria-label={t('waitlist.withdrawFor', { name: patient.name })}
              onClick={onWithdraw}
            >
              {t('waitlist.withdraw')}
            </Button>
          </div>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

function WithdrawForm({ entry, onClose }: { entry: WaitlistFieldsFragment; onClose: () => void }) {
  const { t } = useTranslation('desk')
  const textOf = useFailureText()
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(WithdrawFromWaitlist, (data) => data.withdrawFromWaitlist)
  const { id, version, patient, type } = entry

  async function withdraw() {
    const { payload, failure } = await run({ input: { id, version } })
    if (payload?.__typename !== 'WaitlistEntry') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('waitlist.withdrawn', { name: patient.name }) })
    onClose()
  }

  return (
    <ConfirmForm
      problem={problem}
      submit={t('waitlist.withdrawSubmit')}
      keep={t('waitlist.keep')}
      isRunning={isRunning}
      onSubmit={() => void withdraw()}
      onClose={onClose}
    >
      <Text size="sm">{t('waitlist.withdrawText', { name: patient.name, type: type.name })}</Text>
      {entry.status === 'OFFERED' && <Text size="sm">{t('waitlist.withdrawOffered')}</Text>}
    </ConfirmForm>
  )
}
