import { Button, UnstyledButton } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import { useCan, useFormat } from '../../session/viewer.ts'
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

function AgendaItem({ appointment, onOpen }: { appointment: Appointment; onOpen: () => void }) {
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
          <span>
            {appointment.type.name} · {appointment.staff.name}
          </span>
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
