import type { KeyboardEvent, MouseEvent, PointerEvent } from 'react'

import { useFormat } from '../../session/viewer.ts'
import { AppointmentBlock } from './AppointmentBlock.tsx'
import { ClosedTimes, OffHours } from './ClosedTimes.tsx'
import type { Span } from './day-plan.ts'
import { clockText, placeInLanes, SNAP_MINUTES } from './day-plan.ts'
import classes from './Schedule.module.css'
import { isUpcoming } from './status.ts'
import type { Column } from './TimeGrid.tsx'
import { PX_PER_MINUTE } from './TimeGrid.tsx'
import type { Drag, Grip } from './use-drag.ts'

const SLOT_MINUTES = 30

type GridColumnProps = {
  column: Column
  range: Span
  drag: Drag | null
  now: number | null
  focusable: { columnId: string; minute: number }
  canBook: boolean
  onFocusSlot: (minute: number) => void
  onBook: (minute: number) => void
  onOpen: (id: string) => void
  onGrab: ((grip: Grip, event: PointerEvent<HTMLElement>) => void) | null
}

export function GridColumn(props: GridColumnProps) {
  const { column, range, drag, now, onOpen, onGrab } = props
  const { timeZone } = useFormat()
  const top = (minute: number) => (minute - range.start) * PX_PER_MINUTE
  const placed = placeInLanes(column.appointments, timeZone, column.date)
  return (
    <section className={classes.column} data-column={column.id} style={{ height: top(range.end) }} aria-label={column.name}>
      <OffHours shifts={column.shifts} range={range} />
      <ClosedTimes closures={column.closures} range={range} />
      {props.canBook && <Slots {...props} />}
      {placed.map((one) => (
        <AppointmentBlock
          key={one.appointment.id}
          placed={one}
          isDragged={drag?.appointment.id === one.appointment.id}
          shows={column.shows}
          style={{
            top: top(one.span.start),
            height: (one.span.end - one.span.start) * PX_PER_MINUTE - 2,
            left: `calc(${(one.lane / one.lanes) * 100}% + 3px)`,
            width: `calc(${100 / one.lanes}% - 6px)`,
          }}
          onOpen={() => onOpen(one.appointment.id)}
          onGrab={onGrab !== null && isUpcoming(one.appointment.status) ? onGrab : null}
        />
      ))}
      {drag !== null && drag.columnId === column.id && <Ghost drag={drag} top={top(drag.minute)} />}
      {now !== null && now >= range.start && now < range.end && <div className={classes.now} style={{ top: top(now) }} aria-hidden="true" />}
    </section>
  )
}

/** Half-hour buttons under the visits. One tab stop for the whole grid; arrows walk it. A click is read to ten minutes. */
function Slots({ column, range, focusable, onFocusSlot, onBook }: GridColumnProps) {
  const minutes = Array.from({ length: (range.end - range.start) / SLOT_MINUTES }, (_, index) => range.start + index * SLOT_MINUTES)

  function click(minute: number, event: MouseEvent<HTMLElement>) {
    const isKeyboard = event.detail === 0
    const insidePx = event.clientY - event.currentTarget.getBoundingClientRect().top
    const inside = isKeyboard ? 0 : Math.floor(insidePx / PX_PER_MINUTE / SNAP_MINUTES) * SNAP_MINUTES
    onBook(minute + Math.max(0, inside))
  }

  return minutes.map((minute) => (
    <button
      key={minute}
      type="button"
      className={classes.slot}
      data-slot={minute}
      style={{ top: (minute - range.start) * PX_PER_MINUTE, height: SLOT_MINUTES * PX_PER_MINUTE }}
      tabIndex={focusable.columnId === column.id && focusable.minute === minute ? 0 : -1}
      aria-label={column.slotLabel(clockText(minute))}
      onFocus={() => onFocusSlot(minute)}
      onKeyDown={walk}
      onClick={(event) => click(minute, event)}
    />
  ))
}

function walk(event: KeyboardEvent<HTMLButtonElement>) {
  const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key]
  if (step === undefined) return
  event.preventDefault()
  const [across = 0, down = 0] = step
  const column = event.currentTarget.closest<HTMLElement>('[data-column]')
  if (column === null) return
  const columns = [...document.querySelectorAll<HTMLElement>('[data-column]')]
  const target = columns[columns.indexOf(column) + across]
  const minute = Number(event.currentTarget.dataset.slot) + down * SLOT_MINUTES
  target?.querySelector<HTMLElement>(`[data-slot="${minute}"]`)?.focus()
}

function Ghost({ drag, top }: { drag: Drag; top: number }) {
  const length = (Date.parse(drag.appointment.endsAt) - Date.parse(drag.appointment.startsAt)) / 60_000
  const minutes = drag.end === null ? length : drag.end - drag.minute
  return (
    <div className={classes.ghost} style={{ top, height: minutes * PX_PER_MINUTE - 2 }} aria-hidden="true">
      {clockText(drag.minute)}
      {drag.end !== null && `–${clockText(drag.end)}`} · {drag.appointment.patient.name}
    </div>
  )
}
