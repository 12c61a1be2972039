import { Select, SimpleGrid } from '@mantine/core'
import { DatePickerInput } from '@mantine/dates'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { useCodeLabel } from '../../use-code-label.ts'
import { FindRecipients, RecipientName } from './message-documents.ts'
import { CHANNELS, isChannel, isStatus, type MessageSearch, STATUSES } from './message-search.ts'

type FiltersProps = { search: MessageSearch; onChange: (part: Partial<MessageSearch>) => void }

/** Every filter is in the address. */
export function MessageFilters({ search, onChange }: FiltersProps) {
  const { t } = useTranslation('messages')
  const label = useCodeLabel()
  const clear = { 'aria-label': t('log.filter.clearOne') }
  return (
    <search aria-label={t('log.filter.label')}>
      <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm">
        <Select
          label={t('log.filter.status')}
          placeholder={t('log.filter.any')}
          clearable
          clearButtonProps={clear}
          data={Object.entries(STATUSES).map(([value, code]) => ({ value, label: label('messageStatus', code) }))}
          value={search.status ?? null}
          onChange={(value) => onChange({ status: isStatus(value) ? value : undefined })}
        />
        <Select
          label={t('log.filter.channel')}
          placeholder={t('log.filter.any')}
          clearable
          clearButtonProps={clear}
          data={Object.entries(CHANNELS).map(([value, code]) => ({ value, label: label('messageChannel', code) }))}
          value={search.channel ?? null}
          onChange={(value) => onChange({ channel: isChannel(value) ? value : undefined })}
        />
        {(['from', 'until'] as const).map((name) => (
          <DatePickerInput
            key={name}
            label={t(`log.filter.${name}`)}
            placeholder={t('log.filter.anyDay')}
            clearable
            clearButtonProps={clear}
            valueFormat="D MMM YYYY"
            value={search[name] ?? null}
            onChange={(day) => onChange({ [name]: day ?? undefined })}
          />
        ))}
        <ClientFilter client={search.client} onChange={(client) => onChange({ client })} />
      </SimpleGrid>
    </search>
  )
}

/** Finds an owner while typing; the address knows them by id alone. */
function ClientFilter({ client, onChange }: { client: string | undefined; onChange: (client: string | undefined) => void }) {
  const { t } = useTranslation('messages')
  const [text, setText] = useState('')
  const [wanted] = useDebouncedValue(text.trim(), 200)
  const [{ data: chosen }] = useQuery({ query: RecipientName, variables: { id: client ?? '' }, pause: client === undefined })
  const name = client === undefined ? undefined : chosen?.client?.name
  const isSearching = wanted.length >= 2 && wanted !== name
  const [{ data: found }] = useQuery({ query: FindRecipients, variables: { query: wanted }, pause: !isSearching })
  const matches = isSearching
    ? (found?.clients.edges ?? []).map(({ node }) => ({ value: node.id, label: node.phone ? `${node.name} · ${node.phone}` : node.name }))
    : []
  const own = client !== undefined && name !== undefined ? [{ value: client, label: name }] : []
  return (
    <Select
      label={t('log.filter.client')}
      placeholder={t('log.filter.clientPlaceholder')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('log.filter.clearOne') }}
      // The server has filtered already, by the phone as well.
      filter={({ options }) => options}
      nothingFoundMessage={isSearching ? t('log.filter.noClient') : undefined}
      data={[...own, ...matches.filter(({ value }) => value !== client)]}
      onSearchChange={setText}
      value={client ?? null}
      onChange={(value) => onChange(value ?? undefined)}
    />
  )
}
