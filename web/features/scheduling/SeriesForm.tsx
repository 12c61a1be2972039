import { Alert, Button, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import type { PreviewSeriesQuery, SeriesInput } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { addDays } from '../../ui/dates.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { clockText } from './day-plan.ts'
import { OccurrenceList } from './OccurrenceList.tsx'
import { RepeatFields } from './RepeatFields.tsx'
import type { BookedSeries } from './SeriesOutcome.tsx'
import { SlotConflict } from './SlotConflict.tsx'
import { BookSeries, OccurrenceFields, PreviewSeries, SeriesFields } from './series-documents.ts'
import { isPossible, type Repeat, ruleOf } from './series-rule.ts'
import type { Refused } from './use-appointment-commands.ts'
import { useRefusal } from './use-appointment-commands.ts'
import type { Booking } from './use-booking.ts'

const USUAL_DAYS = 12 * 7

/** What a series needs; the patient may still be looked for. */
export type SeriesWish = Omit<Booking, 'patient'> & { patient: Booking['patient'] | null }
type SeriesFormProps = { wish: SeriesWish; repeat: Repeat; onChange: (repeat: Repeat) => void; onBooked: (series: BookedSeries) => void }

/** The repetition of a visit: first every one of its visits is looked at, then those that can be are booked. */
export function SeriesForm({ wish, repeat, onChange, onBooked }: SeriesFormProps) {
  const { t } = useTranslation('desk')
  const { patient, type, place, reason } = wish
  const [asked, setAsked] = useState<string | null>(null)
  const input: SeriesInput = {
    patientId: patient?.id ?? '',
    typeId: type.id,
    staffId: place.staffId,
    roomId: place.roomId,
    equipmentIds: [...(place.equipmentIds ?? [])],
    rule: ruleOf(repeat, place.date),
    startsOn: place.date,
    startTime: clockText(place.minute),
    reason: reason.trim() || null,
  }
  const question = JSON.stringify(input)
  const isAsked = asked === question
  const [result, retry] = useQuery({ query: PreviewSeries, variables: { input }, pause: !isAsked, requestPolicy: 'network-only' })
  return (
    <Stack gap="md">
      <RepeatFields repeat={repeat} lastDay={addDays(place.date, USUAL_DAYS)} onChange={onChange} />
      {!isAsked || patient === null ? (
        <Button size="md" disabled={patient === null || place.staffId === '' || !isPossible(repeat, place.date)} onClick={() => setAsked(question)}>
          {t('series.preview')}
        </Button>
      ) : (
        <QueryView result={result} onRetry={() => retry({ requestPolicy: 'network-only' })} skeletonHeight={120}>
          {(data) => <Preview found={data.previewSeries} input={input} booking={{ patient, type, place, reason }} onBooked={onBooked} />}
        </QueryView>
      )}
    </Stack>
  )
}

type PreviewProps = { found: PreviewSeriesQuery['previewSeries']; input: SeriesInput; booking: Booking; onBooked: (series: BookedSeries) => void }

function Preview({ found, input, booking, onBooked }: PreviewProps) {
  const { t } = useTranslation('desk')
  const textOf = useFailureText()
  const refusedOf = useRefusal()
  const [refused, setRefused] = useState<Refused | null>(null)
  const { run, isRunning } = useCommand(BookSeries, (data) => data.bookSeries)
  const occurrences = found.map((masked) => readFragment(OccurrenceFields, masked))
  const skipped = occurrences.filter(({ isSkipped }) => isSkipped).length
  const bookable = occurrences.length - skipped

  async function book() {
    const { payload, failure } = await run({ input })
    if (payload === null) return setRefused({ message: textOf(failure), conflict: null })
    if (payload.__typename !== 'AppointmentSeries') return setRefused(refusedOf(payload))
    const series = readFragment(SeriesFields, payload)
    notify({ color: 'pine', message: t('series.done', { count: series.appointments.length, name: booking.patient.name }) })
    onBooked({ booking, skipped: series.skipped.map((masked) => readFragment(OccurrenceFields, masked)) })
  }

  return (
    <Stack gap="sm">
      <Text size="sm" fw={600} role="status">
        {t('series.found', { count: occurrences.length })}
        {skipped > 0 && `, ${t('series.skipped', { count: skipped })}`}
      </Text>
      <OccurrenceList label={t('series.visits')} occurrences={occurrences} />
      {refused !== null && <SlotConflict refused={refused} date={input.startsOn} onChoose={null} />}
      {bookable === 0 ? (
        <Alert role="alert" color="clay" variant="light">
          {t('series.noneBookable')}
        </Alert>
      ) : (
        <Button size="md" loading={isRunning} onClick={() => void book()} style={{ position: 'sticky', bottom: 0, zIndex: 2 }}>
          {t('series.submit', { count: bookable })}
        </Button>
      )}
    </Stack>
  )
}
