import { useTranslation } from 'react-i18next'

import { useCodeLabel } from '../../use-code-label.ts'
import type { Closure, Span } from './day-plan.ts'
import { clockText, gapsOf } from './day-plan.ts'
import classes from './Schedule.module.css'
import { PX_PER_MINUTE } from './TimeGrid.tsx'

/** Where nobody is on shift, the column is hatched. Rooms are always open. */
export function OffHours({ shifts, range }: { shifts: readonly Span[] | null; range: Span }) {
  if (shifts === null) return null
  return gapsOf(shifts, range).map((span) => <div key={span.start} className={classes.closed} style={placeIn(span, range)} />)
}

/** Time off, maintenance, closures and kept slots: a pattern of their own, and words, because a pattern alone says nothing. */
export function ClosedTimes({ closures, range }: { closures: readonly Closure[]; range: Span }) {
  const { t } = useTranslation('schedule')
  const label = useCodeLabel()
  return closures.map(({ id, reason, title, span }) => {
    const shown = { start: Math.max(span.start, range.start), end: Math.min(span.end, range.end) }
    if (shown.end <= shown.start) return null
    const text = title ?? label('blocking', reason)
    return (
      <div key={`${id} ${span.start}`} role="note" className={classes.blocked} data-reason={reason} style={placeIn(shown, range)}>
        <span title={text}>
          {text} <span className="visually-hidden">{t('blockedFrom', { from: clockText(span.start), to: clockText(span.end) })}</span>
        </span>
      </div>
    )
  })
}

function placeIn({ start, end }: Span, range: Span) {
  return { top: (start - range.start) * PX_PER_MINUTE, height: (end - start) * PX_PER_MINUTE }
}
