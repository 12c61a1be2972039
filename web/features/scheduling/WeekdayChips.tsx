import { Chip, Group } from '@mantine/core'

import { useFormat } from '../../session/viewer.ts'
import { addDays } from '../../ui/dates.ts'

// A Monday, to name the days of the week in the reader's language.
const SOME_MONDAY = '2024-01-01'

/** The names of the days of the week, from Monday (1) to Sunday (7). */
export function useWeekdayNames(): (weekday: number) => string {
  const format = useFormat()
  return (weekday) => format.weekday(addDays(SOME_MONDAY, weekday - 1))
}

type WeekdayChipsProps = { weekdays: readonly number[]; label: string; onChange: (weekdays: number[]) => void }

/** Days of the week as chips; the numbers are those of ISO 8601. */
export function WeekdayChips({ weekdays, label, onChange }: WeekdayChipsProps) {
  const nameOf = useWeekdayNames()
  return (
    <Chip.Group multiple value={weekdays.map(String)} onChange={(values) => onChange(values.map(Number).sort((a, b) => a - b))}>
      <Group gap={6} role="group" aria-label={label}>
        {[1, 2, 3, 4, 5, 6, 7].map((weekday) => (
          <Chip key={weekday} value={String(weekday)} size="xs">
            {nameOf(weekday)}
          </Chip>
        ))}
      </Group>
    </Chip.Group>
  )
}
