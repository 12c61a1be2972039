import { Button, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { AttendanceFieldsFragment } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { useFormat } from '../../session/viewer.ts'
import { dateIn, minuteIn } from '../../ui/dates.ts'
import { instantAt } from '../scheduling/instant-at.ts'
import { CorrectAttendance, RecordAttendance } from './attendance-documents.ts'
import { Problem } from './Problem.tsx'
import { useSubmit } from './use-submit.ts'

/** `2026-05-04T09:30` at the clinic, which is what the browser's field for a time holds. */
function localText(instant: string | null, timeZone: string): string {
  if (instant === null) return ''
  const date = new Date(instant)
  const minute = minuteIn(timeZone, date)
  const two = (part: number) => String(part).padStart(2, '0')
  return `${dateIn(timeZone, date)}T${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

function instantOf(text: string, timeZone: string): string {
  const [date = '', time = ''] = text.split('T')
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return instantAt(date, hours * 60 + minutes, timeZone)
}

type AttendanceFormProps = { staffId: string; entry: AttendanceFieldsFragment | null; onClose: () => void }

/** Times at work that somebody writes by hand, always with the reason: the trail keeps what stood there before. */
export function AttendanceForm({ staffId, entry, onClose }: AttendanceFormProps) {
  const { t } = useTranslation('people')
  const { timeZone } = useFormat()
  const shown = { came: localText(entry?.clockedInAt ?? null, timeZone), left: localText(entry?.clockedOutAt ?? null, timeZone) }
  const [times, setTimes] = useState(shown)
  const [reason, setReason] = useState('')
  const recording = useSubmit(RecordAttendance, ({ recordAttendance: made }) =>
    made.__typename === 'AttendanceEntry' ? { done: made.id } : { failure: refusal(made) },
  )
  const correcting = useSubmit(CorrectAttendance, ({ correctAttendance: made }) =>
    made.__typename === 'AttendanceEntry' ? { done: made.id } : { failure: refusal(made) },
  )
  const { problem, isRunning } = entry === null ? recording : correcting

  function send() {
    const why = reason.trim()
    if (entry === null) {
      const [clockedInAt, clockedOutAt] = [instantOf(times.came, timeZone), instantOf(times.left, timeZone)]
      return recording.submit({ input: { staffId, clockedInAt, clockedOutAt, reason: why } })
    }
    // What was not touched keeps its seconds.
    const changed = {
      ...(times.came === shown.came ? {} : { clockedInAt: instantOf(times.came, timeZone) }),
      ...(times.left === shown.left ? {} : { clockedOutAt: instantOf(times.left, timeZone) }),
    }
    return correcting.submit({ input: { id: entry.id, version: entry.version, ...changed, reason: why } })
  }

  async function save() {
    if ((await send()) === null) return
    notify({ color: 'pine', message: t('attendance.saved') })
    onClose()
  }

  const isLeftNeeded = entry === null || entry.clockedOutAt !== null
  const isComplete = times.came !== '' && (!isLeftNeeded || times.left !== '') && reason.trim() !== ''
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <Stack gap="md">
        <Text size="sm">{t('attendance.byHand')}</Text>
        <TextInput
          type="datetime-local"
          label={t('attendance.in')}
          required
          value={times.came}
          onChange={(event) => setTimes({ ...times, came: event.currentTarget.value })}
          data-autofocus
        />
        <TextInput
          type="datetime-local"
          label={t('attendance.out')}
          required={isLeftNeeded}
          value={times.left}
          onChange={(event) => setTimes({ ...times, left: event.currentTarget.value })}
        />
        <Textarea
          label={t('attendance.reason')}
          required
          maxLength={500}
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Problem text={problem} />
        <Button type="submit" size="md" loading={isRunning} disabled={!isComplete}>
          {t('save')}
        </Button>
      </Stack>
    </form>
  )
}
