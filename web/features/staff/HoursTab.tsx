import { Badge, Button, Drawer, Group, Stack, Table, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCalendarTime } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { PersonFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useFormat, useViewer } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { addDays, dateIn } from '../../ui/dates.ts'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { HoursForm } from './HoursForm.tsx'
import { WeeklyHoursDocument, WeeklyHoursFields } from './people-documents.ts'
import { useWeekdays } from './use-weekdays.ts'
import { isValidOn, type Period, periodsOf } from './weekly-hours.ts'

/** When somebody works at the active clinic: now, from a day on, and before. */
export function HoursTab({ person }: { person: PersonFieldsFragment }) {
  const { t } = useTranslation('people')
  const can = useCan()
  const { clinic } = useViewer()
  const [isSetting, setting] = useDisclosure(false)
  const [result, retry] = useLiveQuery(['WeeklySchedule', 'WeeklyBreak'], { query: WeeklyHoursDocument, variables: { id: person.id } })
  const schedules = readFragment(WeeklyHoursFields, result.data?.staffMember)?.schedules ?? []
  // The form begins with what is in force: before that is known it would take it away.
  const open = can('schedule:manage') && result.data ? setting.open : null
  return (
    <Section
      title={t('hours.title', { clinic: clinic.name })}
      aside={
        open && (
          <Button variant="default" leftSection={<IconCalendarTime size={16} />} onClick={open}>
            {t('hours.set')}
          </Button>
        )
      }
    >
      <QueryView result={result} onRetry={retry}>
        {() => <Periods periods={periodsOf(schedules)} onSet={open} />}
      </QueryView>
      <Drawer opened={isSetting} onClose={setting.close} size="lg" title={t('hours.set')} closeButtonProps={{ 'aria-label': t('close') }}>
        {isSetting && <HoursForm staffId={person.id} schedules={schedules} onClose={setting.close} />}
      </Drawer>
    </Section>
  )
}

function Periods({ periods, onSet }: { periods: readonly Period[]; onSet: (() => void) | null }) {
  const { t } = useTranslation('people')
  if (periods.length === 0)
    return (
      <StateMessage
        icon={<IconCalendarTime size={34} stroke={1.5} />}
        title={t('hours.empty')}
        action={onSet && <Button onClick={onSet}>{t('hours.set')}</Button>}
      >
        {t('hours.emptyText')}
      </StateMessage>
    )
  return (
    <Stack gap="lg">
      {periods.map((period) => (
        <PeriodTable key={`${period.validFrom} ${period.validUntil}`} period={period} />
      ))}
    </Stack>
  )
}

function PeriodTable({ period }: { period: Period }) {
  const { t } = useTranslation('people')
  const format = useFormat()
  const weekdays = useWeekdays()
  const { validFrom, validUntil, hours } = period
  const today = dateIn(format.timeZone, new Date())
  const isNow = isValidOn(period, today)
  const title =
    validUntil === null
      ? t('hours.from', { from: format.date(validFrom) })
      : t('hours.between', { from: format.date(validFrom), until: format.date(addDays(validUntil, -1)) })
  return (
    <div>
      <Group gap={8} mb={4}>
        <Text fw={600}>{title}</Text>
        <Badge color={isNow ? 'pine' : 'gray'}>{t(isNow ? 'hours.now' : validFrom > today ? 'hours.later' : 'hours.past')}</Badge>
      </Group>
      <DataTable label={title} columns={[{ label: t('hours.day'), width: '34%' }, { label: t('hours.time') }, { label: t('hours.breaks') }]}>
        {hours.map(({ id, weekday, start, end, breaks }) => (
          <Table.Tr key={id}>
            <Table.Td>{weekdays.long(weekday)}</Table.Td>
            <Table.Td>
              {start}–{end}
            </Table.Td>
            <Table.Td>{breaks.map((pause) => `${pause.start}–${pause.end}`).join(', ') || t('hours.noBreaks')}</Table.Td>
          </Table.Tr>
        ))}
      </DataTable>
    </div>
  )
}
