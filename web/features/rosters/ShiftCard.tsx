import { IconAlertTriangle } from '@tabler/icons-react'
import type { CSSProperties } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Rosters.module.css'
import { type Block, isDuringAbsence, isPlanned, type Shift } from './roster-week.ts'
import { useRosterTexts } from './use-roster-texts.ts'

type ShiftCardProps = {
  shift: Shift
  absences: readonly Block[]
  /** What the eye takes from the line and the column. */
  heard: string
  onOpen: ((shift: Shift) => void) | null
  onDrag?: (shift: Shift | null) => void
}

const PLAIN = '#5b6b65'

/** One shift in the colour of its kind; whoever plans opens it, and drags it with a mouse. */
export function ShiftCard({ shift, absences, heard, onOpen, onDrag }: ShiftCardProps) {
  const style: CSSProperties & { '--type': string } = { '--type': shift.template?.colour ?? PLAIN }
  const content = <Content shift={shift} absences={absences} heard={heard} />
  if (!isPlanned(shift))
    return (
      <div className={classes.shift} data-shift={shift.id} data-cancelled style={style}>
        {content}
      </div>
    )
  if (onOpen === null)
    return (
      <div className={classes.shift} data-shift={shift.id} style={style}>
        {content}
      </div>
    )
  return (
    <button
      type="button"
      className={classes.shift}
      data-shift={shift.id}
      style={style}
      draggable={onDrag !== undefined}
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = 'move'
        event.dataTransfer.setData('text/plain', shift.id)
        onDrag?.(shift)
      }}
      onDragEnd={() => onDrag?.(null)}
      onClick={() => onOpen(shift)}
    >
      {content}
    </button>
  )
}

function Content({ shift, absences, heard }: Pick<ShiftCardProps, 'shift' | 'absences' | 'heard'>) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const { breakStart, breakEnd, note, position } = shift
  return (
    <>
      <span className="visually-hidden">{heard}: </span>
      <strong>{texts.times(shift)}</strong>
      <span>{texts.kind(shift)}</span>
      {shift.staff === null && texts.kind(shift) !== texts.position(position) && <span>{texts.position(position)}</span>}
      {breakStart !== null && breakEnd !== null && <span>{t('times.break', { start: breakStart, end: breakEnd })}</span>}
      {note !== null && <span>{note}</span>}
      {shift.isClockChanged && <span>{t('times.clockChanged')}</span>}
      {!isPlanned(shift) && <span>{t('cancelled')}</span>}
      {isPlanned(shift) && isDuringAbsence(shift, absences) && (
        <span className={classes.warned}>
          <IconAlertTriangle size={13} aria-hidden="true" />
          {t('whileAway')}
        </span>
      )}
    </>
  )
}
