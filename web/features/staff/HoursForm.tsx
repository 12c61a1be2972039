import { ActionIcon, Button, Fieldset, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconCoffee, IconCopy, IconPlus, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import { notify } from '../../notify.ts'
import { useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { Problem } from './Problem.tsx'
import { SetWeeklyHours } from './people-documents.ts'
import { useSubmit } from './use-submit.ts'
import { useWeekdays, WEEKDAYS } from './use-weekdays.ts'
import { copyDay, draftsOn, type Hours, isComplete, type SpanDraft, toScheduleInput } from './weekly-hours.ts'

const [MONDAY, ...OTHER_WORKDAYS] = [1, 2, 3, 4, 5] as const

/** All hours of a week from a day on. What applied before ends on that day. */
export function HoursForm({ staffId, schedules, onClose }: { staffId: string; schedules: readonly Hours[]; onClose: () => void }) {
  const { t } = useTranslation('people')
  const { timeZone } = useFormat()
  const [validFrom, setValidFrom] = useState(() => dateIn(timeZone, new Date()))
  const [spans, setSpans] = useState(() => draftsOn(schedules, validFrom))
  const { submit, problem, isRunning } = useSubmit(SetWeeklyHours, ({ setWeeklySchedule: made }) =>
    made.__typename === 'StaffProfile' ? { done: made.id } : { failure: refusal(made) },
  )

  async function save() {
    if ((await submit({ input: toScheduleInput(staffId, validFrom, spans) })) === null) return
    notify({ color: 'pine', message: t('hours.done') })
    onClose()
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <Stack gap="md">
        <TextInput
          type="date"
          label={t('hours.validFrom')}
          description={t('hours.validFromHint')}
          required
          value={validFrom}
          onChange={(event) => setValidFrom(event.currentTarget.value)}
          data-autofocus
        />
        {WEEKDAYS.map((weekday) => (
          <Day key={weekday} weekday={weekday} spans={spans} onChange={setSpans} />
        ))}
        {spans.length === 0 && <Text size="sm">{t('hours.none')}</Text>}
        <Problem text={problem} />
        <Button type="submit" size="md" loading={isRunning} disabled={validFrom === '' || !isComplete(spans)}>
          {t('hours.submit')}
        </Button>
      </Stack>
    </form>
  )
}

type DayProps = { weekday: number; spans: readonly SpanDraft[]; onChange: (spans: SpanDraft[]) => void }

function Day({ weekday, spans, onChange }: DayProps) {
  const { t } = useTranslation('people')
  const weekdays = useWeekdays()
  const day = weekdays.long(weekday)
  const own = spans.filter((span) => span.weekday === weekday)
  const change = (key: string, part: Partial<SpanDraft>) => onChange(spans.map((span) => (span.key === key ? { ...span, ...part } : span)))
  const add = () =>
    onChange([...spans, { key: crypto.randomUUID(), weekday, start: own.length === 0 ? '09:00' : '', end: own.length === 0 ? '17:00' : '', breaks: [] }])
  return (
    <Fieldset legend={day} p="sm">
      <Stack gap="xs">
        {own.map((span) => (
          <Span key={span.key} span={span} onChange={(part) => change(span.key, part)} onRemove={() => onChange(spans.filter((one) => one.key !== span.key))} />
        ))}
        <Group gap="xs">
          <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} aria-label={t('hours.addOn', { day })} onClick={add}>
            {t('hours.add')}
          </Button>
          {weekday === MONDAY && own.length > 0 && (
            <Button variant="default" size="compact-sm" leftSection={<IconCopy size={14} />} onClick={() => onChange(copyDay(spans, MONDAY, OTHER_WORKDAYS))}>
              {t('hours.copy')}
            </Button>
          )}
        </Group>
      </Stack>
    </Fieldset>
  )
}

type SpanProps = { span: SpanDraft; onChange: (part: Partial<SpanDraft>) => void; onRemove: () => void }

function Span({ span, onChange, onRemove }: SpanProps) {
  const { t } = useTranslation('people')
  const changeBreak = (key: string, part: { start?: string; end?: string }) =>
    onChange({ breaks: span.breaks.map((pause) => (pause.key === key ? { ...pause, ...part } : pause)) })
  return (
    <Stack gap={6}>
      <Group gap="xs" align="end" wrap="nowrap">
        <TimeField label={t('hours.start')} value={span.start} onChange={(start) => onChange({ start })} />
        <TimeField label={t('hours.end')} value={span.end} onChange={(end) => onChange({ end })} />
        <Remove label={t('hours.remove')} onClick={onRemove} />
      </Group>
      {span.breaks.map((pause) => (
        <Group key={pause.key} gap="xs" align="end" wrap="nowrap" pl="md">
          <TimeField label={t('hours.breakStart')} value={pause.start} onChange={(start) => changeBreak(pause.key, { start })} />
          <TimeField label={t('hours.breakEnd')} value={pause.end} onChange={(end) => changeBreak(pause.key, { end })} />
          <Remove label={t('hours.removeBreak')} onClick={() => onChange({ breaks: span.breaks.filter(({ key }) => key !== pause.key) })} />
        </Group>
      ))}
      <div>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconCoffee size={14} />}
          onClick={() => onChange({ breaks: [...span.breaks, { key: crypto.randomUUID(), start: '13:00', end: '14:00' }] })}
        >
          {t('hours.addBreak')}
        </Button>
      </div>
    </Stack>
  )
}

function TimeField({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  // 24:00 ends a day, which a field for a time cannot say.
  return (
    <TextInput
      label={label}
      required
      placeholder="09:00"
      maxLength={5}
      inputMode="numeric"
      pattern="(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      style={{ flex: '1 1 0' }}
    />
  )
}

function Remove({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="default" size={34} aria-label={label} onClick={onClick}>
      <IconX size={16} />
    </ActionIcon>
  )
}
