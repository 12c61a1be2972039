import { ActionIcon } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { clockText, spanOn } from '../scheduling/day-plan.ts'
import classes from './Rosters.module.css'
import type { Block, Cell, Row, Shift } from './roster-week.ts'
import { ShiftCard } from './ShiftCard.tsx'
import { useRosterTexts } from './use-roster-texts.ts'

type CellContentProps = {
  row: Row
  cell: Cell
  onAdd: ((date: string, staffId: string | null) => void) | null
  onOpen: ((shift: Shift) => void) | null
  onDrag?: (shift: Shift | null) => void
}

/** What one person does on one day: shifts, or weekly hours where there are none, and absences. */
export function CellContent({ row, cell, onAdd, onOpen, onDrag }: CellContentProps) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const who = row.person?.name ?? t('open.name')
  const heard = `${who}, ${texts.day(cell.date)}`
  return (
    <>
      <Absences cell={cell} />
      {cell.shifts.map((shift) => (
        <ShiftCard key={shift.id} shift={shift} absences={row.absences} heard={heard} onOpen={onOpen} {...(onDrag ? { onDrag } : {})} />
      ))}
      {cell.hours.map(({ start, end }) => (
        <span key={start} className={classes.fine}>
          {t('times.weekly', { start, end })}
        </span>
      ))}
      {onAdd !== null && (
        <ActionIcon
          variant="subtle"
          size="sm"
          aria-label={t('shift.addFor', { name: who, day: texts.day(cell.date) })}
          onClick={() => onAdd(cell.date, row.person?.id ?? null)}
        >
          <IconPlus size={15} />
        </ActionIcon>
      )}
    </>
  )
}

function Absences({ cell: { date, absences } }: { cell: Cell }) {
  const { t } = useTranslation('rosters')
  return absences.map((block) => <BlockNote key={block.id} block={block} date={date} className={classes.away} text={t('away')} />)
}

type BlockNoteProps = { block: Block; date: string; className: string | undefined; text: string }

/** The part of an absence or a closure that lies on a day. */
export function BlockNote({ block, date, className, text }: BlockNoteProps) {
  const { t } = useTranslation('rosters')
  const { timeZone } = useFormat()
  const span = spanOn(date, block, timeZone)
  if (span === null) return null
  const isWhole = span.start === 0 && span.end === 1440
  return (
    <span className={className}>
      {text}
      {!isWhole && `, ${t('times.plain', { start: clockText(span.start), end: clockText(span.end) })}`}
    </span>
  )
}

/** Today at the clinic, for what stands out. */
export function useToday(): string {
  const { timeZone } = useFormat()
  return dateIn(timeZone, new Date())
}
