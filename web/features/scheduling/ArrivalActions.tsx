import { Spotlight } from '@mantine/spotlight'
import { IconDoorEnter } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { appointmentsOf } from './day-plan.ts'
import { DayScheduleDocument } from './schedule-documents.ts'
import { isUpcoming } from './status.ts'
import { useStatusChange } from './use-appointment-commands.ts'

const MOST_ARRIVALS = 4

/** In the palette: who is expected today and fits what was typed, to check in at once. */
export function ArrivalActions({ matches }: { matches: (text: string) => boolean }) {
  const { t } = useTranslation('board')
  const format = useFormat()
  const label = useCodeLabel()
  const { changeStatus } = useStatusChange()
  const [{ data }] = useQuery({ query: DayScheduleDocument, variables: { date: dateIn(format.timeZone, new Date()) } })
  const expected = data === undefined ? [] : appointmentsOf(data.daySchedule).filter(({ status }) => isUpcoming(status))
  const found = expected.filter(({ patient }) => matches(`${patient.name} ${patient.client.name} ${patient.recordNumber}`)).slice(0, MOST_ARRIVALS)
  if (found.length === 0) return null
  return (
    <Spotlight.ActionsGroup label={t('lanes.expected')}>
      {found.map((appointment) => (
        <Spotlight.Action
          key={appointment.id}
          label={t('arrival', { step: label('step', 'CHECKED_IN'), name: appointment.patient.name })}
          description={`${format.time(appointment.startsAt)} · ${appointment.type.name} · ${appointment.patient.client.name}`}
          leftSection={<IconDoorEnter size={18} stroke={1.6} aria-hidden="true" />}
          onClick={() => void changeStatus(appointment, 'CHECKED_IN')}
        />
      ))}
    </Spotlight.ActionsGroup>
  )
}
