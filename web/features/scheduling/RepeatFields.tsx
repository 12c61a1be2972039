import { NumberInput, SegmentedControl, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { MOST_EVERY, MOST_VISITS, type Repeat } from './series-rule.ts'
import { WeekdayChips } from './WeekdayChips.tsx'

type RepeatFieldsProps = { repeat: Repeat; lastDay: string; onChange: (repeat: Repeat) => void }

/** Every so many weeks or months, and until when. */
export function RepeatFields({ repeat, lastDay, onChange }: RepeatFieldsProps) {
  const { t } = useTranslation('desk')
  const { unit, every, weekdays, end } = repeat
  return (
    <Stack gap="sm">
      <SimpleGrid cols={2} spacing="sm" style={{ alignItems: 'end' }}>
        <NumberInput
          label={t('series.every')}
          min={1}
          max={MOST_EVERY}
          allowDecimal={false}
          value={every}
          onChange={(value) => typeof value === 'number' && onChange({ ...repeat, every: value })}
        />
        <SegmentedControl
          aria-label={t('series.unit')}
          value={unit}
          onChange={(value) => onChange({ ...repeat, unit: value === 'month' ? 'month' : 'week' })}
          data={[
            { value: 'week', label: t('series.weeks') },
            { value: 'month', label: t('series.months') },
          ]}
        />
      </SimpleGrid>
      {unit === 'week' && <WeekdayChips weekdays={weekdays} label={t('series.weekdays')} onChange={(days) => onChange({ ...repeat, weekdays: days })} />}
      <SegmentedControl
        fullWidth
        aria-label={t('series.end')}
        value={end.kind}
        onChange={(kind) => onChange({ ...repeat, end: kind === 'until' ? { kind, until: lastDay } : { kind: 'count', count: 4 } })}
        data={[
          { value: 'count', label: t('series.byCount') },
          { value: 'until', label: t('series.byDate') },
        ]}
      />
      {end.kind === 'count' ? (
        <NumberInput
          label={t('series.count')}
          min={1}
          max={MOST_VISITS}
          allowDecimal={false}
          value={end.count}
          onChange={(value) => typeof value === 'number' && onChange({ ...repeat, end: { kind: 'count', count: value } })}
        />
      ) : (
        <TextInput
          type="date"
          label={t('series.until')}
          value={end.until}
          onChange={(event) => onChange({ ...repeat, end: { kind: 'until', until: event.currentTarget.value } })}
        />
      )}
    </Stack>
  )
}
