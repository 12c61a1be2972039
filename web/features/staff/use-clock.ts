import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import { notify } from '../../notify.ts'
import { useFormat } from '../../session/viewer.ts'
import { ClockIn, ClockOut, ClockStateDocument } from './attendance-documents.ts'
import { useSubmit } from './use-submit.ts'

type Clock = {
  /** Since when the person is at work here; null when they are not, undefined while nobody knows yet. */
  since: string | null | undefined
  toggle: () => Promise<void>
  problem: string | null
  isRunning: boolean
}

/** Coming and going of the viewer themselves at the active clinic. */
export function useClock(staffId: string): Clock {
  const { t } = useTranslation('people')
  const format = useFormat()
  const [state, refresh] = useQuery({ query: ClockStateDocument, variables: { staffId } })
  const coming = useSubmit(ClockIn, ({ clockIn: made }) => (made.__typename === 'AttendanceEntry' ? { done: made.id } : { failure: refusal(made) }))
  const going = useSubmit(ClockOut, ({ clockOut: made }) => (made.__typename === 'AttendanceEntry' ? { done: made.id } : { failure: refusal(made) }))
  const since = state.data ? (state.data.attendance.people[0]?.openSince ?? null) : undefined

  async function toggle() {
    const isComing = since === null
    const done = await (isComing ? coming : going).submit({})
    if (done !== null) notify({ color: 'pine', message: t(isComing ? 'clock.cameAt' : 'clock.leftAt', { time: format.time(new Date()) }) })
    refresh({ requestPolicy: 'network-only' })
  }

  return { since, toggle, problem: since === null ? coming.problem : going.problem, isRunning: coming.isRunning || going.isRunning }
}
