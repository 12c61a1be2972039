import { Button, Select, TextInput } from '@mantine/core'
import { DatePickerInput } from '@mantine/dates'
import { IconSearch, IconX } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { useTypedQuery } from '../../ui/use-typed-query.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import classes from './Audit.module.css'

const route = getRouteApi('/signed-in/compliance/audit')
const ACTIONS = ['read', 'create', 'update', 'delete', 'login', 'refresh', 'logout', 'export']
const OUTCOMES = ['ok', 'refused', 'denied', 'rejected', 'failed']
const TYPES = ['Patient', 'Client', 'Appointment', 'ClinicalNote', 'Invoice', 'Payment', 'Product', 'Lot', 'StockMovement', 'StaffProfile', 'User', 'Role']

/** Every filter is in the address, so that a finding can be sent to a colleague. Changing one leads back to the first page. */
export function AuditFilters() {
  const { t } = useTranslation('audit')
  const label = useCodeLabel()
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/compliance/audit' })
  const change = (part: Partial<typeof search>) => void navigate({ search: (old) => ({ ...old, ...part, after: undefined, entry: undefined }) })
  const { text, type } = useTypedQuery(search.q ?? '', (q) => change({ q: q || undefined }), 300)
  const options = (group: string, codes: readonly string[]) => codes.map((code) => ({ value: code, label: label(group, code) }))
  const isFiltered = Object.values(search).some((value) => value !== undefined)

  return (
    <search aria-label={t('filters')} className={classes.filters}>
      <TextInput
        type="search"
        label={t('filter.query')}
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
        className={classes.query}
      />
      <Select
        label={t('filter.action')}
        placeholder={t('filter.any')}
        clearable
        clearButtonProps={{ 'aria-label': t('filter.clearOne') }}
        data={options('auditAction', ACTIONS)}
        value={search.action ?? null}
        onChange={(action) => change({ action: action ?? undefined })}
      />
      <Select
        label={t('filter.outcome')}
        placeholder={t('filter.any')}
        clearable
        clearButtonProps={{ 'aria-label': t('filter.clearOne') }}
        data={options('outcome', OUTCOMES)}
        value={search.outcome ?? null}
        onChange={(outcome) => change({ outcome: outcome ?? undefined })}
      />
      <Select
        label={t('filter.type')}
        placeholder={t('filter.any')}
        clearable
        searchable
        clearButtonProps={{ 'aria-label': t('filter.clearOne') }}
        data={options('recordType', TYPES)}
        value={search.type ?? null}
        onChange={(type) => change({ type: type ?? undefined })}
      />
      <DatePickerInput
        label={t('filter.from')}
        clearable
        valueFormat="D MMM YYYY"
        value={search.from ?? null}
        onChange={(from) => change({ from: from ?? undefined })}
      />
      <DatePickerInput label={t('filter.to')} clearable valueFormat="D MMM YYYY" value={search.to ?? null} onChange={(to) => change({ to: to ?? undefined })} />
      {isFiltered && (
        <Button variant="subtle" color="gray" leftSection={<IconX size={16} />} onClick={() => void navigate({ search: {} })}>
          {t('filter.clear')}
        </Button>
      )}
    </search>
  )
}
