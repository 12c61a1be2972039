import { Group, MultiSelect, Select, SimpleGrid, TextInput } from '@mantine/core'
import { DatePickerInput } from '@mantine/dates'
import { useTranslation } from 'react-i18next'
import type { DaySchedule } from './day-plan.ts'
import { clockText, minuteOfClock, SNAP_MINUTES } from './day-plan.ts'

/** Equipment null: what the visit has stays. */
export type Place = { date: string; minute: number; staffId: string; roomId: string | null; equipmentIds: readonly string[] | null }
type PlaceFieldsProps = { place: Place; schedule: DaySchedule; onChange: (place: Place) => void }

/** When, with whom, where and with what: the fields that booking and moving share. */
export function PlaceFields({ place, schedule, onChange }: PlaceFieldsProps) {
  const { t } = useTranslation('schedule')
  return (
    <SimpleGrid cols={1} spacing="sm">
      <Group grow gap="sm">
        <DatePickerInput
          label={t('place.date')}
          valueFormat="ddd D MMM YYYY"
          value={place.date}
          onChange={(date) => date !== null && onChange({ ...place, date })}
        />
        <TextInput
          type="time"
          step={SNAP_MINUTES * 60}
          label={t('place.time')}
          value={clockText(place.minute)}
          onChange={(event) => onChange({ ...place, minute: minuteOfClock(event.currentTarget.value) ?? place.minute })}
        />
      </Group>
      <Select
        label={t('place.staff')}
        data={schedule.staff.map(({ staff }) => ({ value: staff.id, label: staff.name }))}
        value={place.staffId}
        onChange={(staffId) => staffId !== null && onChange({ ...place, staffId })}
        allowDeselect={false}
      />
      <Select
        label={t('place.room')}
        placeholder={t('place.noRoom')}
        data={schedule.rooms.map((room) => ({ value: room.id, label: room.name }))}
        value={place.roomId}
        onChange={(roomId) => onChange({ ...place, roomId })}
        clearable
        clearButtonProps={{ 'aria-label': t('place.clearRoom') }}
      />
      {place.equipmentIds !== null && schedule.equipment.length > 0 && (
        <MultiSelect
          label={t('place.equipment')}
          data={schedule.equipment.map(({ id, name }) => ({ value: id, label: name }))}
          value={[...place.equipmentIds]}
          onChange={(equipmentIds) => onChange({ ...place, equipmentIds })}
        />
      )}
    </SimpleGrid>
  )
}
