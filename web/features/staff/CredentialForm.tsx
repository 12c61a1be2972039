import { Button, Drawer, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { CredentialFieldsFragment } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { RecordCredential, UpdateCredential } from './credential-documents.ts'
import { PersonSelect } from './PersonSelect.tsx'
import { Problem } from './Problem.tsx'
import { useSubmit } from './use-submit.ts'

const TYPES = ['cedula_profesional', 'licence', 'dea', 'senasica', 'cpr', 'radiology', 'anaesthesia', 'other'] as const

type Draft = { staffId: string | null; type: string; number: string; authority: string; jurisdiction: string; issuedOn: string; expiresOn: string }
const orNull = (text: string) => text.trim() || null

type RecordCredentialDrawerProps = {
  isOpen: boolean
  onClose: () => void
  /** Whose it is; undefined lets the form ask. */
  staffId?: string
}

export function RecordCredentialDrawer({ isOpen, onClose, staffId }: RecordCredentialDrawerProps) {
  const { t } = useTranslation('people')
  return (
    <Drawer opened={isOpen} onClose={onClose} title={t('credential.record')} closeButtonProps={{ 'aria-label': t('close') }}>
      {isOpen && <RecordForm staffId={staffId ?? null} onClose={onClose} />}
    </Drawer>
  )
}

function RecordForm({ staffId, onClose }: { staffId: string | null; onClose: () => void }) {
  const { t } = useTranslation('people')
  const [draft, setDraft] = useState<Draft>({ staffId, type: TYPES[0], number: '', authority: '', jurisdiction: '', issuedOn: '', expiresOn: '' })
  const { submit, problem, isRunning } = useSubmit(RecordCredential, ({ recordCredential: made }) =>
    made.__typename === 'StaffCredential' ? { done: made.id } : { failure: refusal(made) },
  )

  async function record() {
    if (draft.staffId === null) return
    const { type, number, authority, jurisdiction, issuedOn, expiresOn } = draft
    const dates = { jurisdiction: orNull(jurisdiction), issuedOn: orNull(issuedOn), expiresOn: orNull(expiresOn) }
    if ((await submit({ input: { staffId: draft.staffId, type, number, authority, ...dates } })) === null) return
    notify({ color: 'pine', message: t('credential.recorded') })
    onClose()
  }

  return (
    <CredentialFieldset
      draft={draft}
      onChange={(part) => setDraft((old) => ({ ...old, ...part }))}
      isPersonAsked={staffId === null}
      isNumberKept={false}
      problem={problem}
      isRunning={isRunning}
      onSubmit={() => void record()}
    />
  )
}

/** Corrects or renews: whoever verified the old one has not seen the new one. */
export function EditCredential({ credential, onClose }: { credential: CredentialFieldsFragment; onClose: () => void }) {
  const { t } = useTranslation('people')
  const { id, version, staff, type, authority, jurisdiction, issuedOn, expiresOn, status } = credential
  const before: Draft = {
    staffId: staff.id,
    type,
    number: '',
    authority,
    jurisdiction: jurisdiction ?? '',
    issuedOn: issuedOn ?? '',
    expiresOn: expiresOn ?? '',
  }
  const [draft, setDraft] = useState(before)
  const { submit, problem, isRunning } = useSubmit(UpdateCredential, ({ updateCredential: made }) =>
    made.__typename === 'StaffCredential' ? { done: made.id } : { failure: refusal(made) },
  )

  async function save() {
    const changed = {
      ...(draft.type === before.type ? {} : { type: draft.type }),
      ...(draft.number.trim() === '' ? {} : { number: draft.number }),
      ...(draft.authority === before.authority ? {} : { authority: draft.authority }),
      ...(draft.jurisdiction === before.jurisdiction ? {} : { jurisdiction: orNull(draft.jurisdiction) }),
      ...(draft.issuedOn === before.issuedOn ? {} : { issuedOn: orNull(draft.issuedOn) }),
      ...(draft.expiresOn === before.expiresOn ? {} : { expiresOn: orNull(draft.expiresOn) }),
    }
    if ((await submit({ input: { id, version, ...changed } })) === null) return
    notify({ color: 'pine', message: t('credential.saved') })
    onClose()
  }

  return (
    <Stack gap="md">
      {status === 'verified' && <Text size="sm">{t('credential.verifyAnew')}</Text>}
      <CredentialFieldset
        draft={draft}
        onChange={(part) => setDraft((old) => ({ ...old, ...part }))}
        isPersonAsked={false}
        isNumberKept
        problem={problem}
        isRunning={isRunning}
        onSubmit={() => void save()}
      />
      <Button variant="default" onClick={onClose}>
        {t('back')}
      </Button>
    </Stack>
  )
}

type CredentialFieldsetProps = {
  draft: Draft
  onChange: (part: Partial<Draft>) => void
  isPersonAsked: boolean
  /** An empty number leaves the one that there is. */
  isNumberKept: boolean
  problem: string | null
  isRunning: boolean
  onSubmit: () => void
}

function CredentialFieldset({ draft, onChange, isPersonAsked, isNumberKept, problem, isRunning, onSubmit }: CredentialFieldsetProps) {
  const { t } = useTranslation('people')
  const label = useCodeLabel()
  const isComplete = draft.staffId !== null && draft.authority.trim() !== '' && (isNumberKept || draft.number.trim() !== '')
  const line = (name: 'number' | 'authority' | 'jurisdiction', maxLength: number, isRequired: boolean, description?: string) => (
    <TextInput
      label={t(`credential.${name}`)}
      description={description}
      required={isRequired}
      maxLength={maxLength}
      autoComplete="off"
      value={draft[name]}
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
    />
  )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      <Stack gap="md">
        {isPersonAsked && <PersonSelect label={t('credential.person')} value={draft.staffId} onChange={(staffId) => onChange({ staffId })} isRequired />}
        <Select
          label={t('credential.type')}
          data={TYPES.map((code) => ({ value: code, label: label('credentialType', code) }))}
          value={draft.type}
          onChange={(type) => type !== null && onChange({ type })}
          allowDeselect={false}
        />
        {line('number', 60, !isNumberKept, t(isNumberKept ? 'credential.numberKept' : 'credential.numberHint'))}
        {line('authority', 120, true)}
        {line('jurisdiction', 120, false)}
        <SimpleGrid cols={2} spacing="sm">
          {(['issuedOn', 'expiresOn'] as const).map((name) => (
            <TextInput
              key={name}
              type="date"
              label={t(`credential.${name}`)}
              value={draft[name]}
              onChange={(event) => onChange({ [name]: event.currentTarget.value })}
            />
          ))}
        </SimpleGrid>
        <Problem text={problem} />
        <Button type="submit" size="md" loading={isRunning} disabled={!isComplete}>
          {t('save')}
        </Button>
      </Stack>
    </form>
  )
}
