import { Button, Group, Menu } from '@mantine/core'
import { IconCopy, IconDots, IconPlus, IconSend, IconStack2 } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import { notify } from '../../notify.ts'
import { addDays } from '../../ui/dates.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { showProblem } from '../scheduling/undo-toast.tsx'
import { CopyRoster } from './roster-documents.ts'
import type { Panel } from './roster-search.ts'
import { isPlanned, shiftsOf, type Week } from './roster-week.ts'

type PlanButtonsProps = { week: Week; onPanel: (panel: Panel) => void; onAdd: () => void }

/** What a planner does with a week. */
export function PlanButtons({ week, onPanel, onAdd }: PlanButtonsProps) {
  const { t } = useTranslation('rosters')
  const isDraft = week.roster?.status === 'DRAFT'
  return (
    <Group gap="xs" mb="sm" role="group" aria-label={t('plan.label')}>
      <Button leftSection={<IconPlus size={16} />} variant={isDraft ? 'default' : 'filled'} onClick={onAdd}>
        {t('shift.add')}
      </Button>
      <Button variant="default" leftSection={<IconStack2 size={16} />} onClick={() => onPanel('apply')}>
        {t('apply.open')}
      </Button>
      <CopyButton week={week} />
      {isDraft && (
        <Button leftSection={<IconSend size={16} />} onClick={() => onPanel('publish')}>
          {t('publish.open')}
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconDots size={16} />}>
            {t('plan.more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onPanel('templates')}>{t('templates.title')}</Menu.Item>
          <Menu.Item onClick={() => onPanel('needs')}>{t('needs.title')}</Menu.Item>
          <Menu.Item onClick={() => onPanel('rule')}>{t('rule.title')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  )
}

/** The week before once more; only a week without shifts takes it. */
function CopyButton({ week }: { week: Week }) {
  const { t } = useTranslation('rosters')
  const textOf = useFailureText()
  const { run, isRunning } = useCommand(CopyRoster, (data) => data.copyRoster)
  if (shiftsOf(week).some(isPlanned)) return null

  async function copy() {
    const { payload, failure } = await run({ input: { fromWeek: addDays(week.weekStart, -7), toWeek: week.weekStart } })
    if (payload?.__typename === 'RosterWeek') return notify({ color: 'pine', message: t('copy.done') })
    if (payload?.__typename === 'NotFound') return showProblem(t('copy.nothing'))
    showProblem(textOf(payload === null ? failure : refusal(payload)))
  }

  return (
    <Button variant="default" leftSection={<IconCopy size={16} />} loading={isRunning} onClick={() => void copy()}>
      {t('copy.open')}
    </Button>
  )
}
