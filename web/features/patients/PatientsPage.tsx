import { Badge, Group, Kbd, Text, TextInput } from '@mantine/core'
import { IconAlertTriangle, IconPaw, IconSearch, IconZoomQuestion } from '@tabler/icons-react'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { KeyboardEvent } from 'react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'

import { readFragment } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { Page } from '../../ui/Page.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useTypedQuery } from '../../ui/use-typed-query.ts'
import classes from './Patients.module.css'
import { SpeciesIcon } from './SpeciesIcon.tsx'
import { type FoundPatient, FoundPatientFields, usePatientSearch } from './use-patient-search.ts'

const route = getRouteApi('/signed-in/patients')

export function PatientsPage() {
  const { t } = useTranslation('patients')
  const { q = '' } = route.useSearch()
  const list = useRef<HTMLUListElement>(null)
  const { result, retry } = usePatientSearch(q, 50)
  const focusFirst = () => list.current?.querySelector('a')?.focus()
  return (
    <Page title={t('title')} lead={t('lead')}>
      <SearchField query={q} onDown={focusFirst} />
      {q.length < 2 ? (
        <StateMessage icon={<IconPaw size={34} stroke={1.5} />} title={t('start.title')}>
          {t('start.text')}
        </StateMessage>
      ) : (
        <QueryView result={result} onRetry={retry}>
          {(data) => <Results patients={readFragment(FoundPatientFields, data.searchPatients)} query={q} listRef={list} />}
        </QueryView>
      )}
    </Page>
  )
}

function SearchField({ query, onDown }: { query: string; onDown: () => void }) {
  const { t } = useTranslation('patients')
  const navigate = useNavigate({ from: '/patients' })
  const { text, type } = useTypedQuery(query, (q) => void navigate({ search: { q: q === '' ? undefined : q }, replace: true }), 200)
  return (
    <TextInput
      type="search"
      size="md"
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowDown') return
        event.preventDefault()
        onDown()
      }}
      placeholder={t('searchPlaceholder')}
      aria-label={t('searchLabel')}
      leftSection={<IconSearch size={18} stroke={1.7} />}
      autoFocus
      maw={640}
      mb="md"
    />
  )
}

type ResultsProps = { patients: readonly FoundPatient[]; query: string; listRef: React.RefObject<HTMLUListElement | null> }

function Results({ patients, query, listRef }: ResultsProps) {
  const { t } = useTranslation('patients')
  if (patients.length === 0) {
    return (
      <StateMessage icon={<IconZoomQuestion size={34} stroke={1.5} />} title={t('empty.title', { query })}>
        {t('empty.text')}
      </StateMessage>
    )
  }
  return (
    <>
      <Group gap={6} mb={6} c="dimmed" fz="xs" role="status">
        {t('found', { count: patients.length })} <span aria-hidden="true">·</span>
        <span aria-hidden="true">
          <Kbd size="xs">↑</Kbd> <Kbd size="xs">↓</Kbd> <Kbd size="xs">↵</Kbd>
        </span>
      </Group>
      <ul ref={listRef} className={classes.results} onKeyDown={moveFocus}>
        {patients.map((patient) => (
          <li key={patient.id}>
            <ResultRow patient={patient} />
          </li>
        ))}
      </ul>
    </>
  )
}

function ResultRow({ patient }: { patient: FoundPatient }) {
  const { t } = useTranslation('patients')
  const warnings = patient.alerts.length + patient.allergies.length
  return (
    <Link to="/patients/$id" params={{ id: patient.id }} search={{}} className={classes.result}>
      <span className={classes.avatar}>
        <SpeciesIcon code={patient.speciesCode} />
      </span>
      <span className={classes.who}>
        <span className={classes.name}>
          {patient.name}
          {patient.diedOn !== null && (
            <Badge color="gray" size="sm" ml={8}>
              {t('deceased')}
            </Badge>
          )}
        </span>
        <Text component="span" size="xs" c="dimmed">
          {patient.species.name}
          {patient.breed !== null && ` · ${patient.breed.name}`} · {patient.recordNumber}
        </Text>
      </span>
      <span className={classes.owner}>
        <span>{patient.client.name}</span>
        <Text component="span" size="xs" c="dimmed">
          {patient.client.phone ?? t('noPhone')}
        </Text>
      </span>
      <span className={classes.flag}>
        {warnings > 0 && (
          <Badge color="amber" leftSection={<IconAlertTriangle size={13} aria-hidden="true" />}>
            {t('warnings', { count: warnings })}
          </Badge>
        )}
      </span>
    </Link>
  )
}

/** Arrow keys walk the results; up from the first one leads back to the field. */
function moveFocus(event: KeyboardEvent<HTMLUListElement>) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  event.preventDefault()
  const links: (Element | null)[] = [...event.currentTarget.querySelectorAll('a')]
  const at = links.indexOf(document.activeElement)
  const next = links[at + (event.key === 'ArrowDown' ? 1 : -1)]
  if (next instanceof HTMLElement) next.focus()
  else if (event.key === 'ArrowUp') document.querySelector<HTMLInputElement>('#content input[type="search"]')?.focus()
}
