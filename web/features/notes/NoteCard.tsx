import { Alert, Badge, Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { IconLock, IconPencil, IconSignature } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Failure } from '../../failure.ts'
import { refusal } from '../../failure.ts'
import type { NoteFieldsFragment } from '../../gql/graphql.ts'
import type { FragmentType } from '../../gql/index.ts'
import { readFragment } from '../../gql/index.ts'
import { useCan, useFormat } from '../../session/viewer.ts'
import { Section } from '../../ui/Section.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { WhoSawThis } from '../compliance/WhoSawThis.tsx'
import classes from './Notes.module.css'
import { AddAddendum, EditNote, NoteFields, SignNote } from './note-documents.ts'

/** One note: a draft can be edited and signed, a signed one only takes addenda. */
export function NoteCard({ note: masked }: { note: FragmentType<typeof NoteFields> }) {
  const { t } = useTranslation('patients')
  const format = useFormat()
  const label = useCodeLabel()
  const note = readFragment(NoteFields, masked)
  const isSigned = note.status.toLowerCase() === 'signed'
  const badge = isSigned ? (
    <Badge color="pine" leftSection={<IconLock size={12} aria-hidden="true" />}>
      {t('notes.signedBy', { name: note.signedBy?.name ?? note.author.name })}
    </Badge>
  ) : (
    <Badge color="amber" leftSection={<IconPencil size={12} aria-hidden="true" />}>
      {t('notes.draft')}
    </Badge>
  )
  return (
    <Section as="article" title={note.title} aside={badge}>
      <Text size="xs" c="dimmed" mb={8}>
        {label('noteKind', note.kind)} · {note.author.name} · {format.dateTime(note.writtenAt)}
        {note.version > 1 && ` · ${t('notes.version', { version: note.version })}`} <WhoSawThis name={note.title} recordId={note.id} isIcon />
      </Text>
      <NoteBody key={note.version} note={note} isSigned={isSigned} />
    </Section>
  )
}

function Addenda({ note }: { note: NoteFieldsFragment }) {
  const { t } = useTranslation('patients')
  const format = useFormat()
  return note.addenda.map((addendum) => (
    <div key={addendum.id} className={classes.addendum}>
      <Text size="xs" c="dimmed">
        {t('notes.addendum')} · {addendum.author.name} · {format.dateTime(addendum.writtenAt)}
      </Text>
      <div className={classes.body}>{addendum.body}</div>
    </div>
  ))
}

function NoteBody({ note, isSigned }: { note: NoteFieldsFragment; isSigned: boolean }) {
  const { t } = useTranslation('patients')
  const can = useCan()
  const textOf = useFailureText()
  const [mode, setMode] = useState<'reading' | 'editing' | 'adding'>('reading')
  const [failure, setFailure] = useState<Failure | null>(null)
  const { run: sign, isRunning } = useCommand(SignNote, (data) => data.signNote)

  async function signNow() {
    const { payload, failure: lost } = await sign({ input: { id: note.id, version: note.version } })
    if (payload === null) setFailure(lost)
    else if (payload.__typename !== 'ClinicalNote') setFailure(refusal(payload))
  }

  const close = () => setMode('reading')
  return (
    <Stack gap="xs">
      {mode === 'editing' ? <EditForm note={note} onClose={close} /> : <div className={classes.body}>{note.body}</div>}
      <Addenda note={note} />
      {mode === 'adding' && <AddendumForm noteId={note.id} onClose={close} />}
      {failure !== null && (
        <Alert role="alert" color="clay" variant="light">
          {textOf(failure)}
        </Alert>
      )}
      {mode === 'reading' && can('medical-record:write') && (
        <Group gap="xs">
          {!isSigned && can('medical-record:sign') && (
            <Button size="compact-sm" leftSection={<IconSignature size={15} />} loading={isRunning} onClick={() => void signNow()}>
              {t('notes.sign')}
            </Button>
          )}
          <Button size="compact-sm" variant="default" onClick={() => setMode(note.isLocked ? 'adding' : 'editing')}>
            {note.isLocked ? t('notes.addAddendum') : t('notes.edit')}
          </Button>
        </Group>
      )}
    </Stack>
  )
}

function EditForm({ note, onClose }: { note: NoteFieldsFragment; onClose: () => void }) {
  const { t } = useTranslation('patients')
  const { run, isRunning } = useCommand(EditNote, (data) => data.editNote)
  const save = async (body: string) => {
    const { payload, failure } = await run({ input: { id: note.id, version: note.version, title: note.title, body } })
    return payload === null ? failure : payload.__typename === 'ClinicalNote' ? null : refusal(payload)
  }
  return <BodyForm label={t('notes.body')} initial={note.body} isSaving={isRunning} onSave={save} onClose={onClose} />
}

function AddendumForm({ noteId, onClose }: { noteId: string; onClose: () => void }) {
  const { t } = useTranslation('patients')
  const { run, isRunning } = useCommand(AddAddendum, (data) => data.addAddendum)
  const save = async (body: string) => {
    const { payload, failure } = await run({ input: { noteId, body } })
    return payload === null ? failure : payload.__typename === 'ClinicalNote' ? null : refusal(payload)
  }
  return <BodyForm label={t('notes.addendum')} initial="" isSaving={isRunning} onSave={save} onClose={onClose} />
}

type BodyFormProps = { label: string; initial: string; isSaving: boolean; onSave: (body: string) => Promise<Failure | null>; onClose: () => void }

function BodyForm({ label, initial, isSaving, onSave, onClose }: BodyFormProps) {
  const { t } = useTranslation('patients')
  const textOf = useFailureText()
  const [body, setBody] = useState(initial)
  const [failure, setFailure] = useState<Failure | null>(null)

  async function save() {
    const refused = await onSave(body)
    if (refused === null) onClose()
    else setFailure(refused)
  }

  return (
    <Stack gap="xs">
      <Textarea label={label} autosize minRows={4} maxRows={24} value={body} onChange={(event) => setBody(event.currentTarget.value)} autoFocus />
      {failure !== null && (
        <Alert role="alert" color="clay" variant="light">
          {textOf(failure)}
        </Alert>
      )}
      <Group gap="xs">
        <Button size="compact-sm" loading={isSaving} disabled={body.trim() === ''} onClick={() => void save()}>
          {t('notes.save')}
        </Button>
        <Button size="compact-sm" variant="default" onClick={onClose}>
          {t('notes.cancel')}
        </Button>
      </Group>
    </Stack>
  )
}
