import { Select, SimpleGrid, Text, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { ShiftTemplateFieldsFragment } from '../../gql/graphql.ts'
import { weekOf } from '../scheduling/weeks.ts'
import { PositionSelect } from './PositionSelect.tsx'
import type { Colleague } from './ShiftDialog.tsx'
import { fromTemplate, type ShiftDraft } from './shift-draft.ts'
import { useRosterTexts } from './use-roster-texts.ts'

type ShiftFieldsetProps = {
  draft: ShiftDraft
  onChange: (draft: ShiftDraft) => void
  monday: string
  people: readonly Colleague[]
  /** Null: the shift has its kind already. */
  templates: readonly ShiftTemplateFieldsFragment[] | null
}

// A choice needs a value, and nobody has an id that is empty.
const NONE = 'none'

export function ShiftFieldset({ draft, onChange, monday, people, templates }: ShiftFieldsetProps) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const set = (part: Partial<ShiftDraft>) => onChange({ ...draft, ...part })
  const person = people.find(({ id }) => id === draft.staffId)
  const chooseTemplate = (id: string | null) => {
    const template = templates?.find((one) => one.id === id)
    onChange(template ? fromTemplate(draft, template) : { ...draft, templateId: '' })
  }
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <Select
          label={t('shift.day')}
          data={weekOf(monday).map((date) => ({ value: date, label: texts.longDay(date) }))}
          value={draft.date}
          onChange={(date) => date !== null && set({ date })}
          allowDeselect={false}
        />
        <Select
          label={t('shift.person')}
          searchable
          nothingFoundMessage={t('shift.nobody')}
          data={[{ value: NONE, label: t('shift.nobodyYet') }, ...people.map(({ id, name }) => ({ value: id, label: name }))]}
          value={draft.staffId || NONE}
          onChange={(id) => set({ staffId: id === null || id === NONE ? '' : id })}
          allowDeselect={false}
        />
      </SimpleGrid>
      {templates !== null && (
        <Select
          label={t('shift.template')}
          data={[{ value: NONE, label: t('shift.noTemplate') }, ...templates.map((one) => ({ value: one.id, label: `${one.name}, ${texts.times(one)}` }))]}
          value={draft.templateId || NONE}
          onChange={chooseTemplate}
          allowDeselect={false}
        />
      )}
      <TimeFields times={draft} onChange={set} />
      <PositionSelect label={t('shift.position')} value={draft.position} onChange={(position) => set({ position })} />
      {person !== undefined && person.position !== draft.position && (
        <Text size="sm" c="dimmed">
          {t('shift.otherPosition', { name: person.name, position: texts.position(person.position) })}
        </Text>
      )}
      <TextInput label={t('shift.note')} maxLength={300} value={draft.note} onChange={(event) => set({ note: event.currentTarget.value })} />
    </>
  )
}

export type DraftTimes = Pick<ShiftDraft, 'start' | 'end' | 'breakStart' | 'breakEnd'>

/** Times of a shift or of a kind of shift; the break may stay empty. */
export function TimeFields({ times, onChange }: { times: DraftTimes; onChange: (part: Partial<DraftTimes>) => void }) {
  const { t } = useTranslation('rosters')
  return (
    <SimpleGrid cols={2} spacing="sm">
      {(['start', 'end', 'breakStart', 'breakEnd'] as const).map((name) => (
        <TextInput
          key={name}
          type="time"
          required={name === 'start' || name === 'end'}
          label={t(`times.${name}`)}
          value={times[name]}
          onChange={(event) => onChange({ [name]: event.currentTarget.value })}
        />
      ))}
    </SimpleGrid>
  )
}
