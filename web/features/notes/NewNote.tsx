import { Alert, Button, Group, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { IconSignature } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import type { Failure } from '../../failure.ts'
import { refusal } from '../../failure.ts'
import { useCan, useViewer } from '../../session/viewer.ts'
import { Section } from '../../ui/Section.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import type { Draft } from './drafts.ts'
import { dropDraft, keepDraft, readDraft } from './drafts.ts'
import { NoteTemplates, SignNote, WriteNote } from './note-documents.ts'

const EMPTY: Draft = { templateId: null, kind: 'progress', title: '', body: '' }
const KINDS = ['soap', 'progress', 'consultation', 'procedure', 'phone']

/** Saves as a draft, or saves and signs in one step; the second half failing leaves the draft in the record. */
function useSaving(patientId: string, onDone: () => void) {
  const { user } = useViewer()
  const { run: write, isRunning: isWriting } = useCommand(WriteNote, (data) => data.writeNote)
  const { run: sign, isRunning: isSigning } = useCommand(SignNote, (data) => data.signNote)
  const [failure, setFailure] = useState<Failure | null>(null)

  async function save(draft: Draft, withSignature: boolean) {
    const { payload, failure: lost } = await write({ input: { patientId, ...draft } })
    if (payload === null) return setFailure(lost)
    if (payload.__typename !== 'ClinicalNote') return setFailure(refusal(payload))
    dropDraft(user.id, patientId)
    if (withSignature) await sign({ input: { id: payload.id, version: payload.version } })
    onDone()
  }
  return { save, failure, isSaving: isWriting || isSigning }
}

export function NewNote({ patientId, onClose }: { patientId: string; onClose: () => void }) {
  const { t } = useTranslation('patients')
  const can = useCan()
  const { user } = useViewer()
  const textOf = useFailureText()
  const [draft, setDraft] = useState<Draft>(() => readDraft(user.id, patientId) ?? EMPTY)
  const { save, failure, isSaving } = useSaving(patientId, onClose)
  const isReady = draft.title.trim() !== '' && draft.body.trim() !== ''
  useEffect(() => {
    if (draft !== EMPTY) keepDraft(user.id, patientId, draft)
  }, [draft, user.id, patientId])

  return (
    <Section title={t('notes.new')}>
      <Stack gap="sm">
        <TemplateFields draft={draft} onChange={setDraft} />
        <TextInput label={t('notes.title')} value={draft.title} onChange={(event) => setDraft({ ...draft, title: event.currentTarget.value })} />
        <Textarea
          label={t('notes.body')}
          autosize
          minRows={7}
          maxRows={26}
          value={draft.body}
          onChange={(event) => setDraft({ ...draft, body: event.currentTarget.value })}
        />
        {failure !== null && (
          <Alert role="alert" color="clay" variant="light">
            {textOf(failure)}
          </Alert>
        )}
        <Group gap="xs">
          {can('medical-record:sign') && (
            <Button leftSection={<IconSignature size={17} />} loading={isSaving} disabled={!isReady} onClick={() => void save(draft, true)}>
              {t('notes.saveAndSign')}
            </Button>
          )}
          <Button variant="default" loading={isSaving} disabled={!isReady} onClick={() => void save(draft, false)}>
            {t('notes.saveDraft')}
          </Button>
          <Button
            variant="subtle"
            color="gray"
            onClick={() => {
              dropDraft(user.id, patientId)
              onClose()
            }}
          >
            {t('notes.discard')}
          </Button>
        </Group>
      </Stack>
    </Section>
  )
}

function TemplateFields({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const { t, i18n } = useTranslation('patients')
  const label = useCodeLabel()
  const [{ data }] = useQuery({ query: NoteTemplates })
  const all = data?.noteTemplates ?? []
  const own = all.filter((one) => one.locale === i18n.language)
  const templates = own.length > 0 ? own : all

  function insert(id: string | null) {
    const template = templates.find((one) => one.id === id)
    if (template === undefined) return onChange({ ...draft, templateId: null })
    const body = draft.body.trim() === '' ? template.body : `${draft.body.trimEnd()}\n\n${template.body}`
    onChange({ templateId: template.id, kind: template.kind, title: draft.title.trim() === '' ? template.name : draft.title, body })
  }

  return (
    <Group grow preventGrowOverflow={false} gap="sm">
      <Select
        label={t('notes.template')}
        placeholder={t('notes.noTemplate')}
        data={templates.map((one) => ({ value: one.id, label: one.name }))}
        value={draft.templateId}
        onChange={insert}
        searchable
        autoFocus
        miw={200}
      />
      <Select
        label={t('notes.kind')}
        data={KINDS.map((kind) => ({ value: kind, label: label('noteKind', kind) }))}
        value={draft.kind}
        onChange={(kind) => onChange({ ...draft, kind: kind ?? 'progress' })}
        allowDeselect={false}
        miw={160}
      />
    </Group>
  )
}
