import { Alert, Anchor, Badge, Button, Drawer, Group, Stack, Text, Textarea } from '@mantine/core'
import { IconCheck, IconSearchOff, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import type { BookingRequestQuery, RequestFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { type FoundPatient, FoundPatientFields } from '../patients/use-patient-search.ts'
import { PatientPicker } from './PatientPicker.tsx'
import { BookingRequestDocument, ConfirmBookingRequest, DeclineBookingRequest, RequestFields } from './request-documents.ts'
import { REQUEST_COLOUR } from './request-status.ts'

type Found = NonNullable<BookingRequestQuery['bookingRequest']>

/** One request: what was asked for, whose animal it is, and the clinic's answer. */
export function RequestDrawer({ requestId, onClose }: { requestId: string | null; onClose: () => void }) {
  const { t } = useTranslation('booking')
  return (
    <Drawer opened={requestId !== null} onClose={onClose} size="lg" title={t('desk.request')} closeButtonProps={{ 'aria-label': t('desk.close') }}>
      {requestId !== null && <Request key={requestId} requestId={requestId} onClose={onClose} />}
    </Drawer>
  )
}

function Request({ requestId, onClose }: { requestId: string; onClose: () => void }) {
  const { t } = useTranslation('booking')
  const can = useCan()
  // Somebody else may have decided, or it may have expired, since the list was read.
  const [result, retry] = useQuery({ query: BookingRequestDocument, variables: { id: requestId }, requestPolicy: 'network-only' })
  return (
    <QueryView result={result} onRetry={retry}>
      {({ bookingRequest: found }) => {
        if (found === null)
          return (
            <StateMessage
              icon={<IconSearchOff size={34} stroke={1.5} />}
              title={t('desk.gone')}
              action={
                <Button variant="default" onClick={onClose}>
                  {t('desk.close')}
                </Button>
              }
            />
          )
        const request = readFragment(RequestFields, found)
        return (
          <Stack gap="md">
            <RequestFacts request={request} found={found} />
            {request.status === 'REQUESTED' && can('appointment:create') && (
              <Decision request={request} matches={found.matches ?? []} onDone={onClose} onRefused={() => retry({ requestPolicy: 'network-only' })} />
            )}
          </Stack>
        )
      }}
    </QueryView>
  )
}

function RequestFacts({ request, found }: { request: RequestFieldsFragment; found: Found }) {
  const { t } = useTranslation('booking')
  const format = useFormat()
  const { appointment } = found
  return (
    <Facts>
      <Fact name={t('desk.fact.state')}>
        <Badge color={REQUEST_COLOUR[request.status]}>{t(`desk.state.${request.status}`)}</Badge>
      </Fact>
      <Fact name={t('desk.fact.when')}>
        {format.dateTime(request.startsAt)} – {format.time(request.endsAt)}
      </Fact>
      <Fact name={t('desk.fact.type')}>{request.type.name}</Fact>
      <Fact name={t('desk.fact.staff')}>{request.staff.name}</Fact>
      <Fact name={t('desk.fact.room')}>{request.room?.name}</Fact>
      <Fact name={t('desk.fact.patient')}>
        {request.patientName} · {request.species.name}
        {request.breed && ` · ${request.breed}`}
      </Fact>
      <Fact name={t('desk.fact.note')}>{request.note}</Fact>
      <Fact name={t('desk.fact.contact')}>{request.contactName}</Fact>
      <Fact name={t('desk.fact.phone')}>{request.contactPhone && <Anchor href={`tel:${request.contactPhone}`}>{request.contactPhone}</Anchor>}</Fact>
      <Fact name={t('desk.fact.mail')}>{request.contactMail && <Anchor href={`mailto:${request.contactMail}`}>{request.contactMail}</Anchor>}</Fact>
      <Fact name={t('desk.fact.language')}>{t(request.locale === 'en' ? 'desk.english' : 'desk.spanish')}</Fact>
      <Fact name={t('desk.fact.requestedAt')}>{format.dateTime(request.requestedAt)}</Fact>
      <Fact name={t('desk.fact.until')}>{request.status === 'REQUESTED' && format.dateTime(request.expiresAt)}</Fact>
      <Fact name={t('desk.fact.decided')}>
        {request.decidedAt !== null && [format.dateTime(request.decidedAt), request.decidedByName].filter(Boolean).join(' · ')}
      </Fact>
      <Fact name={t('desk.fact.reason')}>{request.decisionReason}</Fact>
      <Fact name={t('desk.fact.visit')}>
        {appointment !== null && (
          <TextLink to="/schedule" search={{ date: dateIn(format.timeZone, new Date(appointment.startsAt)), open: appointment.id }}>
            {appointment.patient.name}, {format.dateTime(appointment.startsAt)}
          </TextLink>
        )}
      </Fact>
    </Facts>
  )
}

type DecisionProps = { request: RequestFieldsFragment; matches: NonNullable<Found['matches']>; onDone: () => void; onRefused: () => void }

function Decision({ request, matches, onDone, onRefused }: DecisionProps) {
  const { t } = useTranslation('booking')
  const textOf = useFailureText()
  const [patient, setPatient] = useState<FoundPatient | null>(null)
  const [isDeclining, setDeclining] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(ConfirmBookingRequest, (data) => data.confirmBookingRequest)
  const owner = { id: null, name: request.contactName, phone: request.contactPhone ?? '', email: request.contactMail ?? undefined }
  const known = { name: request.patientName, speciesCode: request.species.code, owner }

  async function confirm(patientId: string) {
    const { payload, failure } = await run({ input: { id: request.id, version: request.version, patientId } })
    if (payload?.__typename === 'BookingRequest') {
      notify({ color: 'pine', message: t('desk.confirmed', { name: request.patientName }) })
      return onDone()
    }
    setProblem(textOf(payload === null ? failure : refusal(payload)))
    onRefused()
  }

  if (isDeclining) return <DeclineForm request={request} onDone={onDone} onKeep={() => setDeclining(false)} />
  return (
    <Stack gap="md">
      <div>
        <Text fw={600}>{t('desk.whose')}</Text>
        <Text size="sm" c="dimmed">
          {t('desk.whoseText')}
        </Text>
      </div>
      {patient === null && <Matches matches={matches} onChoose={setPatient} />}
      <PatientPicker patient={patient} onChange={setPatient} known={known} />
      {problem !== null && (
        <Alert role="alert" color="clay" variant="light">
          {problem}
        </Alert>
      )}
      <Group gap="xs">
        <Button leftSection={<IconCheck size={16} />} loading={isRunning} disabled={patient === null} onClick={() => patient && void confirm(patient.id)}>
          {t('desk.confirm')}
        </Button>
        <Button variant="default" leftSection={<IconX size={16} />} onClick={() => setDeclining(true)}>
          {t('desk.decline')}
        </Button>
      </Group>
    </Stack>
  )
}

/** Animals of clients who can be reached in the same way: perhaps theirs, perhaps not, since anybody can type anybody's number. */
function Matches({ matches, onChoose }: { matches: NonNullable<Found['matches']>; onChoose: (patient: FoundPatient) => void }) {
  const { t } = useTranslation('booking')
  if (matches.length === 0) return null
  return (
    <Stack gap={6} role="group" aria-label={t('desk.matches')}>
      <Text size="sm">{t('desk.matches')}</Text>
      {matches.map((client) => (
        <Group key={client.id} gap={6}>
          <Text size="sm" fw={500}>
            {client.name}
            {client.phone !== null && ` · ${client.phone}`}
          </Text>
          {readFragment(FoundPatientFields, client.patients).map((one) => (
            <Button key={one.id} size="compact-sm" variant="default" onClick={() => onChoose(one)}>
              {one.name} · {one.species.name}
            </Button>
          ))}
        </Group>
      ))}
    </Stack>
  )
}

function DeclineForm({ request, onDone, onKeep }: { request: RequestFieldsFragment; onDone: () => void; onKeep: () => void }) {
  const { t } = useTranslation('booking')
  const textOf = useFailureText()
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(DeclineBookingRequest, (data) => data.declineBookingRequest)

  async function decline() {
    const { payload, failure } = await run({ input: { id: request.id, version: request.version, reason: reason.trim() } })
    if (payload?.__typename !== 'BookingRequest') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('desk.declined', { name: request.patientName }) })
    onDone()
  }

  return (
    <Stack gap="md">
      <Textarea
        label={t('desk.reason')}
        description={t('desk.reasonText')}
        required
        maxLength={500}
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={problem}
        autoFocus
      />
      <Group gap="xs">
        <Button color="clay" loading={isRunning} disabled={reason.trim() === ''} onClick={() => void decline()}>
          {t('desk.declineSubmit')}
        </Button>
        <Button variant="default" onClick={onKeep}>
          {t('desk.keep')}
        </Button>
      </Group>
    </Stack>
  )
}
