import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core'
import { IconAlertTriangle, IconArrowRight } from '@tabler/icons-react'
import type { CSSProperties, PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'

import { useCan, useFormat } from '../../session/viewer.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import type { Placed } from './day-plan.ts'
import classes from './Schedule.module.css'
import { NEXT_STEP } from './status.ts'
import { useStatusChange } from './use-appointment-commands.ts'
import type { Grip } from './use-drag.ts'

type AppointmentBlockProps = {
  placed: Placed
  style: CSSProperties
  isDragged: boolean
  /** What the second line says beside the type. */
  shows: 'room' | 'staff'
  onOpen: () => void
  onGrab: ((grip: Grip, event: PointerEvent<HTMLElement>) => void) | null
}

/** A visit in the grid: opens on click, is dragged with a mouse, and takes its next step with one button. */
export function AppointmentBlock({ placed, style, isDragged, shows, onOpen, onGrab }: AppointmentBlockProps) {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const label = useCodeLabel()
  const can = useCan()
  const { appointment, span } = placed
  const next = NEXT_STEP[appointment.status]
  const status = label('status', appointment.status)
  const where = shows === 'room' ? appointment.room?.name : appointment.staff.name
  const time = `${format.time(appointment.startsAt)}–${format.time(appointment.endsAt)}`
  const minutes = span.end - span.start
  return (
    <div
      className={classes.block}
      data-status={appointment.status}
      data-dragged={isDragged || undefined}
      data-size={minutes < 15 ? 'tiny' : minutes < 30 ? 'line' : minutes < 45 ? 'small' : 'full'}
      data-appointment={appointment.id}
      style={{ ...style, '--type': appointment.type.colour }}
    >
      <UnstyledButton className={classes.blockButton} onClick={onOpen} onPointerDown={(event) => onGrab?.({ appointment, span, edge: 'none' }, event)}>
        <span className={classes.blockLine}>
          <strong>{appointment.patient.name}</strong>
          {appointment.patient.alerts.length > 0 && <IconAlertTriangle size={13} className={classes.blockAlert} aria-label={t('hasAlerts')} />}
          <span className={classes.blockStatus}>{status}</span>
        </span>
        <span className={classes.blockMore}>
          {time} · {appointment.type.name}
          {where !== undefined && ` · ${where}`}
          <span className="visually-hidden"> · {appointment.patient.client.name}</span>
        </span>
      </UnstyledButton>
      {next !== null && can('appointment:update') && <NextStepIcon placed={placed} />}
      {onGrab !== null && (
        <div className={classes.blockEdge} data-edge="end" aria-hidden="true" onPointerDown={(event) => onGrab({ appointment, span, edge: 'end' }, event)} />
      )}
    </div>
  )
}

function NextStepIcon({ placed: { appointment } }: { placed: Placed }) {
  const { t } = useTranslation('schedule')
  const label = useCodeLabel()
  const { changeStatus, isChanging } = useStatusChange()
  const next = NEXT_STEP[appointment.status]
  if (next === null) return null
  const text = t('stepFor', { step: label('step', next), name: appointment.patient.name })
  return (
    <Tooltip label={label('step', next)}>
      <ActionIcon
        className={classes.blockStep}
        size={22}
        variant="default"
        loading={isChanging}
        aria-label={text}
        onClick={() => void changeStatus(appointment, next)}
      >
        <IconArrowRight size={14} />
      </ActionIcon>
    </Tooltip>
  )
}
