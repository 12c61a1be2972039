import { Button, Checkbox, Drawer, Select, Stack, Text } from '@mantine/core'
import { IconStack2 } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import type { ShiftTemplateFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { weekOf } from '../scheduling/weeks.ts'
import { Problem } from './Problem.tsx'
import { ShiftTemplateFields, ShiftTemplatesDocument } from './plan-documents.ts'
import { PlanTemplate } from './roster-documents.ts'
import { useRosterTexts } from './use-roster-texts.ts'

type TemplateDaysDrawerProps = { monday: string; isOpen: boolean; onClose: () => void; onTemplates: () => void }

/** Fills days of the week with open shifts of a kind. */
export function TemplateDaysDrawer({ monday, isOpen, onClose, onTemplates }: TemplateDaysDrawerProps) {
  const { t } = useTranslation('rosters')
  const [result, retry] = useQuery({ query: ShiftTemplatesDocument, variables: { includeArchived: false }, pause: !isOpen })
  return (
    <Drawer opened={isOpen} onClose={onClose} title={t('apply.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      {isOpen && (
        <QueryView result={result} onRetry={retry}>
          {({ shiftTemplates }) =>
            shiftTemplates.length === 0 ? (
              <StateMessage
                icon={<IconStack2 size={34} stroke={1.5} />}
                title={t('templates.empty')}
                action={<Button onClick={onTemplates}>{t('templates.add')}</Button>}
              >
                {t('templates.emptyText')}
              </StateMessage>
            ) : (
              <ApplyForm monday={monday} templates={shiftTemplates.map((masked) => readFragment(ShiftTemplateFields, masked))} onClose={onClose} />
            )
          }
        </QueryView>
      )}
    </Drawer>
  )
}

type ApplyFormProps = { monday: string; templates: readonly ShiftTemplateFieldsFragment[]; onClose: () => void }

function ApplyForm({ monday, templates, onClose }: ApplyFormProps) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const textOf = useFailureText()
  const [templateId, setTemplateId] = useState(templates[0]?.id ?? '')
  const [dates, setDates] = useState<string[]>([])
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(PlanTemplate, (data) => data.planTemplate)
  const template = templates.find(({ id }) => id === templateId)

  async function apply() {
    const { payload, failure } = await run({ input: { templateId, dates } })
    if (payload?.__typename !== 'RosterWeek') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('apply.done') })
    onClose()
  }

  return (
    <Stack gap="md">
      <Select
        label={t('shift.template')}
        data={templates.map((one) => ({ value: one.id, label: `${one.name}, ${texts.times(one)}` }))}
        value={templateId}
        onChange={(id) => id !== null && setTemplateId(id)}
        allowDeselect={false}
        data-autofocus
      />
      <Checkbox.Group label={t('apply.days')} value={dates} onChange={setDates}>
        <Stack gap={8} mt={6}>
          {weekOf(monday).map((date) => (
            <Checkbox key={date} value={date} label={texts.longDay(date)} />
          ))}
        </Stack>
      </Checkbox.Group>
      {template !== undefined && (
        <Text size="sm" c="dimmed">
          {t('apply.hint', { count: template.capacity, position: texts.position(template.position) })}
        </Text>
      )}
      <Problem text={problem} />
      <Button loading={isRunning} disabled={dates.length === 0} onClick={() => void apply()}>
        {t('apply.submit')}
      </Button>
    </Stack>
  )
}
