import { ActionIcon, Button, Group } from '@mantine/core'
import { DatePickerInput } from '@mantine/dates'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import { addDays } from './dates.ts'

type DateBarProps = { date: string; today: string; label: string; onChange: (date: string) => void }

/** A practice day with its neighbours one click away. */
export function DateBar({ date, today, label, onChange }: DateBarProps) {
  const { t } = useTranslation()
  return (
    <Group gap={4} wrap="nowrap" role="group" aria-label={label}>
      <ActionIcon variant="default" size={34} aria-label={t('date.previous')} onClick={() => onChange(addDays(date, -1))}>
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
      <ActionIcon variant="default" size={34} aria-label={t('date.next')} onClick={() => onChange(addDays(date, 1))}>
        <IconChevronRight size={18} />
      </ActionIcon>
      <Button variant="default" h={34} px={12} disabled={date === today} onClick={() => onChange(today)}>
        {t('date.today')}
      </Button>
    </Group>
  )
}
