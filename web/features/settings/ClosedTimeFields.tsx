import { Checkbox, SimpleGrid, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { ClosedTime } from './use-closed-time.ts'

type ClosedTimeFieldsProps = { time: ClosedTime; onChange: (part: Partial<ClosedTime>) => void }

export function ClosedTimeFields({ time, onChange }: ClosedTimeFieldsProps) {
  const { t } = useTranslation('settings')
  const field = (name: 'firstDay' | 'lastDay' | 'start' | 'end', type: 'date' | 'time') => (
    <TextInput type={type} label={t(`closed.${name}`)} value={time[name]} onChange={(event) => onChange({ [name]: event.currentTarget.value })} />
  )
  return (
    <>
      <Checkbox label={t('closed.wholeDays')} checked={time.isWholeDays} onChange={(event) => onChange({ isWholeDays: event.currentTarget.checked })} />
      <SimpleGrid cols={2} spacing="sm">
        {field('firstDay', 'date')}
        {!time.isWholeDays && field('start', 'time')}
        {field('lastDay', 'date')}
        {!time.isWholeDays && field('end', 'time')}
      </SimpleGrid>
    </>
  )
}
