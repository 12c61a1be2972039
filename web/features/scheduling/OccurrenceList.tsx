import { Badge, Text } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

import type { OccurrenceFieldsFragment } from '../../gql/graphql.ts'
import { useFormat } from '../../session/viewer.ts'
import { useSeriesTexts } from './use-series-texts.ts'

type OccurrenceListProps = {
  label: string
  occurrences: readonly OccurrenceFieldsFragment[]
  /** In place of the times that are free instead. */
  renderNext?: (occurrence: OccurrenceFieldsFragment) => ReactNode
}

/** The visits of a series; those that are skipped say what is in the way and when the same would be free. */
export function OccurrenceList({ label, occurrences, renderNext }: OccurrenceListProps) {
  const { t } = useTranslation('desk')
  const format = useFormat()
  const texts = useSeriesTexts()
  return (
    <ul aria-label={label} style={{ listStyle: 'none', margin: 0, padding: 0, display: 'grid', gap: 8 }}>
      {occurrences.map((one) => (
        <li key={one.startsAt}>
          <Text size="sm" component="div">
            {one.isSkipped ? (
              <Badge color="amber" mr={6}>
                {t('series.skip')}
              </Badge>
            ) : (
              <IconCheck size={15} aria-hidden="true" style={{ verticalAlign: '-2px', marginRight: 4 }} />
            )}
            {texts.when(one)}
            {one.clockChange !== 'NONE' && ` · ${t('series.clockMoved')}`}
          </Text>
          {one.isSkipped && (
            <Text size="sm" c="dimmed">
              {texts.skip(one)}
            </Text>
          )}
          {one.isSkipped &&
            (renderNext !== undefined
              ? renderNext(one)
              : one.nextSlots.length > 0 && (
                  <Text size="xs">{t('series.free', { times: one.nextSlots.map((slot) => format.dateTime(slot)).join(' · ') })}</Text>
                ))}
        </li>
      ))}
    </ul>
  )
}
