import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { StaffChoicesDocument, StaffNameDocument } from './people-documents.ts'

const PAUSE_MS = 250

type PersonSelectProps = {
  label: string
  placeholder?: string
  value: string | null
  onChange: (id: string | null) => void
  isClearable?: boolean
  isRequired?: boolean
  /** Somebody who is no choice here. */
  except?: string
}

/** A member of the staff, found by name or number, however many there are. */
export function PersonSelect({ label, placeholder, value, onChange, isClearable = false, isRequired = false, except }: PersonSelectProps) {
  const { t } = useTranslation('people')
  const [typed, setTyped] = useState('')
  const [named] = useQuery({ query: StaffNameDocument, variables: { id: value ?? '' }, pause: value === null })
  const current = value === null ? null : named.data?.staffMember
  // Every search is a line of the trail.
  const [wanted] = useDebouncedValue(typed.trim(), PAUSE_MS)
  const isSearch = wanted !== '' && wanted !== current?.name
  const [found] = useQuery({ query: StaffChoicesDocument, variables: { query: isSearch ? wanted : null } })
  const people = (found.data?.staff.edges ?? []).map(({ node }) => node).filter(({ id }) => id !== except)
  const all = current && !people.some(({ id }) => id === current.id) ? [current, ...people] : people
  return (
    <Select
      label={label}
      placeholder={placeholder ?? t('person.choose')}
      required={isRequired}
      searchable
      clearable={isClearable}
      clearButtonProps={{ 'aria-label': t('clear') }}
      nothingFoundMessage={found.fetching ? t('person.searching') : t('person.nobody')}
      data={all.map(({ id, name }) => ({ value: id, label: name }))}
      // The server has searched already, accents ignored.
      filter={({ options }) => options}
      value={value}
      onChange={onChange}
      searchValue={typed}
      onSearchChange={setTyped}
    />
  )
}
