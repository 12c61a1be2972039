import { Alert, Anchor, Button, Drawer, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconAlertTriangle, IconArrowsMove } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { refusal } from '../../failure.ts'
import type { AppointmentStatus } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useCan, useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { WhoSawThis } from '../compliance/WhoSawThis.tsx'
import type { Appointment } from './day-plan.ts'
import { SeriesPart } from './SeriesPart.tsx'
import { StatusBadge } from './StatusBadge.tsx'
import { AppointmentEquipment, CancelAppointment } from './schedule-documents.ts'
import { SeriesFields } from './series-documents.ts'
import { isCancellable, isUpcoming, NEXT_STEP } from './status.ts'
import { useStatusChange } from './use-appointment-commands.ts'

type AppointmentDrawerProps = { appointment: Appointment | null; onMove: (appointment: Appointment) => void; onClose: () => void }

/** One visit: what is known, its next step, and the ways to move or cancel it. */
export function AppointmentDrawer({ appointment, onMove, onClose }: AppointmentDrawerProps) {
  const { t } = useTranslation('schedule')
  return (
    <Drawer
      opened={appointment !== null}
      onClose={onClose}
      title={appointment === null ? '' : `${appointment.patient.name} · ${appointment.type.name}`}
      closeButtonProps={{ 'aria-label': t('detail.close') }}
    >
      {appointment !== null && (
        <Stack gap="md" key={appointment.id}>
          <AppointmentFacts appointment={appointment} />
          <Steps appointment={appointment} onMove={() => onMove(appointment)} />
          <VisitSeries appointment={appointment} />
          <Group>
            <WhoSawThis name={appointment.patient.name} recordId={appointment.id} />
          </Group>
        </Stack>
      )}
    </Drawer>
  )
}

function AppointmentFacts({ appointment }: { appointment: Appointment }) {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const label = useCodeLabel()
  const { patient } = appointment
  const [{ data }] = useQuery({ query: AppointmentEquipment, variables: { id: appointment.id } })
  const equipment = data?.appointment?.equipment ?? []
  const time = (value: string | null) => value && format.time(value)
  return (
    <>
      {patient.alerts.length > 0 && (
        <Alert color="amber" variant="light" icon={<IconAlertTriangle size={18} />}>
          {patient.alerts.join(' · ')}
        </Alert>
      )}
      <Facts>
        <Fact name={t('detail.status')}>
          <StatusBadge status={appointment.status} />
        </Fact>
        <Fact name={t('detail.when')}>
          {format.dateTime(appointment.startsAt)} – {format.time(appointment.endsAt)}
        </Fact>
        <Fact name={t('detail.patient')}>
          <TextLink to="/patients/$id" params={{ id: patient.id }} search={{}}>
            {patient.name}
          </TextLink>{' '}
          <Text component="span" c="dimmed" size="xs">
            {patient.recordNumber}
          </Text>
        </Fact>
        <Fact name={t('detail.owner')}>{patient.client.name}</Fact>
        <Fact name={t('detail.phone')}>{patient.client.phone && <Anchor href={`tel:${patient.client.phone}`}>{patient.client.phone}</Anchor>}</Fact>
        <Fact name={t('detail.staff')}>
          {appointment.staff.name} <WhoSawThis name={appointment.staff.name} subjectId={appointment.staff.id} isIcon />
        </Fact>
        <Fact name={t('detail.room')}>{appointment.room?.name}</Fact>
        <Fact name={t('detail.equipment')}>{equipment.map(({ name }) => name).join(', ')}</Fact>
        <Fact name={t('detail.reason')}>{appointment.reason}</Fact>
        <Fact name={label('status', 'CHECKED_IN')}>{time(appointment.checkedInAt)}</Fact>
        <Fact name={label('status', 'IN_PROGRESS')}>{time(appointment.startedAt)}</Fact>
        <Fact name={label('status', 'COMPLETED')}>{time(appointment.completedAt)}</Fact>
        <Fact name={label('status', 'CHECKED_OUT')}>{time(appointment.checkedOutAt)}</Fact>
        <Fact name={t('detail.cancelReason')}>{appointment.cancelReason}</Fact>
      </Facts>
    </>
  )
}

function VisitSeries({ appointment: { id, startsAt } }: { appointment: Appointment }) {
  const { timeZone } = useFormat()
  const [{ data }] = useQuery({ query: AppointmentEquipment, variables: { id } })
  const series = data?.appointment?.series
  return series ? <SeriesPart series={readFragment(SeriesFields, series)} date={dateIn(timeZone, new Date(startsAt))} /> : null
}

function Steps({ appointment, onMove }: { appointment: Appointment; onMove: () => void }) {
  const { t } = useTranslation('schedule')
  const label = useCodeLabel()
  const can = useCan()
  const { changeStatus, isChanging } = useStatusChange()
  const [isCancelling, setCancelling] = useState(false)
  const next = NEXT_STEP[appointment.status]
  const upcoming = isUpcoming(appointment.status)
  const others: AppointmentStatus[] = upcoming ? (appointment.status === 'SCHEDULED' ? ['CONFIRMED', 'NO_SHOW'] : ['NO_SHOW']) : []
  if (isCancelling) return <CancelForm appointment={appointment} onClose={() => setCancelling(false)} />
  return (
    <Stack gap="xs">
      {can('appointment:update') && (
        <Group gap="xs">
          {next !== null && (
            <Button loading={isChanging} onClick={() => void changeStatus(appointment, next)}>
              {label('step', next)}
            </Button>
          )}
          {others.map((status) => (
            <Button key={status} variant="default" onClick={() => void changeStatus(appointment, status)}>
              {label('step', status)}
            </Button>
          ))}
        </Group>
      )}
      {isCancellable(appointment.status) && (
        <Group gap="xs">
          {upcoming && can('appointment:update') && (
            <Button variant="default" leftSection={<IconArrowsMove size={16} />} onClick={onMove}>
              {t('move.open')}
            </Button>
          )}
          {can('appointment:cancel') && (
            <Button variant="subtle" color="clay" onClick={() => setCancelling(true)}>
              {t('cancel.open')}
            </Button>
          )}
        </Group>
      )}
    </Stack>
  )
}

/** Cancelling asks why: it cannot be undone and the reason stays in the record. */
function CancelForm({ appointment, onClose }: { appointment: Appointment; onClose: () => void }) {
  const { t } = useTranslation('schedule')
  const textOf = useFailureText()
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(CancelAppointment, (data) => data.cancelAppointment)

  async function cancel() {
    const { payload, failure } = await run({ input: { id: appointment.id, version: appointment.version, reason: reason.trim() } })
    if (payload?.__typename === 'Appointment') return onClose()
    setProblem(textOf(payload === null ? failure : refusal(payload)))
  }

  return (
    <Stack gap="xs">
      <TextInput label={t('cancel.reason')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} error={problem} autoFocus />
      <Group gap="xs">
        <Button color="clay" loading={isRunning} disabled={reason.trim() === ''} onClick={() => void cancel()}>
          {t('cancel.submit')}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('cancel.keep')}
        </Button>
      </Group>
    </Stack>
  )
}
