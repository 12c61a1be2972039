import { Alert, Badge, Button, Group, List, Text } from '@mantine/core'
import { IconAlertTriangle, IconCalendarOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../session/viewer.ts'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { alike, isPlanned, shiftsOf, type Week } from './roster-week.ts'
import { useRosterTexts } from './use-roster-texts.ts'

type RosterNoticesProps = { week: Week; mayPlan: boolean; onApply: () => void }

/** How far the plan is, whom it asks too much of, and how to begin when there is nothing yet. */
export function RosterNotices({ week, mayPlan, onApply }: RosterNoticesProps) {
  const { t } = useTranslation('rosters')
  const isEmpty = !shiftsOf(week).some(isPlanned)
  return (
    <>
      <Standing week={week} mayPlan={mayPlan} />
      {isEmpty && (
        <StateMessage
          icon={<IconCalendarOff size={34} stroke={1.5} />}
          title={t('empty.title')}
          action={mayPlan && <Button onClick={onApply}>{t('apply.open')}</Button>}
        >
          {t(mayPlan ? 'empty.plan' : 'empty.text')}
        </StateMessage>
      )}
      <Warnings week={week} />
    </>
  )
}

function Standing({ week: { roster }, mayPlan }: { week: Week; mayPlan: boolean }) {
  const { t } = useTranslation('rosters')
  const format = useFormat()
  if (roster === null) return null
  const isDraft = roster.status === 'DRAFT'
  return (
    <Group gap="xs" mb="sm" role="status">
      <Badge color={isDraft ? 'amber' : 'pine'}>{t(`status.${roster.status}`)}</Badge>
      <Text size="sm">
        {isDraft || roster.publishedAt === null ? t('status.draftText') : t('status.publishedText', { when: format.dateTime(roster.publishedAt) })}
        {!isDraft && mayPlan && ` ${t('status.atOnce')}`}
      </Text>
    </Group>
  )
}

function Warnings({ week: { warnings } }: { week: Week }) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  if (warnings.length === 0) return null
  return (
    <Alert role="note" color="amber" variant="light" mb="sm" icon={<IconAlertTriangle size={18} />} title={t('warning.title', { count: warnings.length })}>
      <List size="sm" aria-label={t('warning.title', { count: warnings.length })}>
        {alike(warnings).map(({ warning, dates }) => (
          <List.Item key={`${warning.staff.id} ${warning.code} ${warning.date}`}>
            <strong>{warning.staff.name}</strong>
            {warning.code !== 'OVERTIME_WEEK' && `, ${dates.map(texts.day).join(', ')}`}: {texts.warning(warning)}
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}
