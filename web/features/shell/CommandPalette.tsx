import { useDebouncedValue } from '@mantine/hooks'
import { createSpotlight, Spotlight } from '@mantine/spotlight'
import { IconPaw, IconSearch } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { useCan, useViewer } from '../../session/viewer.ts'
import { usePatientSearch } from '../patients/use-patient-search.ts'
import { ArrivalActions } from '../scheduling/ArrivalActions.tsx'
import { screensOf } from './navigation.ts'

const [store, actions] = createSpotlight()

export const openPalette = actions.open

/** ⌘K / Ctrl-K from anywhere: screens by name, patients by name, record number, owner or phone. */
export function CommandPalette() {
  const { t } = useTranslation()
  const [query, setQuery] = useState('')
  return (
    <Spotlight.Root
      attributes={{ content: { 'aria-label': t('search.open') } }}
      store={store}
      query={query}
      onQueryChange={setQuery}
      shortcut={['mod + K']}
      clearQueryOnClose
      scrollable
      maxHeight={380}
    >
      <Spotlight.Search placeholder={t('search.placeholder')} aria-label={t('search.placeholder')} leftSection={<IconSearch size={18} stroke={1.7} />} />
      <Spotlight.ActionsList>
        <ScreenActions query={query} />
        <Arrivals query={query} />
        <PatientActions query={query} />
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

function ScreenActions({ query }: { query: string }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const wanted = plain(query)
  const screens = screensOf(useViewer()).filter((screen) => plain(t(`screens.${screen.name}`)).includes(wanted))
  if (screens.length === 0) return null
  return (
    <Spotlight.ActionsGroup label={t('search.screens')}>
      {screens.map(({ to, name, icon: Icon }) => (
        <Spotlight.Action
          key={to}
          label={t(`screens.${name}`)}
          leftSection={<Icon size={18} stroke={1.6} aria-hidden="true" />}
          onClick={() => void navigate({ to, search: {} })}
        />
      ))}
    </Spotlight.ActionsGroup>
  )
}

function Arrivals({ query }: { query: string }) {
  const can = useCan()
  const wanted = plain(query)
  if (wanted.length < 2 || !can('appointment:read') || !can('appointment:update')) return null
  return <ArrivalActions matches={(text) => plain(text).includes(wanted)} />
}

function PatientActions({ query }: { query: string }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const can = useCan()
  const [wanted] = useDebouncedValue(query.trim(), 150)
  const { patients, isSearching } = usePatientSearch(can('patient:read') ? wanted : '', 8)
  if (wanted.length < 2) return null
  if (patients.length === 0) return isSearching ? null : <Spotlight.Empty>{t('search.nothing')}</Spotlight.Empty>
  return (
    <Spotlight.ActionsGroup label={t('search.patients')}>
      {patients.map((patient) => (
        <Spotlight.Action
          key={patient.id}
          label={patient.name}
          description={`${patient.recordNumber} · ${patient.species.name} · ${patient.client.name}`}
          leftSection={<IconPaw size={18} stroke={1.6} aria-hidden="true" />}
          onClick={() => void navigate({ to: '/patients/$id', params: { id: patient.id }, search: {} })}
        />
      ))}
    </Spotlight.ActionsGroup>
  )
}

/** Lower case without accents, so that "auditoria" finds "Auditoría". */
function plain(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .toLowerCase()
    .trim()
}
