import type { PointerEvent as ReactPointerEvent } from 'react'
import { useEffect, useRef, useState } from 'react'
import type { Appointment, Span } from './day-plan.ts'
import { snap } from './day-plan.ts'

export type Drag = { appointment: Appointment; resourceId: string; minute: number }
type Grabbed = { appointment: Appointment; x: number; y: number; offsetPx: number }

const THRESHOLD_PX = 5

/**
 * Moving a visit with a mouse or pen. Touch scrolls instead: there, and on the keyboard, "Move…" does the same. Escape
 * lets go without moving.
 */
export function useDrag(window_: Span, pxPerMinute: number, onDrop: (drag: Drag) => void) {
  const [drag, setDrag] = useState<Drag | null>(null)
  const grabbed = useRef<Grabbed | null>(null)
  const latest = useRef<Drag | null>(null)
  const justDropped = useRef(false)

  useEffect(() => {
    const set = (next: Drag | null) => {
      latest.current = next
      setDrag(next)
    }
    const end = () => {
      grabbed.current = null
      set(null)
    }
    const move = (event: PointerEvent) => {
      const start = grabbed.current
      if (start === null) return
      if (latest.current === null && Math.hypot(event.clientX - start.x, event.clientY - start.y) < THRESHOLD_PX) return
      const column = columnAt(event.clientX, event.clientY)
      if (column === null) return
      const minute = snap(window_.start + (event.clientY - column.top - start.offsetPx) / pxPerMinute)
      const bounded = Math.min(Math.max(minute, window_.start), window_.end - 10)
      set({ appointment: start.appointment, resourceId: column.resourceId, minute: bounded })
    }
    const drop = () => {
      const final = latest.current
      end()
      if (final === null) return
      justDropped.current = true
      setTimeout(() => {
        justDropped.current = false
      }, 0)
      onDrop(final)
    }
    const cancel = (event: KeyboardEvent) => event.key === 'Escape' && end()
    window.addEventListener('pointermove', move)
    window.addEventListener('pointerup', drop)
    window.addEventListener('pointercancel', end)
    window.addEventListener('keydown', cancel)
    return () => {
      window.removeEventListener('pointermove', move)
      window.removeEventListener('pointerup', drop)
      window.removeEventListener('pointercancel', end)
      window.removeEventListener('keydown', cancel)
    }
  }, [window_.start, window_.end, pxPerMinute, onDrop])

  function grab(appointment: Appointment, event: ReactPointerEvent<HTMLElement>) {
    if (event.pointerType === 'touch' || event.button !== 0) return
    const box = event.currentTarget.getBoundingClientRect()
    grabbed.current = { appointment, x: event.clientX, y: event.clientY, offsetPx: event.clientY - box.top }
  }

  /** The click that ends a drag must not open the visit. */
  const isClickOfDrop = () => justDropped.current
  return { drag, grab, isClickOfDrop }
}

function columnAt(x: number, y: number): { resourceId: string; top: number } | null {
  for (const element of document.elementsFromPoint(x, y)) {
    if (!(element instanceof HTMLElement)) continue
    const resourceId = element.dataset.resource
    if (resourceId !== undefined) return { resourceId, top: element.getBoundingClientRect().top }
  }
  return null
}
