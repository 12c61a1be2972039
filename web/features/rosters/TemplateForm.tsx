import { Button, ColorInput, Group, NumberInput, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { ShiftTemplateFieldsFragment } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { PositionSelect } from './PositionSelect.tsx'
import { Problem } from './Problem.tsx'
import { CreateShiftTemplate, UpdateShiftTemplate } from './plan-documents.ts'
import { type DraftTimes, TimeFields } from './ShiftFieldset.tsx'
import { timesOf } from './shift-draft.ts'

type Template = ShiftTemplateFieldsFragment
type Draft = DraftTimes & { code: string; name: string; position: string; capacity: number; colour: string }

const SWATCHES = ['#0c8599', '#1971c2', '#5f3dc4', '#9c36b5', '#c2255c', '#e8590c', '#f08c00', '#2f9e44', '#495057']
const BLANK: Draft = {
  code: '',
  name: '',
  start: '09:00',
  end: '17:00',
  breakStart: '',
  breakEnd: '',
  position: 'veterinarian',
  capacity: 1,
  colour: '#0c8599',
}

function draftOf(template: Template | null): Draft {
  if (template === null) return BLANK
  const { code, name, position, capacity, colour } = template
  return { code, name, position, capacity, colour, ...timesOf(template) }
}

/** A kind of shift, new or changed. Shifts that were planned from it keep what they have. */
export function TemplateForm({ template, onDone }: { template: Template | null; onDone: () => void }) {
  const { t } = useTranslation('rosters')
  const [draft, setDraft] = useState<Draft>(() => draftOf(template))
  const { save, archive, isSaving, problem } = useSaveTemplate(template, onDone)
  const set = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }))
  const isComplete = draft.name.trim() !== '' && draft.code.trim() !== '' && draft.start !== '' && draft.end !== ''
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save(draft)
      }}
    >
      <Stack gap="sm">
        <TemplateFields draft={draft} onChange={set} />
        <Problem text={problem} />
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Button type="submit" loading={isSaving} disabled={!isComplete}>
              {t('save')}
            </Button>
            <Button variant="default" onClick={onDone}>
              {t('back')}
            </Button>
          </Group>
          {template !== null && (
            <Button variant="subtle" color="clay" onClick={() => void archive(!template.isArchived)}>
              {t(template.isArchived ? 'templates.restore' : 'templates.archive')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}

function TemplateFields({ draft, onChange }: { draft: Draft; onChange: (part: Partial<Draft>) => void }) {
  const { t } = useTranslation('rosters')
  return (
    <>
      <TextInput
        label={t('templates.name')}
        required
        maxLength={80}
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        data-autofocus
      />
      <TextInput label={t('templates.code')} required maxLength={20} value={draft.code} onChange={(event) => onChange({ code: event.currentTarget.value })} />
      <PositionSelect label={t('shift.position')} value={draft.position} onChange={(position) => onChange({ position })} />
      <TimeFields times={draft} onChange={onChange} />
      <SimpleGrid cols={2} spacing="sm">
        <NumberInput
          label={t('templates.capacity')}
          min={1}
          max={20}
          allowDecimal={false}
          value={draft.capacity}
          onChange={(capacity) => typeof capacity === 'number' && onChange({ capacity })}
        />
        <ColorInput
          label={t('templates.colour')}
          format="hex"
          swatches={SWATCHES}
          value={draft.colour}
          onChange={(colour) => onChange({ colour })}
          eyeDropperButtonProps={{ 'aria-label': t('templates.pick') }}
        />
      </SimpleGrid>
    </>
  )
}

function useSaveTemplate(template: Template | null, onDone: () => void) {
  const { t } = useTranslation('rosters')
  const textOf = useFailureText()
  const [problem, setProblem] = useState<string | null>(null)
  const create = useCommand(CreateShiftTemplate, (data) => data.createShiftTemplate)
  const update = useCommand(UpdateShiftTemplate, (data) => data.updateShiftTemplate)
  type Answer = Awaited<ReturnType<typeof create.run>> | Awaited<ReturnType<typeof update.run>>

  function finish({ payload, failure }: Answer): void {
    if (payload?.__typename !== 'ShiftTemplate') setProblem(textOf(payload === null ? failure : refusal(payload)))
    else {
      notify({ color: 'pine', message: t('saved') })
      onDone()
    }
  }

  async function save({ code, name, position, capacity, colour, start, end, breakStart, breakEnd }: Draft): Promise<void> {
    const times = { start, end, breakStart: breakStart || null, breakEnd: breakEnd || null }
    const input = { code: code.trim(), name: name.trim(), position, capacity, colour, times }
    finish(template === null ? await create.run({ input }) : await update.run({ input: { ...input, id: template.id, version: template.version } }))
  }

  async function archive(isArchived: boolean): Promise<void> {
    if (template !== null) finish(await update.run({ input: { id: template.id, version: template.version, isArchived } }))
  }
  return { save, archive, isSaving: create.isRunning || update.isRunning, problem }
}
