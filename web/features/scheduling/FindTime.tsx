import { Button, Collapse, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { IconCalendarSearch } from '@tabler/icons-react'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import type { OpenSlotsInput } from '../../gql/graphql.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { capitalised } from '../../ui/capitalised.ts'
import { addDays, dateIn } from '../../ui/dates.ts'
import type { Kind, OpenSlot } from './BookDrawer.tsx'
import { ScheduleColumns } from './schedule-documents.ts'
import { OpenSlots } from './slot-documents.ts'
import { WaitlistLink } from './WaitlistLink.tsx'
import { WeekdayChips } from './WeekdayChips.tsx'

const SEARCH_DAYS = 28
const MOST_SLOTS = 200
const SHOWN_PER_DAY = 8

type FindTimeProps = { type: Kind; date: string; patientId: string | null; isOpen: boolean; onTake: (slot: OpenSlot) => void }

/** "The next Tuesday morning with anybody": what is free, as a list; a click fills it in. */
export function FindTime({ type, date, patientId, isOpen, onTake }: FindTimeProps) {
  const { t } = useTranslation('schedule')
  const panelId = useId()
  const [opened, setOpened] = useState(isOpen)
  return (
    <div>
      <Button
        variant="light"
        size="compact-sm"
        leftSection={<IconCalendarSearch size={16} />}
        aria-expanded={opened}
        aria-controls={panelId}
        onClick={() => setOpened(!opened)}
      >
        {t('find.open')}
      </Button>
      <Collapse expanded={opened} id={panelId}>
        {opened && <Search type={type} date={date} patientId={patientId} onTake={onTake} />}
      </Collapse>
    </div>
  )
}

function Search({ type, date, patientId, onTake }: Omit<FindTimeProps, 'isOpen'>) {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const [{ data }] = useQuery({ query: ScheduleColumns, variables: { date } })
  const [staffId, setStaffId] = useState<string | null>(null)
  const [weekdays, setWeekdays] = useState<readonly number[]>([])
  const [earliest, setEarliest] = useState('')
  const [latest, setLatest] = useState('')
  const [asked, setAsked] = useState<OpenSlotsInput | null>(null)
  const input = {
    typeId: type.id,
    from: date,
    until: addDays(date, SEARCH_DAYS - 1),
    staffIds: staffId === null ? null : [staffId],
    weekdays: weekdays.length === 0 ? null : [...weekdays],
    earliest: earliest || null,
    latest: latest || null,
    limit: MOST_SLOTS,
  }
  return (
    <Stack gap="sm" mt="sm">
      <Select
        label={t('find.who')}
        placeholder={t('find.anyone')}
        data={(data?.bookableStaff ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        value={staffId}
        onChange={setStaffId}
        clearable
        clearButtonProps={{ 'aria-label': t('find.anyone') }}
      />
      <WeekdayChips weekdays={weekdays} label={t('find.weekdays')} onChange={setWeekdays} />
      <Group grow gap="sm">
        <TextInput type="time" label={t('find.earliest')} value={earliest} onChange={(event) => setEarliest(event.currentTarget.value)} />
        <TextInput type="time" label={t('find.latest')} value={latest} onChange={(event) => setLatest(event.currentTarget.value)} />
      </Group>
      <Button variant="default" disabled={earliest !== '' && latest !== '' && latest <= earliest} onClick={() => setAsked(input)}>
        {t('find.submit', { date: format.shortDate(date) })}
      </Button>
      {asked !== null && <Found input={asked} patientId={patientId} onTake={onTake} />}
    </Stack>
  )
}

function Found({ input, patientId, onTake }: { input: OpenSlotsInput; patientId: string | null; onTake: (slot: OpenSlot) => void }) {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const [result, retry] = useQuery({ query: OpenSlots, variables: { input }, requestPolicy: 'network-only' })
  return (
    <QueryView result={result} onRetry={retry} skeletonHeight={90}>
      {({ openSlots }) => {
        if (openSlots.length === 0) {
          const wish = { patient: patientId ?? undefined, type: input.typeId, staff: input.staffIds?.[0], on: input.from }
          return (
            <Stack gap={4}>
              <Text role="status">{t('find.none')}</Text>
              <WaitlistLink wish={wish} />
            </Stack>
          )
        }
        const dateOf = ({ startsAt }: OpenSlot) => dateIn(format.timeZone, new Date(startsAt))
        const byDate = [...new Set(openSlots.map(dateOf))].map((date) => ({ date, slots: thinned(openSlots.filter((slot) => dateOf(slot) === date)) }))
        return byDate.map(({ date, slots }) => (
          <section key={date} aria-label={format.weekdayLongDate(date)}>
            <Text size="sm" fw={600} mb={4}>
              {capitalised(format.weekdayLongDate(date))}
            </Text>
            <Group gap={6}>
              {slots.map((slot) => (
                <Button key={slot.startsAt} size="compact-sm" variant="default" onClick={() => onTake(slot)} title={slot.staff.name}>
                  {format.time(slot.startsAt)}
                  <span className="visually-hidden"> {slot.staff.name}</span>
                </Button>
              ))}
            </Group>
          </section>
        ))
      }}
    </QueryView>
  )
}

/** Slots begin every ten minutes; of a day, those that do not overlap say as much in fewer buttons. */
function thinned(slots: readonly OpenSlot[]): OpenSlot[] {
  const kept: OpenSlot[] = []
  for (const slot of slots) {
    const last = kept.at(-1)
    if (last === undefined || Date.parse(slot.startsAt) >= Date.parse(last.endsAt)) kept.push(slot)
  }
  return kept.slice(0, SHOWN_PER_DAY)
}
