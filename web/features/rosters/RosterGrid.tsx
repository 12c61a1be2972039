import { IconAlertTriangle } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { weekOf } from '../scheduling/weeks.ts'
import { BlockNote, CellContent, useToday } from './CellContent.tsx'
import { CoverageList } from './CoverageList.tsx'
import classes from './Rosters.module.css'
import type { Block, Row, Shift, Week } from './roster-week.ts'
import { useMoveShift } from './use-move-shift.ts'
import { useRosterTexts } from './use-roster-texts.ts'

export type PlanParts = {
  week: Week
  rows: readonly Row[]
  closures: readonly Block[]
  /** Null: the reader does not plan. */
  onAdd: ((date: string, staffId: string | null) => void) | null
  onOpen: ((shift: Shift) => void) | null
}

/** A line for each person and a column for each day; the first line is what nobody has yet. */
export function RosterGrid(parts: PlanParts) {
  const { t } = useTranslation('rosters')
  const days = weekOf(parts.week.weekStart)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard too
    <section className={classes.scroller} tabIndex={0} aria-label={t('grid.label')}>
      <table className={classes.grid}>
        <thead>
          <tr>
            <th scope="col" className={classes.corner}>
              {t('grid.person')}
            </th>
            {days.map((date) => (
              <DayHead key={date} date={date} closures={parts.closures} />
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row" className={classes.name}>
              <span className={classes.person}>{t('coverage.title')}</span>
              <span className={classes.fine}>{t('coverage.hint')}</span>
            </th>
            {days.map((date) => (
              <td key={date}>
                <CoverageList week={parts.week} date={date} />
              </td>
            ))}
          </tr>
          <Lines {...parts} />
        </tbody>
      </table>
    </section>
  )
}

function DayHead({ date, closures }: { date: string; closures: readonly Block[] }) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const isToday = useToday() === date
  return (
    <th scope="col" className={classes.head} aria-current={isToday ? 'date' : undefined}>
      {texts.day(date)}
      {closures.map((block) => (
        <BlockNote key={block.id} block={block} date={date} className={classes.closed} text={block.title ?? t('closed')} />
      ))}
    </th>
  )
}

/** A shift is dropped on a day and a person; the dialog does the same by keyboard and by touch. */
function Lines({ week, rows, onAdd, onOpen }: PlanParts) {
  const today = useToday()
  const { move } = useMoveShift()
  const dragged = useRef<Shift | null>(null)
  const [over, setOver] = useState<string | null>(null)
  const drop = (date: string, staffId: string | null) => {
    setOver(null)
    if (dragged.current !== null) void move(dragged.current, { date, staffId })
  }
  const drag = (shift: Shift | null) => {
    dragged.current = shift
    if (shift === null) setOver(null)
  }
  return rows.map((row) => (
    <tr key={row.person?.id ?? 'open'}>
      <RowHead row={row} week={week} />
      {row.cells.map((cell) => {
        const key = `${row.person?.id ?? 'open'} ${cell.date}`
        return (
          <td
            key={key}
            data-cell={key}
            data-today={cell.date === today || undefined}
            data-over={over === key || undefined}
            onDragOver={(event) => {
              if (dragged.current === null) return
              event.preventDefault()
              setOver(key)
            }}
            onDrop={(event) => {
              event.preventDefault()
              drop(cell.date, row.person?.id ?? null)
            }}
          >
            <CellContent row={row} cell={cell} onAdd={onAdd} onOpen={onOpen} onDrag={drag} />
          </td>
        )
      })}
    </tr>
  ))
}

/** Who it is, and how much the person works that week. */
function RowHead({ row: { person, cells, minutes }, week }: { row: Row; week: Week }) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  if (person === null)
    return (
      <th scope="row" className={classes.name}>
        <span className={classes.person}>{t('open.name')}</span>
        <span className={classes.fine}>
          {t('open.count', { count: cells.flatMap(({ shifts }) => shifts.filter(({ status }) => status === 'PLANNED')).length })}
        </span>
      </th>
    )
  const warnings = week.warnings.filter(({ staff }) => staff.id === person.id)
  return (
    <th scope="row" className={classes.name}>
      <span className={classes.person}>{person.name}</span>
      <span className={classes.fine}>{texts.position(person.position)}</span>
      <span className={classes.fine}>{t('grid.worked', { time: texts.minutes(minutes) })}</span>
      {warnings.length > 0 && (
        <span className={classes.warned}>
          <IconAlertTriangle size={13} aria-hidden="true" />
          {t('warning.count', { count: warnings.length })}
        </span>
      )}
    </th>
  )
}
