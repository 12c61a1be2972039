import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import type { RosterPeopleQuery, ShiftTemplateFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { Problem } from './Problem.tsx'
import { ShiftTemplateFields, ShiftTemplatesDocument } from './plan-documents.ts'
import { RemoveForm } from './RemoveForm.tsx'
import { ChangeShift, PlanShift, RosterPeopleDocument } from './roster-documents.ts'
import type { Shift, Week } from './roster-week.ts'
import { ShiftFieldset } from './ShiftFieldset.tsx'
import { changeOf, draftOf, isComplete, planOf, type ShiftDraft } from './shift-draft.ts'

/** A shift that is there, or the day and the person of a new one. */
export type ShiftPlace = { shift: Shift | null; date: string; staffId: string | null }
type ShiftDialogProps = { place: ShiftPlace | null; week: Week; onClose: () => void }

/** Adds, changes, moves or takes away one shift: all that dragging does, and more. */
export function ShiftDialog({ place, week, onClose }: ShiftDialogProps) {
  const { t } = useTranslation('rosters')
  const isOpen = place !== null
  const [people, retryPeople] = useQuery({ query: RosterPeopleDocument, pause: !isOpen })
  const [templates, retryTemplates] = useQuery({ query: ShiftTemplatesDocument, variables: { includeArchived: false }, pause: !isOpen })
  return (
    <Modal opened={isOpen} onClose={onClose} title={t(place?.shift ? 'shift.change' : 'shift.add')} closeButtonProps={{ 'aria-label': t('close') }}>
      {place !== null && (
        <QueryView result={people} onRetry={retryPeople}>
          {({ staff }) => (
            <QueryView result={templates} onRetry={retryTemplates}>
              {({ shiftTemplates }) => (
                <ShiftForm
                  key={place.shift?.id ?? `${place.date} ${place.staffId}`}
                  place={place}
                  week={week}
                  people={staff.edges.map(({ node }) => node)}
                  templates={shiftTemplates.map((masked) => readFragment(ShiftTemplateFields, masked))}
                  onClose={onClose}
                />
              )}
            </QueryView>
          )}
        </QueryView>
      )}
    </Modal>
  )
}

export type Colleague = RosterPeopleQuery['staff']['edges'][number]['node']
type ShiftFormProps = {
  place: ShiftPlace
  week: Week
  people: readonly Colleague[]
  templates: readonly ShiftTemplateFieldsFragment[]
  onClose: () => void
}

function ShiftForm({ place, week, people, templates, onClose }: ShiftFormProps) {
  const { t } = useTranslation('rosters')
  const [draft, setDraft] = useState<ShiftDraft>(() => draftOf(place, people, templates))
  const [isRemoving, setRemoving] = useState(false)
  const { save, isSaving, problem } = useSave(place.shift, onClose)
  const { shift } = place
  const isPublished = week.roster?.status === 'PUBLISHED'
  if (shift !== null && isRemoving) return <RemoveForm shift={shift} isPublished={isPublished} onBack={() => setRemoving(false)} onClose={onClose} />
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save(draft)
      }}
    >
      <Stack gap="sm">
        <ShiftFieldset draft={draft} onChange={setDraft} monday={week.weekStart} people={people} templates={shift === null ? templates : null} />
        {isPublished && (
          <Text size="sm" c="dimmed">
            {t('status.atOnce')}
          </Text>
        )}
        <Problem text={problem} />
        <Group justify="space-between" gap="xs">
          <Button type="submit" loading={isSaving} disabled={!isComplete(draft)}>
            {t(shift === null ? 'shift.submitAdd' : 'shift.submitChange')}
          </Button>
          {shift !== null && (
            <Button variant="subtle" color="clay" onClick={() => setRemoving(true)}>
              {t('remove.open')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}

function useSave(shift: Shift | null, onSaved: () => void) {
  const { t } = useTranslation('rosters')
  const textOf = useFailureText()
  const [problem, setProblem] = useState<string | null>(null)
  const plan = useCommand(PlanShift, (data) => data.planShift)
  const change = useCommand(ChangeShift, (data) => data.changeShift)

  async function save(draft: ShiftDraft): Promise<void> {
    const { payload, failure } = shift === null ? await plan.run({ input: planOf(draft) }) : await change.run({ input: changeOf(shift, draft) })
    if (payload?.__typename !== 'RosterShift') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t(shift === null ? 'shift.added' : 'shift.changed') })
    onSaved()
  }
  return { save, isSaving: plan.isRunning || change.isRunning, problem }
}
