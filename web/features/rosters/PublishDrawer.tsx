import { Alert, Button, Drawer, List, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import { notify } from '../../notify.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { Problem } from './Problem.tsx'
import { PublishRoster } from './roster-documents.ts'
import { changesOf, type DayChange, isPlanned, type PersonChange, shiftsOf, type Week } from './roster-week.ts'
import { useRosterTexts } from './use-roster-texts.ts'

type PublishDrawerProps = { week: Week; isOpen: boolean; onClose: () => void }

/** What changes for whom, before a draft counts. */
export function PublishDrawer({ week, isOpen, onClose }: PublishDrawerProps) {
  const { t } = useTranslation('rosters')
  const { roster } = week
  const isDraft = roster?.status === 'DRAFT'
  return (
    <Drawer opened={isOpen} onClose={onClose} size="lg" title={t('publish.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      {isOpen && isDraft && <Summary week={week} rosterId={roster.id} version={roster.version} onClose={onClose} />}
      {isOpen && !isDraft && <Text>{t('publish.nothing')}</Text>}
    </Drawer>
  )
}

type SummaryProps = { week: Week; rosterId: string; version: number; onClose: () => void }

function Summary({ week, rosterId, version, onClose }: SummaryProps) {
  const { t } = useTranslation('rosters')
  const textOf = useFailureText()
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(PublishRoster, (data) => data.publishRoster)
  const changes = changesOf(week)

  async function publish() {
    const { payload, failure } = await run({ input: { id: rosterId, version } })
    if (payload?.__typename !== 'RosterWeek') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('publish.done') })
    onClose()
  }

  return (
    <Stack gap="md">
      <Text size="sm">{t('publish.text')}</Text>
      <Gaps week={week} />
      <section aria-label={t('publish.changes', { count: changes.length })}>
        <Text fw={600} mb={6}>
          {t('publish.changes', { count: changes.length })}
        </Text>
        <Stack gap="sm">
          {changes.map((change) => (
            <ChangeOf key={change.person.id} change={change} />
          ))}
        </Stack>
      </section>
      <Problem text={problem} />
      <Button size="md" loading={isRunning} onClick={() => void publish()}>
        {t('publish.submit')}
      </Button>
      <Button variant="default" onClick={onClose}>
        {t('back')}
      </Button>
    </Stack>
  )
}

/** What the plan still lacks. It may be published all the same. */
function Gaps({ week }: { week: Week }) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const open = shiftsOf(week).filter((shift) => isPlanned(shift) && shift.staff === null)
  const short = week.coverage.filter(({ isMet }) => !isMet)
  if (open.length + short.length + week.warnings.length === 0) return null
  return (
    <Alert role="note" color="amber" variant="light" icon={<IconAlertTriangle size={18} />} title={t('publish.gaps')}>
      <List size="sm">
        {short.map((one) => (
          <List.Item key={`${one.need.id} ${one.date}`}>
            {texts.day(one.date)}: {texts.coverage(one)} ({texts.coverageState(one)})
          </List.Item>
        ))}
        {open.length > 0 && <List.Item>{t('publish.openShifts', { count: open.length })}</List.Item>}
        {week.warnings.length > 0 && <List.Item>{t('warning.title', { count: week.warnings.length })}</List.Item>}
      </List>
    </Alert>
  )
}

function ChangeOf({ change: { person, days } }: { change: PersonChange }) {
  return (
    <div>
      <Text fw={600} size="sm">
        {person.name}
      </Text>
      <List size="sm">
        {days.map((day) => (
          <List.Item key={day.date}>
            <Change day={day} />
          </List.Item>
        ))}
      </List>
    </div>
  )
}

function Change({ day: { date, shifts, instead } }: { day: DayChange }) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const times = shifts.map((shift) => texts.times(shift)).join(', ')
  const usual = instead.map((hours) => texts.times(hours)).join(', ')
  return (
    <>
      {texts.day(date)}: {times} {instead.length === 0 ? t('publish.extra') : t('publish.instead', { usual })}
    </>
  )
}
