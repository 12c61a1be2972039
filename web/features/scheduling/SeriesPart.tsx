import { Button, List, Stack, Text, TextInput } from '@mantine/core'
import { IconRepeat } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { refusal } from '../../failure.ts'
import type { SeriesFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { useCan, useFormat } from '../../session/viewer.ts'
import { ConfirmForm } from '../../ui/ConfirmForm.tsx'
import { dateIn } from '../../ui/dates.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { OccurrenceList } from './OccurrenceList.tsx'
import { CancelSeries, OccurrenceFields } from './series-documents.ts'
import { isUpcoming } from './status.ts'
import { useSeriesTexts } from './use-series-texts.ts'

/** The series that a visit is part of: its other visits, what was skipped, and the way to end it. */
export function SeriesPart({ series, date }: { series: SeriesFieldsFragment; date: string }) {
  const { t } = useTranslation('desk')
  const format = useFormat()
  const can = useCan()
  const texts = useSeriesTexts()
  const label = useCodeLabel()
  const [isCancelling, setCancelling] = useState(false)
  const skipped = series.skipped.map((masked) => readFragment(OccurrenceFields, masked))
  return (
    <section aria-label={t('series.inSeries')}>
      <Text fw={600} mb={4}>
        <IconRepeat size={15} aria-hidden="true" style={{ verticalAlign: '-2px' }} /> {t('series.inSeries')}
      </Text>
      <Text size="sm">
        {texts.rule(series.rule)}
        {series.endedFrom !== null && ` · ${t('series.ended', { date: format.date(series.endedFrom) })}`}
      </Text>
      <details>
        <summary style={{ cursor: 'pointer', fontSize: 'var(--mantine-font-size-sm)' }}>{t('series.visits')}</summary>
        <List size="sm" mt={4}>
          {series.appointments.map(({ id, startsAt, status }) => (
            <List.Item key={id}>
              {format.dateTime(startsAt)} · {label('status', status)}
            </List.Item>
          ))}
        </List>
        {skipped.length > 0 && (
          <>
            <Text size="sm" fw={600} mt={8} mb={4}>
              {t('series.skippedList')}
            </Text>
            <OccurrenceList label={t('series.skippedList')} occurrences={skipped} />
          </>
        )}
      </details>
      {series.isActive && can('appointment:cancel') && !isCancelling && (
        <Button mt={6} variant="subtle" color="clay" size="compact-sm" onClick={() => setCancelling(true)}>
          {t('series.cancel')}
        </Button>
      )}
      {isCancelling && <CancelRest series={series} date={date} onClose={() => setCancelling(false)} />}
    </section>
  )
}

type CancelRestProps = { series: SeriesFieldsFragment; date: string; onClose: () => void }

function CancelRest({ series, date, onClose }: CancelRestProps) {
  const { t } = useTranslation('desk')
  const { timeZone } = useFormat()
  const textOf = useFailureText()
  const [from, setFrom] = useState(date)
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(CancelSeries, (data) => data.cancelSeries)
  const now = new Date()
  const touched = series.appointments.filter(
    ({ status, startsAt }) => isUpcoming(status) && new Date(startsAt) >= now && dateIn(timeZone, new Date(startsAt)) >= from,
  )

  async function cancel() {
    const { payload, failure } = await run({ input: { id: series.id, version: series.version, from, reason: reason.trim() } })
    if (payload?.__typename !== 'AppointmentSeries') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('series.cancelled') })
    onClose()
  }

  return (
    <Stack mt="sm">
      <ConfirmForm
        problem={problem}
        submit={t('series.cancelSubmit')}
        keep={t('series.keep')}
        isRunning={isRunning}
        isDisabled={from === '' || reason.trim() === ''}
        onSubmit={() => void cancel()}
        onClose={onClose}
      >
        <TextInput type="date" label={t('series.cancelFrom')} value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
        <TextInput
          label={t('series.cancelReason')}
          required
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          autoFocus
        />
        <Text size="sm">{t('series.cancelText', { count: touched.length })}</Text>
      </ConfirmForm>
    </Stack>
  )
}
