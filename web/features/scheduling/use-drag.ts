import type { PointerEvent as ReactPointerEvent } from 'react'
import { useEffect, useRef, useState } from 'react'
import type { Appointment, Span } from './day-plan.ts'
import { SNAP_MINUTES, snap } from './day-plan.ts'

/** A visit on its way to another column or time; with `end`, one whose lower edge is pulled there instead. */
export type Drag = { appointment: Appointment; columnId: string; minute: number; end: number | null }
export type Grip = { appointment: Appointment; span: Span; edge: 'none' | 'end' }
type Grabbed = Grip & { x: number; y: number; offsetPx: number; home: string | null }

const THRESHOLD_PX = 5

/**
 * Moving a visit, or its end, with a mouse or pen. Touch scrolls instead: there, and on the keyboard, "Move…" does the same. Escape
 * lets go without changing anything.
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
    const minuteAt = (y: number, top: number) => snap(window_.start + (y - top) / pxPerMinute)
    const move = (event: PointerEvent) => {
      const start = grabbed.current
      if (start === null) return
      if (latest.current === null && Math.hypot(event.clientX - start.x, event.clientY - start.y) < THRESHOLD_PX) return
      const { appointment, span } = start
      const column = start.edge === 'end' ? columnOf(start.home) : columnAt(event.clientX, event.clientY)
      if (column === null) return
      if (start.edge === 'end') {
        const bounded = Math.min(Math.max(minuteAt(event.clientY, column.top), span.start + SNAP_MINUTES), window_.end)
        return set({ appointment, columnId: column.id, minute: span.start, end: bounded })
      }
      const minute = minuteAt(event.clientY - start.offsetPx, column.top)
      set({ appointment, columnId: column.id, minute: Math.min(Math.max(minute, window_.start), window_.end - SNAP_MINUTES), end: null })
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

  function grab(grip: Grip, event: ReactPointerEvent<HTMLElement>) {
    if (event.pointerType === 'touch' || event.button !== 0) return
    const box = event.currentTarget.getBoundingClientRect()
    const home = event.currentTarget.closest<HTMLElement>('[data-column]')?.dataset.column ?? null
    grabbed.current = { ...grip, x: event.clientX, y: event.clientY, offsetPx: event.clientY - box.top, home }
  }

  /** The click that ends a drag must not open the visit. */
  const isClickOfDrop = () => justDropped.current
  return { drag, grab, isClickOfDrop }
}

type Found = { id: string; top: number }

function columnAt(x: number, y: number): Found | null {
  for (const element of document.elementsFromPoint(x, y)) {
    if (!(element instanceof HTMLElement)) continue
    const id = element.dataset.column
    if (id !== undefined) return { id, top: element.getBoundingClientRect().top }
  }
  return null
}

function columnOf(id: string | null): Found | null {
  if (id === null) return null
  const element = document.querySelector<HTMLElement>(`[data-column="${id}"]`)
  return element && { id, top: element.getBoundingClientRect().top }
}
