import { ActionIcon, Button, Group } from '@mantine/core'
import { DatePickerInput } from '@mantine/dates'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import { addDays } from './dates.ts'

type DateBarProps = {
  date: string
  today: string
  label: string
  /** Days to the neighbours. */
  step?: number
  /** Neighbours that are no fixed number of days away. */
  around?: { before: string; after: string }
  onChange: (date: string) => void
}

/** A practice day with its neighbours one click away. */
export function DateBar({ date, today, label, step = 1, around, onChange }: DateBarProps) {
  const { t } = useTranslation()
  const kind = around !== undefined ? 'month' : step === 7 ? 'week' : 'day'
  return (
    <Group gap={4} wrap="nowrap" role="group" aria-label={label}>
      <ActionIcon variant="default" size={34} aria-label={t(`date.${kind}.previous`)} onClick={() => onChange(around?.before ?? addDays(date, -step))}>
        <IconChevronLeft size={18} />
      </ActionIcon>
      <DatePickerInput
        value={date}
        onChange={(value) => value !== null && onChange(value)}
        valueFormat="ddd D MMM YYYY"
        size="sm"
        w={158}
        styles={{ input: { height: 34, minHeight: 34, textAlign: 'center' } }}
        popoverProps={{ withinPortal: true }}
        ariaLabels={{ previousMonth: t('date.previousMonth'), nextMonth: t('date.nextMonth') }}
      />
      <ActionIcon variant="default" size={34} aria-label={t(`date.${kind}.next`)} onClick={() => onChange(around?.after ?? addDays(date, step))}>
        <IconChevronRight size={18} />
      </ActionIcon>
      <Button variant="default" h={34} px={12} disabled={date === today} onClick={() => onChange(today)}>
        {t('date.today')}
      </Button>
    </Group>
  )
}
