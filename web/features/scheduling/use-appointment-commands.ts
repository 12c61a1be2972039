import { useTranslation } from 'react-i18next'

import { refusal } from '../../failure.ts'
import type {
  AcceptOfferMutation,
  AppointmentStatus,
  BookAppointmentMutation,
  BookSeriesMutation,
  BookWalkInMutation,
  RescheduleAppointmentInput,
  RescheduleAppointmentMutation,
  SlotTakenFieldsFragment,
} from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useFormat } from '../../session/viewer.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import type { Appointment } from './day-plan.ts'
import { AppointmentFields, RequirementsFields, RescheduleAppointment, SetAppointmentStatus, SlotTakenFields } from './schedule-documents.ts'
import { showProblem, showUndo } from './undo-toast.tsx'

export type Refused = { message: string; conflict: SlotTakenFieldsFragment | null }
export type Move = Omit<RescheduleAppointmentInput, 'id' | 'version'>
type Payload =
  | BookAppointmentMutation['bookAppointment']
  | RescheduleAppointmentMutation['rescheduleAppointment']
  | BookWalkInMutation['bookWalkIn']
  | AcceptOfferMutation['acceptOffer']
  | BookSeriesMutation['bookSeries']
type Placed = { __typename: 'Appointment' | 'AppointmentSeries' | 'WaitlistOffer' }

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

/** Why a visit was not placed: what stands in the way, what it needs, or the sentence of any other refusal. */
export function useRefusal(): (payload: Exclude<Payload, Placed>) => Refused {
  const { t, i18n } = useTranslation('schedule')
  const label = useCodeLabel()
  const textOf = useFailureText()
  return (payload) => {
    if (payload.__typename !== 'RequirementsNotMet') {
      const conflict = payload.__typename === 'SlotTaken' ? readFragment(SlotTakenFields, payload) : null
      return { message: textOf(refusal(payload)), conflict }
    }
    const { positions, roomKinds, equipmentKinds } = readFragment(RequirementsFields, payload)
    const either = new Intl.ListFormat(i18n.language, { type: 'disjunction' })
    const wishes = [
      positions.length > 0 && t('needs.position', { names: either.format(positions.map((one) => label('position', one))) }),
      roomKinds.length > 0 && t('needs.room', { names: either.format(roomKinds.map((one) => label('roomKind', one))) }),
      equipmentKinds.length > 0 && t('needs.equipment', { names: equipmentKinds.map((one) => label('equipmentKind', one)).join(', ') }),
    ].filter((wish) => wish !== false)
    return { message: t('needs.text', { wishes: wishes.join('; ') }), conflict: null }
  }
}

/** Moves a visit or changes its length; the result is null, or why it was refused with what stands in the way. */
export function useMove() {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const textOf = useFailureText()
  const refusedOf = useRefusal()
  const { run, isRunning } = useCommand(RescheduleAppointment, (data) => data.rescheduleAppointment)

  async function apply(id: string, version: number, move: Move): Promise<Appointment | Refused> {
    const { payload, failure } = await run({ input: { id, version, ...move } })
    if (payload === null) return { message: textOf(failure), conflict: null }
    return payload.__typename === 'Appointment' ? readFragment(AppointmentFields, payload) : refusedOf(payload)
  }

  async function move(appointment: Appointment, to: Move): Promise<Refused | null> {
    const moved = await apply(appointment.id, appointment.version, to)
    if ('message' in moved) return moved
    const { startsAt, endsAt, staff, room, patient } = appointment
    const isLength = moved.startsAt === startsAt && moved.endsAt !== endsAt
    const text = isLength
      ? t('resized', { name: patient.name, time: format.time(moved.endsAt) })
      : t('moved', { name: patient.name, time: format.time(moved.startsAt) })
    const back = { startsAt, staffId: staff.id, roomId: room?.id ?? null, durationMinutes: minutesOf(appointment) }
    showUndo(text, t('undo'), () => {
      void apply(moved.id, moved.version, back).then((undone) => 'message' in undone && showProblem(undone.message))
    })
    return null
  }
  return { move, isMoving: isRunning }
}

export function minutesOf({ startsAt, endsAt }: { startsAt: string; endsAt: string }): number {
  return (Date.parse(endsAt) - Date.parse(startsAt)) / 60_000
}
