import { Alert, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { refusal } from '../../failure.ts'
import { readFragment } from '../../gql/index.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { type FoundPatient, FoundPatientFields } from '../patients/use-patient-search.ts'
import { CreateClient, CreatePatient, SpeciesList } from './new-patient-documents.ts'
import { type Owner, OwnerFields } from './OwnerFields.tsx'

/** What is known of an animal, and of its owner, that are not recorded yet. */
export type KnownAnimal = { name: string; speciesCode: string; owner: Owner }

type NewPatientProps = { name: string; known?: KnownAnimal | undefined; onCreated: (patient: FoundPatient) => void; onCancel: () => void }

/** The least that a first visit needs: whose animal it is, its name and its species. The chart takes the rest later. */
export function NewPatient({ name: typed, known, onCreated, onCancel }: NewPatientProps) {
  const { t } = useTranslation('schedule')
  const [name, setName] = useState(typed)
  const [speciesCode, setSpeciesCode] = useState<string | null>(known?.speciesCode ?? null)
  const [owner, setOwner] = useState<Owner>(known?.owner ?? { id: null, name: '', phone: '' })
  const [{ data }] = useQuery({ query: SpeciesList })
  const { create, problem, isRunning } = useCreation(setOwner, onCreated)
  const isComplete = name.trim() !== '' && owner.name.trim() !== '' && speciesCode !== null
  return (
    <Stack gap="sm" role="group" aria-label={t('newPatient.title')}>
      <Text fw={600}>{t('newPatient.title')}</Text>
      <Group grow gap="sm" align="start">
        <TextInput label={t('newPatient.name')} value={name} onChange={(event) => setName(event.currentTarget.value)} autoFocus />
        <Select
          label={t('newPatient.species')}
          data={(data?.species ?? []).map((one) => ({ value: one.code, label: one.name }))}
          value={speciesCode}
          onChange={setSpeciesCode}
          allowDeselect={false}
          searchable
        />
      </Group>
      <OwnerFields owner={owner} onChange={setOwner} />
      {problem !== null && (
        <Alert role="alert" color="clay" variant="light">
          {problem}
        </Alert>
      )}
      <Group gap="xs">
        <Button loading={isRunning} disabled={!isComplete} onClick={() => speciesCode !== null && void create({ name: name.trim(), speciesCode, owner })}>
          {t('newPatient.submit')}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {t('newPatient.cancel')}
        </Button>
      </Group>
    </Stack>
  )
}

type Wanted = { name: string; speciesCode: string; owner: Owner }

/** The owner first, unless it is one who is known; an owner who was created stays chosen when the patient is refused. */
function useCreation(setOwner: (owner: Owner) => void, onCreated: (patient: FoundPatient) => void) {
  const textOf = useFailureText()
  const [problem, setProblem] = useState<string | null>(null)
  const client = useCommand(CreateClient, (data) => data.createClient)
  const patient = useCommand(CreatePatient, (data) => data.createPatient)

  async function ownerId({ id, name, phone, email }: Owner): Promise<string | null> {
    if (id !== null) return id
    const { payload, failure } = await client.run({ input: { name: name.trim(), phone: phone.trim() || null, ...(email ? { email } : {}) } })
    if (payload?.__typename === 'Client') {
      setOwner({ id: payload.id, name: payload.name, phone: payload.phone ?? '' })
      return payload.id
    }
    setProblem(textOf(payload === null ? failure : refusal(payload)))
    return null
  }

  async function create({ name, speciesCode, owner }: Wanted) {
    setProblem(null)
    const clientId = await ownerId(owner)
    if (clientId === null) return
    const { payload, failure } = await patient.run({ input: { name, speciesCode, clientId } })
    if (payload?.__typename === 'Patient') return onCreated(readFragment(FoundPatientFields, payload))
    setProblem(textOf(payload === null ? failure : refusal(payload)))
  }
  return { create, problem, isRunning: client.isRunning || patient.isRunning }
}
