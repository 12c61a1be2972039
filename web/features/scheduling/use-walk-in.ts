import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { useFormat } from '../../session/viewer.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import type { OpenSlot } from './BookDrawer.tsx'
import type { Squeeze } from './SqueezeFields.tsx'
import { AppointmentFields } from './schedule-documents.ts'
import type { Refused } from './use-appointment-commands.ts'
import { useRefusal } from './use-appointment-commands.ts'
import { BookWalkIn } from './walk-in-documents.ts'

type WalkIn = {
  patient: { readonly id: string; readonly name: string }
  typeId: string
  staffId: string | null
  reason: string
  squeeze: Squeeze | null
}

/** Books a client who stands at the desk; `nextSlots` are there when the rest of the day has no slot. */
export function useWalkIn(onReceived: () => void) {
  const { t } = useTranslation('desk')
  const format = useFormat()
  const textOf = useFailureText()
  const refusedOf = useRefusal()
  const [refused, setRefused] = useState<Refused | null>(null)
  const [nextSlots, setNextSlots] = useState<readonly OpenSlot[] | null>(null)
  const { run, isRunning } = useCommand(BookWalkIn, (data) => data.bookWalkIn)

  function forget() {
    setRefused(null)
    setNextSlots(null)
  }

  async function receive({ patient, typeId, staffId, reason, squeeze }: WalkIn) {
    forget()
    const wanted = { patientId: patient.id, typeId, reason: reason.trim() || null }
    const place =
      squeeze === null
        ? { staffId }
        : { staffId: squeeze.staffId, roomId: squeeze.roomId, equipmentIds: [...squeeze.equipmentIds], overbookReason: squeeze.why.trim() }
    const { payload, failure } = await run({ input: { ...wanted, ...place } })
    if (payload === null) return setRefused({ message: textOf(failure), conflict: null })
    if (payload.__typename === 'NobodyFree') return setNextSlots(payload.openSlots)
    if (payload.__typename !== 'Appointment') return setRefused(refusedOf(payload))
    const { startsAt, staff } = readFragment(AppointmentFields, payload)
    notify({ color: 'pine', message: t('walkIn.done', { name: patient.name, time: format.time(startsAt), staff: staff.name }) })
    onReceived()
  }
  return { receive, refused, nextSlots, forget, isRunning }
}
