import { useTranslation } from 'react-i18next'

import { refusal } from '../../failure.ts'
import type { AppointmentStatus, RescheduleAppointmentInput, SlotTakenFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useFormat } from '../../session/viewer.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import type { Appointment } from './day-plan.ts'
import { AppointmentFields, RescheduleAppointment, SetAppointmentStatus, SlotTakenFields } from './schedule-documents.ts'
import { showProblem, showUndo } from './undo-toast.tsx'

export type Refused = { message: string; conflict: SlotTakenFieldsFragment | null }
export type Move = Omit<RescheduleAppointmentInput, 'id' | 'version'>

/** Status steps: one click, with eight seconds to take it back. */
export function useStatusChange() {
  const { t } = useTranslation('schedule')
  const label = useCodeLabel()
  const textOf = useFailureText()
  const { run, isRunning } = useCommand(SetAppointmentStatus, (data) => data.setAppointmentStatus)

  async function apply(id: string, version: number, status: AppointmentStatus): Promise<Appointment | null> {
    const { payload, failure } = await run({ input: { id, version, status } })
    if (payload?.__typename === 'Appointment') return readFragment(AppointmentFields, payload)
    showProblem(textOf(payload === null ? failure : refusal(payload)))
    return null
  }

  async function changeStatus(appointment: Appointment, status: AppointmentStatus): Promise<void> {
    const changed = await apply(appointment.id, appointment.version, status)
    if (changed === null) return
    const message = t('statusChanged', { name: appointment.patient.name, status: label('status', status) })
    showUndo(message, t('undo'), () => void apply(changed.id, changed.version, appointment.status))
  }
  return { changeStatus, isChanging: isRunning }
}

/** Moves a visit; the result is null, or why it was refused with what stands in the way. */
export function useMove() {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const textOf = useFailureText()
  const { run, isRunning } = useCommand(RescheduleAppointment, (data) => data.rescheduleAppointment)

  async function apply(id: string, version: number, move: Move): Promise<Appointment | Refused> {
    const { payload, failure } = await run({ input: { id, version, ...move } })
    if (payload === null) return { message: textOf(failure), conflict: null }
    if (payload.__typename === 'Appointment') return readFragment(AppointmentFields, payload)
    const conflict = payload.__typename === 'SlotTaken' ? readFragment(SlotTakenFields, payload) : null
    return { message: textOf(refusal(payload)), conflict }
  }

  async function move(appointment: Appointment, to: Move): Promise<Refused | null> {
    const moved = await apply(appointment.id, appointment.version, to)
    if ('message' in moved) return moved
    const message = t('moved', { name: appointment.patient.name, time: format.time(moved.startsAt) })
    const back = { startsAt: appointment.startsAt, staffId: appointment.staff.id, roomId: appointment.room?.id ?? null }
    showUndo(message, t('undo'), () => {
      void apply(moved.id, moved.version, back).then((undone) => 'message' in undone && showProblem(undone.message))
    })
    return null
  }
  return { move, isMoving: isRunning }
}
