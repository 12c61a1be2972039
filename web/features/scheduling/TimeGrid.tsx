import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { useCan, useFormat, useViewer } from '../../session/viewer.ts'
import { dateIn, minuteIn } from '../../ui/dates.ts'
import type { Appointment, Closure, Span } from './day-plan.ts'
import { clockText, spanOn, windowOf } from './day-plan.ts'
import { GridColumn } from './GridColumn.tsx'
import classes from './Schedule.module.css'
import type { Drag } from './use-drag.ts'
import { useDrag } from './use-drag.ts'
import { useNow } from './use-now.ts'

export const PX_PER_MINUTE = 1.6

/** A person or a room on a day, or a day of the week. */
export type Column = {
  id: string
  date: string
  name: string
  detail: string
  /** Names a free time for who cannot see where it lies. */
  slotLabel: (time: string) => string
  /** What a visit's second line says beside its type. */
  shows: 'room' | 'staff'
  /** Null where nobody's hours apply. */
  shifts: readonly Span[] | null
  closures: readonly Closure[]
  appointments: readonly Appointment[]
}

type TimeGridProps = {
  columns: readonly Column[]
  canBook?: boolean
  onBook: (columnId: string, minute: number) => void
  onOpen: (id: string) => void
  onDrop: (drag: Drag) => void
  onColumn?: (columnId: string) => void
}

/** Time runs down, in columns. */
export function TimeGrid({ columns, canBook = true, onBook, onOpen, onDrop, onColumn }: TimeGridProps) {
  const { t } = useTranslation('schedule')
  const can = useCan()
  const { timeZone } = useFormat()
  const range = useRange(columns)
  const { drag, grab, isClickOfDrop } = useDrag(range, PX_PER_MINUTE, onDrop)
  const scroller = useRef<HTMLElement>(null)
  const now = useNow(60_000)
  const nowMinute = minuteIn(timeZone, now)
  const today = dateIn(timeZone, now)
  const isToday = columns.some(({ date }) => date === today)
  const height = (range.end - range.start) * PX_PER_MINUTE
  const hours = Array.from({ length: (range.end - range.start) / 60 }, (_, index) => range.start + index * 60)
  const [slot, setSlot] = useState<{ columnId: string; minute: number } | null>(null)
  const firstSlot = slot ?? { columnId: columns[0]?.id ?? '', minute: range.start }

  // Once: what somebody has scrolled to must not move away with the clock.
  const isScrolled = useRef(false)
  useEffect(() => {
    if (!isToday || isScrolled.current || scroller.current === null) return
    isScrolled.current = true
    scroller.current.scrollTop = Math.max(0, (nowMinute - range.start - 60) * PX_PER_MINUTE)
  }, [range.start, isToday, nowMinute])

  return (
    <section ref={scroller} className={classes.scroller} aria-label={t('gridLabel')} tabIndex={-1}>
      <div className={classes.grid} style={{ gridTemplateColumns: `52px repeat(${columns.length}, minmax(148px, 1fr))` }}>
        <div className={classes.corner} />
        {columns.map(({ id, name, detail, date }) => (
          <div key={id} className={classes.resource} data-today={onColumn !== undefined && date === today ? true : undefined}>
            {onColumn === undefined ? (
              <strong>{name}</strong>
            ) : (
              <button type="button" className={classes.dayLink} onClick={() => onColumn(id)}>
                {name}
              </button>
            )}
            <span>{detail}</span>
          </div>
        ))}
        <div className={classes.hours} style={{ height }} aria-hidden="true">
          {hours.map((minute) => (
            <span key={minute} style={{ top: (minute - range.start) * PX_PER_MINUTE }}>
              {clockText(minute)}
            </span>
          ))}
        </div>
        {columns.map((column) => (
          <GridColumn
            key={column.id}
            column={column}
            range={range}
            drag={drag}
            now={column.date === today ? nowMinute : null}
            focusable={firstSlot}
            canBook={canBook && can('appointment:create')}
            onFocusSlot={(minute) => setSlot({ columnId: column.id, minute })}
            onBook={(minute) => onBook(column.id, minute)}
            onOpen={(id) => isClickOfDrop() || onOpen(id)}
            onGrab={can('appointment:update') ? grab : null}
          />
        ))}
      </div>
    </section>
  )
}

function useRange(columns: readonly Column[]): Span {
  const { clinic } = useViewer()
  const { timeZone } = useFormat()
  return useMemo(() => {
    const shifts = columns.flatMap((column) => column.shifts ?? [])
    const visits = columns.flatMap(({ appointments, date }) => appointments.flatMap((one) => spanOn(date, one, timeZone) ?? []))
    return windowOf({ start: clinic.opensMinute, end: clinic.closesMinute }, [...shifts, ...visits])
  }, [columns, clinic, timeZone])
}
