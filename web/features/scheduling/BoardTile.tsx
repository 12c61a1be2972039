import { Button, UnstyledButton } from '@mantine/core'
import { IconAlertTriangle, IconClock, IconHourglassHigh } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import { useCan, useFormat } from '../../session/viewer.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import classes from './Board.module.css'
import { timerOf } from './board-lanes.ts'
import type { Appointment } from './day-plan.ts'
import { NEXT_STEP } from './status.ts'
import { useStatusChange } from './use-appointment-commands.ts'
import { useMinutesText } from './use-minutes-text.ts'

type BoardTileProps = { appointment: Appointment; now: Date; onOpen: () => void }

export function BoardTile({ appointment, now, onOpen }: BoardTileProps) {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const label = useCodeLabel()
  const can = useCan()
  const { changeStatus, isChanging } = useStatusChange()
  const { patient, type, staff, room, status } = appointment
  const next = NEXT_STEP[status]
  return (
    <li className={classes.tile} style={{ '--type': type.colour }} data-appointment={appointment.id}>
      <UnstyledButton className={classes.tileButton} onClick={onOpen}>
        <span className={classes.tileLine}>
          <strong>{patient.name}</strong>
          {patient.alerts.length > 0 && <IconAlertTriangle size={15} className={classes.alert} aria-label={t('hasAlerts')} />}
          <span className={classes.time}>{format.time(appointment.startsAt)}</span>
        </span>
        <span className={classes.more}>
          {patient.client.name} · {type.name}
        </span>
        <span className={classes.more}>
          {staff.name}
          {room !== null && ` · ${room.name}`}
        </span>
      </UnstyledButton>
      <div className={classes.foot}>
        <TileTimer appointment={appointment} now={now} />
        {next !== null && can('appointment:update') && (
          <Button
            size="compact-xs"
            variant="default"
            loading={isChanging}
            aria-label={t('stepFor', { step: label('step', next), name: patient.name })}
            onClick={() => void changeStatus(appointment, next)}
          >
            {label('step', next)}
          </Button>
        )}
      </div>
    </li>
  )
}

/** How long; a long wait has an icon and a colour of its own, and the words say that it is a wait. */
function TileTimer({ appointment, now }: { appointment: Appointment; now: Date }) {
  const { t } = useTranslation('board')
  const minutesText = useMinutesText()
  const { kind, minutes, isLong } = timerOf(appointment, now)
  const Icon = isLong ? IconHourglassHigh : IconClock
  return (
    <span className={classes.timer} data-long={isLong || undefined}>
      <Icon size={14} aria-hidden="true" /> {t(`timer.${kind}`, { time: minutesText(minutes) })}
    </span>
  )
}
