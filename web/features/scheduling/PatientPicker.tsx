import { ActionIcon, Button, Group, Text, TextInput, UnstyledButton } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconAlertTriangle, IconPlus, IconSearch, IconX } from '@tabler/icons-react'
import type { KeyboardEvent } from 'react'
import { useEffect, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useCan } from '../../session/viewer.ts'
import type { FoundPatient } from '../patients/use-patient-search.ts'
import { usePatientSearch } from '../patients/use-patient-search.ts'
import { type KnownAnimal, NewPatient } from './NewPatient.tsx'
import classes from './Schedule.module.css'

type PatientPickerProps = { patient: FoundPatient | null; onChange: (patient: FoundPatient | null) => void; known?: KnownAnimal | undefined }

/** Finds the patient while typing; Enter takes the marked one, as soon as the answer to what was typed is here. */
export function PatientPicker({ patient, onChange, known }: PatientPickerProps) {
  const [newName, setNewName] = useState<string | null>(null)
  if (patient === null && newName !== null)
    return <NewPatient name={newName || (known?.name ?? '')} known={known} onCreated={onChange} onCancel={() => setNewName(null)} />
  if (patient === null) return <PatientSearch onChoose={onChange} onNew={setNewName} />
  return <ChosenPatient patient={patient} onClear={() => onChange(null)} />
}

function ChosenPatient({ patient, onClear }: { patient: FoundPatient; onClear: () => void }) {
  const { t } = useTranslation('schedule')
  return (
    <Group justify="space-between" wrap="nowrap" p="xs" style={{ border: '1px solid var(--mantine-color-default-border)', borderRadius: 8 }}>
      <div style={{ minWidth: 0 }}>
        <Text fw={600}>{patient.name}</Text>
        <Text size="xs" c="dimmed">
          {patient.species.name} · {patient.recordNumber} · {patient.client.name}
        </Text>
        {patient.alerts.length > 0 && (
          <Text size="xs" fw={600}>
            <IconAlertTriangle size={13} aria-hidden="true" /> {patient.alerts.join(', ')}
          </Text>
        )}
      </div>
      <ActionIcon variant="subtle" color="gray" aria-label={t('book.otherPatient')} onClick={onClear}>
        <IconX size={17} />
      </ActionIcon>
    </Group>
  )
}

function PatientSearch({ onChoose, onNew }: { onChoose: (patient: FoundPatient) => void; onNew: (name: string) => void }) {
  const can = useCan()
  const { t } = useTranslation('schedule')
  const listId = useId()
  const [text, setText] = useState('')
  const [marked, setMarked] = useState(0)
  const [wanted] = useDebouncedValue(text.trim(), 150)
  const { patients, isSearching } = usePatientSearch(wanted, 6)
  const current = patients[Math.min(marked, patients.length - 1)]
  const [isTaken, setTaken] = useState(false)
  // A quick Enter must not take an older match, and must not be lost either.
  const taken = isTaken && wanted === text.trim() && !isSearching ? current : undefined
  useEffect(() => {
    if (taken) onChoose(taken)
  }, [taken, onChoose])

  function walk(event: KeyboardEvent) {
    if (event.key === 'Enter') {
      event.preventDefault()
      setTaken(true)
    }
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    event.preventDefault()
    const step = event.key === 'ArrowDown' ? 1 : -1
    setMarked((at) => Math.min(Math.max(at + step, 0), patients.length - 1))
  }

  return (
    <div>
      <TextInput
        data-autofocus
        autoFocus
        label={t('book.patient')}
        placeholder={t('book.patientPlaceholder')}
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setMarked(0)
          setTaken(false)
        }}
        onKeyDown={walk}
        role="combobox"
        aria-expanded={patients.length > 0}
        aria-controls={listId}
        aria-activedescendant={current ? `${listId}-${current.id}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
      />
      <div id={listId} role="listbox" aria-label={t('book.matches')} className={patients.length > 0 ? classes.foundList : undefined}>
        {patients.map((patient) => (
          <UnstyledButton
            key={patient.id}
            id={`${listId}-${patient.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={patient.id === current?.id}
            className={classes.found}
            onClick={() => onChoose(patient)}
          >
            <span>
              <strong>{patient.name}</strong> · {patient.client.name}
            </span>
            <span>
              {patient.species.name} · {patient.recordNumber}
              {patient.client.phone !== null && ` · ${patient.client.phone}`}
            </span>
          </UnstyledButton>
        ))}
      </div>
      <Text size="xs" c="dimmed" mt={4} role="status">
        {wanted.length >= 2 && patients.length === 0 && !isSearching ? t('book.noMatch') : ''}
      </Text>
      {can('patient:create') && (
        <Button variant="subtle" size="compact-sm" leftSection={<IconPlus size={15} />} onClick={() => onNew(text.trim())}>
          {t('newPatient.open')}
        </Button>
      )}
    </div>
  )
}
