import { Button, Drawer, Group, Stack, Table, Text } from '@mantine/core'
import { IconClock, IconClockPlus } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AttendanceFieldsFragment, PersonFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useFormat, useViewer } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { DateBar } from '../../ui/DateBar.tsx'
import { addDays, dateIn } from '../../ui/dates.ts'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useMinutesText } from '../scheduling/use-minutes-text.ts'
import { AttendanceForm } from './AttendanceForm.tsx'
import { AttendanceDocument, AttendanceFields } from './attendance-documents.ts'
import { ClockButton } from './ClockButton.tsx'
import { useReach } from './use-reach.ts'

const route = getRouteApi('/signed-in/staff/people/$id')
const DAYS = 7
/** An entry that is corrected; 'new' for one that nobody recorded. */
type Correcting = AttendanceFieldsFragment | 'new'

/** Time at work at the active clinic, a week at a time. */
export function AttendanceTab({ person }: { person: PersonFieldsFragment }) {
  const { t } = useTranslation('people')
  const can = useCan()
  const { staffId } = useViewer()
  const reach = useReach(person.id)
  const { timeZone } = useFormat()
  const today = dateIn(timeZone, new Date())
  const until = route.useSearch().until ?? today
  const navigate = useNavigate({ from: '/staff/people/$id' })
  const [correcting, setCorrecting] = useState<Correcting | null>(null)
  const variables = { staffId: person.id, from: addDays(until, 1 - DAYS), until }
  const [result, retry] = useLiveQuery(['AttendanceEntry'], { query: AttendanceDocument, variables })
  const choose = (date: string) => void navigate({ search: (old) => ({ ...old, until: date === today ? undefined : date }), resetScroll: false })
  const mayCorrect = can('attendance:manage')
  return (
    <Section title={t('attendance.title')} aside={<DateBar date={until} today={today} label={t('attendance.week')} step={DAYS} onChange={choose} />}>
      <Stack gap="md">
        <Group gap="xs">
          {staffId === person.id && reach('attendance:record') && <ClockButton staffId={person.id} />}
          {mayCorrect && (
            <Button variant="default" leftSection={<IconClockPlus size={16} />} onClick={() => setCorrecting('new')}>
              {t('attendance.record')}
            </Button>
          )}
        </Group>
        <QueryView result={result} onRetry={retry} skeletonHeight={160}>
          {({ attendance }) => (
            <Entries
              minutes={attendance.minutesWorked}
              entries={attendance.entries.map((entry) => readFragment(AttendanceFields, entry))}
              onCorrect={mayCorrect ? setCorrecting : null}
            />
          )}
        </QueryView>
      </Stack>
      <Drawer
        opened={correcting !== null}
        onClose={() => setCorrecting(null)}
        title={t(correcting === 'new' ? 'attendance.record' : 'attendance.correct')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        {correcting !== null && <AttendanceForm staffId={person.id} entry={correcting === 'new' ? null : correcting} onClose={() => setCorrecting(null)} />}
      </Drawer>
    </Section>
  )
}

type EntriesProps = { minutes: number; entries: readonly AttendanceFieldsFragment[]; onCorrect: ((entry: AttendanceFieldsFragment) => void) | null }

function Entries({ minutes, entries, onCorrect }: EntriesProps) {
  const { t } = useTranslation('people')
  const minutesText = useMinutesText()
  if (entries.length === 0)
    return (
      <StateMessage icon={<IconClock size={34} stroke={1.5} />} title={t('attendance.empty')}>
        {t('attendance.emptyText')}
      </StateMessage>
    )
  const columns = [
    { label: t('attendance.in') },
    { label: t('attendance.out') },
    { label: t('attendance.worked'), isNumeric: true },
    ...(onCorrect ? [{ label: t('attendance.action') }] : []),
  ]
  return (
    <>
      <Text>{t('attendance.total', { time: minutesText(minutes) })}</Text>
      <DataTable label={t('attendance.title')} columns={columns}>
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} onCorrect={onCorrect} />
        ))}
      </DataTable>
    </>
  )
}

function Entry({ entry, onCorrect }: { entry: AttendanceFieldsFragment; onCorrect: EntriesProps['onCorrect'] }) {
  const { t } = useTranslation('people')
  const format = useFormat()
  const minutesText = useMinutesText()
  const { clockedInAt, clockedOutAt, minutesWorked, correctedAt, correctedBy, correctionReason } = entry
  return (
    <Table.Tr>
      <Table.Td>
        {format.dateTime(clockedInAt)}
        {correctedAt !== null && (
          <Text size="xs" c="dimmed">
            {t('attendance.corrected', { when: format.dateTime(correctedAt), name: correctedBy?.name ?? t('someone'), reason: correctionReason ?? '' })}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{clockedOutAt === null ? t('attendance.still') : format.dateTime(clockedOutAt)}</Table.Td>
      <Table.Td ta="right">{minutesText(minutesWorked)}</Table.Td>
      {onCorrect && (
        <Table.Td>
          <Button
            variant="subtle"
            size="compact-sm"
            aria-label={t('attendance.correctOne', { when: format.dateTime(clockedInAt) })}
            onClick={() => onCorrect(entry)}
          >
            {t('attendance.correctOpen')}
          </Button>
        </Table.Td>
      )}
    </Table.Tr>
  )
}
