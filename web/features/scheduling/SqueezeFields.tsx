import { MultiSelect, Select, Stack, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { DaySchedule } from './day-plan.ts'

/** With whom, where and why a client is seen at once although there is no slot. */
export type Squeeze = { staffId: string | null; roomId: string | null; equipmentIds: readonly string[]; why: string }
type SqueezeFieldsProps = { squeeze: Squeeze; schedule: DaySchedule; onChange: (squeeze: Squeeze) => void }

export function SqueezeFields({ squeeze, schedule, onChange }: SqueezeFieldsProps) {
  const { t } = useTranslation('desk')
  const named = (all: readonly { id: string; name: string }[]) => all.map(({ id, name }) => ({ value: id, label: name }))
  return (
    <Stack gap="sm">
      <Select
        label={t('walkIn.squeezeStaff')}
        required
        data={named(schedule.staff.map(({ staff }) => staff))}
        value={squeeze.staffId}
        onChange={(staffId) => onChange({ ...squeeze, staffId })}
      />
      <Select
        label={t('walkIn.squeezeRoom')}
        placeholder={t('walkIn.noRoom')}
        data={named(schedule.rooms)}
        value={squeeze.roomId}
        onChange={(roomId) => onChange({ ...squeeze, roomId })}
        clearable
        clearButtonProps={{ 'aria-label': t('walkIn.noRoom') }}
      />
      {schedule.equipment.length > 0 && (
        <MultiSelect
          label={t('walkIn.squeezeEquipment')}
          data={named(schedule.equipment)}
          value={[...squeeze.equipmentIds]}
          onChange={(equipmentIds) => onChange({ ...squeeze, equipmentIds })}
        />
      )}
      <TextInput
        label={t('walkIn.squeezeReason')}
        required
        maxLength={300}
        value={squeeze.why}
        onChange={(event) => onChange({ ...squeeze, why: event.currentTarget.value })}
      />
    </Stack>
  )
}
