import type { KeyboardEvent, MouseEvent, PointerEvent } from 'react'
import { useTranslation } from 'react-i18next'

import { useFormat } from '../../session/viewer.ts'
import { AppointmentBlock } from './AppointmentBlock.tsx'
import { PX_PER_MINUTE } from './DayGrid.tsx'
import type { Appointment, Resource, Span } from './day-plan.ts'
import { clockText, isInColumn, placeInLanes, SNAP_MINUTES } from './day-plan.ts'
import classes from './Schedule.module.css'
import { isUpcoming } from './status.ts'
import type { Drag } from './use-drag.ts'

const SLOT_MINUTES = 30

type ResourceColumnProps = {
  resource: Resource
  range: Span
  appointments: readonly Appointment[]
  drag: Drag | null
  now: number | null
  focusable: { resourceId: string; minute: number }
  canBook: boolean
  onFocusSlot: (minute: number) => void
  onBook: (minute: number) => void
  onOpen: (id: string) => void
  onGrab: ((appointment: Appointment, event: PointerEvent<HTMLElement>) => void) | null
}

export function ResourceColumn(props: ResourceColumnProps) {
  const { resource, range, appointments, drag, now, onOpen, onGrab } = props
  const { timeZone } = useFormat()
  const top = (minute: number) => (minute - range.start) * PX_PER_MINUTE
  const placed = placeInLanes(
    appointments.filter((one) => isInColumn(one, resource)),
    timeZone,
  )
  return (
    <section className={classes.column} data-resource={resource.id} style={{ height: top(range.end) }} aria-label={resource.name}>
      <Closed shifts={resource.shifts} range={range} />
      {props.canBook && <Slots {...props} />}
      {placed.map((one) => (
        <AppointmentBlock
          key={one.appointment.id}
          placed={one}
          isDragged={drag?.appointment.id === one.appointment.id}
          isRoomShown={resource.isStaff}
          style={{
            top: top(one.span.start),
            height: (one.span.end - one.span.start) * PX_PER_MINUTE - 2,
            left: `calc(${(one.lane / one.lanes) * 100}% + 3px)`,
            width: `calc(${100 / one.lanes}% - 6px)`,
          }}
          onOpen={() => onOpen(one.appointment.id)}
          onGrab={(event) => isUpcoming(one.appointment.status) && onGrab?.(one.appointment, event)}
        />
      ))}
      {drag !== null && drag.resourceId === resource.id && <Ghost drag={drag} top={top(drag.minute)} />}
      {now !== null && now >= range.start && now < range.end && <div className={classes.now} style={{ top: top(now) }} aria-hidden="true" />}
    </section>
  )
}

/** Where nobody is on shift, the column is hatched. Rooms are always open. */
function Closed({ shifts, range }: { shifts: readonly Span[] | null; range: Span }) {
  if (shifts === null) return null
  const closed: Span[] = []
  let from = range.start
  for (const shift of shifts.toSorted((a, b) => a.start - b.start)) {
    if (shift.start > from) closed.push({ start: from, end: shift.start })
    from = Math.max(from, shift.end)
  }
  if (from < range.end) closed.push({ start: from, end: range.end })
  return closed.map((span) => (
    <div
      key={span.start}
      className={classes.closed}
      style={{ top: (span.start - range.start) * PX_PER_MINUTE, height: (span.end - span.start) * PX_PER_MINUTE }}
    />
  ))
}

/** Half-hour buttons under the visits. One tab stop for the whole grid; arrows walk it. A click is read to ten minutes. */
function Slots({ resource, range, focusable, onFocusSlot, onBook }: ResourceColumnProps) {
  const { t } = useTranslation('schedule')
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
      tabIndex={focusable.resourceId === resource.id && focusable.minute === minute ? 0 : -1}
      aria-label={t('bookSlot', { time: clockText(minute), name: resource.name })}
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
  const column = event.currentTarget.closest<HTMLElement>('[data-resource]')
  if (column === null) return
  const columns = [...document.querySelectorAll<HTMLElement>('[data-resource]')]
  const target = columns[columns.indexOf(column) + across]
  const minute = Number(event.currentTarget.dataset.slot) + down * SLOT_MINUTES
  target?.querySelector<HTMLElement>(`[data-slot="${minute}"]`)?.focus()
}

function Ghost({ drag, top }: { drag: Drag; top: number }) {
  const minutes = (Date.parse(drag.appointment.endsAt) - Date.parse(drag.appointment.startsAt)) / 60_000
  return (
    <div className={classes.ghost} style={{ top, height: minutes * PX_PER_MINUTE - 2 }} aria-hidden="true">
      {clockText(drag.minute)} · {drag.appointment.patient.name}
    </div>
  )
}
