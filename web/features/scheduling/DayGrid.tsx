import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'

import { useCan, useFormat, useViewer } from '../../session/viewer.ts'
import { dateIn, minuteIn } from '../../ui/dates.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import type { Appointment, Resource, Span } from './day-plan.ts'
import { clockText, spanOf, windowOf } from './day-plan.ts'
import { ResourceColumn } from './ResourceColumn.tsx'
import classes from './Schedule.module.css'
import type { Drag } from './use-drag.ts'
import { useDrag } from './use-drag.ts'

export const PX_PER_MINUTE = 1.6

type DayGridProps = {
  date: string
  resources: readonly Resource[]
  appointments: readonly Appointment[]
  onBook: (resourceId: string, minute: number) => void
  onOpen: (id: string) => void
  onDrop: (drag: Drag) => void
}

/** The practice day: time runs down, one column per person or room. */
export function DayGrid({ date, resources, appointments, onBook, onOpen, onDrop }: DayGridProps) {
  const { t } = useTranslation('schedule')
  const label = useCodeLabel()
  const can = useCan()
  const range = useRange(resources, appointments)
  const { drag, grab, isClickOfDrop } = useDrag(range, PX_PER_MINUTE, onDrop)
  const scroller = useRef<HTMLElement>(null)
  const now = useNow(date)
  const height = (range.end - range.start) * PX_PER_MINUTE
  const hours = Array.from({ length: (range.end - range.start) / 60 }, (_, index) => range.start + index * 60)
  const [slot, setSlot] = useState<{ resourceId: string; minute: number } | null>(null)
  const firstSlot = slot ?? { resourceId: resources[0]?.id ?? '', minute: range.start }

  useEffect(() => {
    if (now !== null && scroller.current) scroller.current.scrollTop = Math.max(0, (now - range.start - 60) * PX_PER_MINUTE)
  }, [range.start, now])

  return (
    <section ref={scroller} className={classes.scroller} aria-label={t('gridLabel')} tabIndex={-1}>
      <div className={classes.grid} style={{ gridTemplateColumns: `52px repeat(${resources.length}, minmax(148px, 1fr))` }}>
        <div className={classes.corner} />
        {resources.map((resource) => (
          <div key={resource.id} className={classes.resource}>
            <strong>{resource.name}</strong>
            <span>{label(resource.isStaff ? 'position' : 'roomKind', resource.kind)}</span>
          </div>
        ))}
        <div className={classes.hours} style={{ height }} aria-hidden="true">
          {hours.map((minute) => (
            <span key={minute} style={{ top: (minute - range.start) * PX_PER_MINUTE }}>
              {clockText(minute)}
            </span>
          ))}
        </div>
        {resources.map((resource) => (
          <ResourceColumn
            key={resource.id}
            resource={resource}
            range={range}
            appointments={appointments}
            drag={drag}
            now={now}
            focusable={firstSlot}
            canBook={can('appointment:create')}
            onFocusSlot={(minute) => setSlot({ resourceId: resource.id, minute })}
            onBook={(minute) => onBook(resource.id, minute)}
            onOpen={(id) => isClickOfDrop() || onOpen(id)}
            onGrab={can('appointment:update') ? grab : null}
          />
        ))}
      </div>
    </section>
  )
}

function useRange(resources: readonly Resource[], appointments: readonly Appointment[]): Span {
  const { clinic } = useViewer()
  const { timeZone } = useFormat()
  return useMemo(() => {
    const shifts = resources.flatMap((resource) => resource.shifts ?? [])
    const visits = appointments.map((one) => spanOf(one, timeZone))
    return windowOf({ start: clinic.opensMinute, end: clinic.closesMinute }, [...shifts, ...visits])
  }, [resources, appointments, clinic, timeZone])
}

/** The minute of the day, moving on by itself; null on any other day. */
function useNow(date: string): number | null {
  const { timeZone } = useFormat()
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 60_000)
    return () => clearInterval(timer)
  }, [])
  return dateIn(timeZone, now) === date ? minuteIn(timeZone, now) : null
}
