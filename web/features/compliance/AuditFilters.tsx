import { Button, Pill, Select, TextInput } from '@mantine/core'
import { DatePickerInput } from '@mantine/dates'
import { useDisclosure } from '@mantine/hooks'
import { IconFilter, IconSearch, IconX } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { AuditEntryFieldsFragment } from '../../gql/graphql.ts'
import { useTypedQuery } from '../../ui/use-typed-query.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import classes from './Audit.module.css'
import { type AuditSearch, filterOf } from './audit-search.ts'

const route = getRouteApi('/signed-in/compliance/audit')
const CHOICES = [
  { name: 'action', group: 'auditAction', codes: ['read', 'create', 'update', 'delete', 'login', 'refresh', 'logout', 'export'] },
  {
    name: 'type',
    group: 'recordType',
    codes: [
      'Patient',
      'Client',
      'Appointment',
      'ClinicalNote',
      'Invoice',
      'Payment',
      'Product',
      'Lot',
      'StockMovement',
      'StaffProfile',
      'User',
      'Role',
      'AuditEntry',
    ],
  },
  { name: 'class', group: 'dataClass', codes: ['medical', 'financial', 'controlled', 'personal', 'compliance', 'operational'] },
  {
    name: 'role',
    group: 'role',
    codes: ['super_admin', 'owner', 'clinic_admin', 'manager', 'veterinarian', 'assistant', 'receptionist', 'groomer', 'compliance_officer'],
  },
  { name: 'origin', group: 'origin', codes: ['web', 'graphql', 'graphiql', 'file', 'cli', 'job', 'demo'] },
  { name: 'outcome', group: 'outcome', codes: ['ok', 'refused', 'denied', 'rejected', 'failed'] },
] as const

/** Every filter is in the address, so that a finding can be sent to a colleague. Changing one leads back to the first page. */
export function AuditFilters({ entries }: { entries: readonly AuditEntryFieldsFragment[] }) {
  const { t } = useTranslation('audit')
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/compliance/audit' })
  const [isOpen, { toggle }] = useDisclosure(false)
  const change = (part: Partial<AuditSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...part, after: undefined, before: undefined, entry: undefined }), resetScroll: false })
  const query = useTypedQuery(search.q ?? '', (q) => change({ q: q || undefined }), 300)
  const address = useTypedQuery(search.address ?? '', (text) => change({ address: text || undefined }), 500)
  const count = Object.values(filterOf(search)).filter((value) => value !== undefined).length
  return (
    <search aria-label={t('filters')} className={classes.search}>
      <div className={classes.query}>
        <TextInput
          type="search"
          label={t('filter.query')}
          leftSection={<IconSearch size={16} />}
          value={query.text}
          onChange={(event) => query.type(event.currentTarget.value)}
          style={{ flex: 1 }}
        />
        <Button variant="default" className={classes.onPhone} leftSection={<IconFilter size={16} />} aria-expanded={isOpen} onClick={toggle}>
          {count > 0 ? t('filter.showCount', { count }) : t('filter.show')}
        </Button>
      </div>
      <div className={classes.filters} data-open={isOpen}>
        {CHOICES.map((choice) => (
          <Choice key={choice.name} {...choice} value={search[choice.name]} onChange={(value) => change({ [choice.name]: value })} />
        ))}
        <TextInput label={t('filter.address')} value={address.text} onChange={(event) => address.type(event.currentTarget.value)} />
        <Day label={t('filter.from')} value={search.from} onChange={(from) => change({ from })} />
        <Day label={t('filter.to')} value={search.to} onChange={(to) => change({ to })} />
      </div>
      <Chips entries={entries} onRemove={(name) => change({ [name]: undefined })} />
      {count > 0 && (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconX size={16} />}
          onClick={() => void navigate({ search: {}, resetScroll: false })}
          className={classes.clear}
        >
          {t('filter.clear')}
        </Button>
      )}
    </search>
  )
}

type ChoiceProps = {
  name: (typeof CHOICES)[number]['name']
  group: string
  codes: readonly string[]
  value: string | undefined
  onChange: (value: string | undefined) => void
}

function Choice({ name, group, codes, value, onChange }: ChoiceProps) {
  const { t } = useTranslation('audit')
  const label = useCodeLabel()
  return (
    <Select
      label={t(`filter.${name}`)}
      placeholder={t('filter.any')}
      clearable
      searchable={codes.length > 8}
      clearButtonProps={{ 'aria-label': t('filter.clearOne') }}
      data={codes.map((code) => ({ value: code, label: label(group, code) }))}
      value={value ?? null}
      onChange={(chosen) => onChange(chosen ?? undefined)}
    />
  )
}

function Day({ label, value, onChange }: { label: string; value: string | undefined; onChange: (value: string | undefined) => void }) {
  const { t } = useTranslation('audit')
  return (
    <DatePickerInput
      label={label}
      placeholder={t('filter.any')}
      clearable
      clearButtonProps={{ 'aria-label': t('filter.clearOne') }}
      valueFormat="D MMM YYYY"
      value={value ?? null}
      onChange={(day) => onChange(day ?? undefined)}
    />
  )
}

const IDS = ['subjectId', 'recordId', 'userId', 'sessionId', 'requestId'] as const

/** Filters that are chosen in an entry or on a record, by name where the entries know one. */
function Chips({ entries, onRemove }: { entries: readonly AuditEntryFieldsFragment[]; onRemove: (name: (typeof IDS)[number]) => void }) {
  const { t } = useTranslation('audit')
  const search = route.useSearch()
  const chosen = IDS.flatMap((name) => (search[name] === undefined ? [] : [{ name, id: search[name] }]))
  if (chosen.length === 0) return null
  return (
    <Pill.Group>
      {chosen.map(({ name, id }) => (
        <Pill
          key={name}
          size="md"
          withRemoveButton
          onRemove={() => onRemove(name)}
          removeButtonProps={{ 'aria-label': t('filter.remove', { name: t(`filter.${name}`) }), 'aria-hidden': false, tabIndex: 0 }}
          title={id}
        >
          {t(`filter.${name}`)}: {knownName(entries, name, id) ?? <code>{id.slice(-12)}</code>}
        </Pill>
      ))}
    </Pill.Group>
  )
}

function knownName(entries: readonly AuditEntryFieldsFragment[], name: (typeof IDS)[number], id: string): string | null {
  if (name === 'userId') return entries.find((entry) => entry.userId === id)?.userName ?? null
  if (name !== 'subjectId' && name !== 'recordId') return null
  return entries.flatMap(({ records }) => records).find((record) => record.recordId === id && record.label !== null)?.label ?? null
}
