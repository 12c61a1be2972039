import { Button, UnstyledButton } from '@mantine/core'
import { IconAlertTriangle, IconCalendarOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import { useCan, useFormat } from '../../session/viewer.ts'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import type { Appointment } from './day-plan.ts'
import classes from './Schedule.module.css'
import { StatusBadge } from './StatusBadge.tsx'
import { NEXT_STEP } from './status.ts'
import { useStatusChange } from './use-appointment-commands.ts'

/** The day on a phone: one list in order of time. */
export function AgendaList({ appointments, onOpen }: { appointments: readonly Appointment[]; onOpen: (id: string) => void }) {
  return (
    <ol className={classes.agenda}>
      {appointments.map((appointment) => (
        <AgendaItem key={appointment.id} appointment={appointment} onOpen={() => onOpen(appointment.id)} />
      ))}
    </ol>
  )
}

export function NoVisits() {
  const { t } = useTranslation('schedule')
  return (
    <StateMessage icon={<IconCalendarOff size={34} stroke={1.5} />} title={t('emptyDay.title')}>
      {t('emptyDay.text')}
    </StateMessage>
  )
}

type AgendaItemProps = { appointment: Appointment; onOpen: () => void /** What stands beside the type. */; detail?: 'staff' | 'room' }

export function AgendaItem({ appointment, onOpen, detail = 'staff' }: AgendaItemProps) {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const label = useCodeLabel()
  const can = useCan()
  const { changeStatus, isChanging } = useStatusChange()
  const next = NEXT_STEP[appointment.status]
  return (
    <li className={classes.agendaItem} style={{ '--type': appointment.type.colour }} data-status={appointment.status}>
      <UnstyledButton className={classes.agendaButton} onClick={onOpen}>
        <span className={classes.agendaTime}>
          {format.time(appointment.startsAt)}
          <small>{format.time(appointment.endsAt)}</small>
        </span>
        <span className={classes.agendaText}>
          <strong>
            {appointment.patient.name}{' '}
            {appointment.patient.alerts.length > 0 && <IconAlertTriangle size={14} className={classes.blockAlert} aria-label={t('hasAlerts')} />}
          </strong>
          <span>{[appointment.type.name, detail === 'staff' ? appointment.staff.name : appointment.room?.name].filter(Boolean).join(' · ')}</span>
          <StatusBadge status={appointment.status} />
        </span>
      </UnstyledButton>
      {next !== null && can('appointment:update') && (
        <Button size="compact-sm" variant="default" loading={isChanging} onClick={() => void changeStatus(appointment, next)}>
          {label('step', next)}
        </Button>
      )}
    </li>
  )
}
