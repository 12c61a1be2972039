import { Select } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { ScheduleColumns } from './schedule-documents.ts'

type WeekFilterProps = { date: string; staffId: string | null; roomId: string | null }

/** Whose week: everybody's, one person's or one room's. */
export function WeekFilter({ date, staffId, roomId }: WeekFilterProps) {
  const { t } = useTranslation('schedule')
  const navigate = useNavigate({ from: '/schedule' })
  const [{ data }] = useQuery({ query: ScheduleColumns, variables: { date } })
  const chosen = staffId !== null ? `staff ${staffId}` : roomId !== null ? `room ${roomId}` : 'all'
  const choose = (value: string | null) => {
    const [kind, id] = (value ?? '').split(' ')
    const filter = { staff: kind === 'staff' ? id : undefined, room: kind === 'room' ? id : undefined }
    void navigate({ search: (old) => ({ ...old, ...filter, open: undefined }), replace: true })
  }
  return (
    <Select
      aria-label={t('filter.label')}
      size="sm"
      maw={320}
      mb="sm"
      value={chosen}
      onChange={choose}
      allowDeselect={false}
      data={[
        { value: 'all', label: t('filter.all') },
        { group: t('filter.staff'), items: (data?.bookableStaff ?? []).map(({ id, name }) => ({ value: `staff ${id}`, label: name })) },
        { group: t('filter.rooms'), items: (data?.rooms ?? []).map(({ id, name }) => ({ value: `room ${id}`, label: name })) },
      ]}
    />
  )
}
