import { Button, Checkbox, Drawer, Select, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { QueryView } from '../../QueryView.tsx'
import { useCan } from '../../session/viewer.ts'
import type { FoundPatient } from '../patients/use-patient-search.ts'
import { AppointmentTypeChoice, usualType } from './AppointmentTypeChoice.tsx'
import type { Kind } from './BookDrawer.tsx'
import type { DaySchedule } from './day-plan.ts'
import { NobodyFree } from './NobodyFree.tsx'
import { PatientPicker } from './PatientPicker.tsx'
import { SlotConflict } from './SlotConflict.tsx'
import { type Squeeze, SqueezeFields } from './SqueezeFields.tsx'
import { AppointmentTypes } from './schedule-documents.ts'
import { useDay } from './use-day.ts'
import { useWalkIn } from './use-walk-in.ts'

type WalkInDrawerProps = { date: string; isOpen: boolean; onClose: () => void }

/** A client who has come without a booking: who, what for, and the next slot of the day is theirs. */
export function WalkInDrawer({ date, isOpen, onClose }: WalkInDrawerProps) {
  const { t } = useTranslation('desk')
  return (
    <Drawer opened={isOpen} onClose={onClose} title={t('walkIn.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      {isOpen && <LoadedForm date={date} onClose={onClose} />}
    </Drawer>
  )
}

function LoadedForm({ date, onClose }: { date: string; onClose: () => void }) {
  const [types, retryTypes] = useQuery({ query: AppointmentTypes })
  const { result, retry } = useDay(date)
  return (
    <QueryView result={types} onRetry={retryTypes}>
      {(data) => (
        <QueryView result={result} onRetry={retry}>
          {(schedule) => <WalkInForm schedule={schedule} types={data.appointmentTypes} onClose={onClose} />}
        </QueryView>
      )}
    </QueryView>
  )
}

type WalkInFormProps = { schedule: DaySchedule; types: readonly Kind[]; onClose: () => void }

const NO_SQUEEZE: Squeeze = { staffId: null, roomId: null, equipmentIds: [], why: '' }

function WalkInForm({ schedule, types, onClose }: WalkInFormProps) {
  const { t } = useTranslation('desk')
  const can = useCan()
  const [patient, setPatient] = useState<FoundPatient | null>(null)
  const [typeId, setTypeId] = useState(() => usualType(types, schedule)?.id ?? '')
  const [staffId, setStaffId] = useState<string | null>(null)
  const [reason, setReason] = useState('')
  const [squeeze, setSqueeze] = useState<Squeeze | null>(null)
  const { receive, refused, nextSlots, forget, isRunning } = useWalkIn(onClose)
  const type = types.find((one) => one.id === typeId)
  const isComplete = patient !== null && type !== undefined && (squeeze === null || (squeeze.staffId !== null && squeeze.why.trim() !== ''))

  function choose<Value>(set: (value: Value) => void): (value: Value) => void {
    return (value) => {
      set(value)
      forget()
    }
  }

  function submit() {
    if (patient !== null && isComplete) void receive({ patient, typeId, staffId, reason, squeeze })
  }

  return (
    <Stack gap="md">
      <PatientPicker patient={patient} onChange={choose(setPatient)} />
      <AppointmentTypeChoice types={types} chosen={typeId} onChoose={choose(setTypeId)} />
      {squeeze === null && (
        <Select
          label={t('walkIn.staff')}
          placeholder={t('walkIn.anyone')}
          data={schedule.staff.map(({ staff }) => ({ value: staff.id, label: staff.name }))}
          value={staffId}
          onChange={choose(setStaffId)}
          clearable
          clearButtonProps={{ 'aria-label': t('walkIn.anyone') }}
        />
      )}
      <TextInput label={t('walkIn.reason')} maxLength={500} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
      {refused !== null && <SlotConflict refused={refused} date={schedule.date} onChoose={null} />}
      {nextSlots !== null && patient !== null && type !== undefined && (
        <NobodyFree patient={patient} type={type} reason={reason} staffId={staffId} slots={nextSlots} onBooked={onClose} />
      )}
      {can('appointment:overbook') && (
        <Checkbox
          label={t('walkIn.squeeze')}
          checked={squeeze !== null}
          onChange={(event) => choose(setSqueeze)(event.currentTarget.checked ? { ...NO_SQUEEZE, staffId } : null)}
        />
      )}
      {squeeze !== null && <SqueezeFields squeeze={squeeze} schedule={schedule} onChange={choose(setSqueeze)} />}
      {(nextSlots === null || squeeze !== null) && (
        <Button size="md" loading={isRunning} disabled={!isComplete} onClick={submit}>
          {t(squeeze === null ? 'walkIn.submit' : 'walkIn.submitSqueeze')}
        </Button>
      )}
    </Stack>
  )
}
