import { Alert, Button, Drawer, List, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconSearchOff } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import type { ApproveTimeOffMutation, TimeOffImpactQuery } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { AffectedVisits } from './AffectedVisits.tsx'
import { AffectedAppointment, ApproveTimeOff, TimeOffFields, TimeOffImpactDocument } from './time-off-documents.ts'
import { useTimeOffTexts } from './use-time-off-texts.ts'

export type Impact = NonNullable<TimeOffImpactQuery['timeOffImpact']>
type Decision = Extract<ApproveTimeOffMutation['approveTimeOff'], { __typename: 'TimeOffDecision' }>

/** What an approval touches, before it happens, and what is left to do afterwards. */
export function ApproveDrawer({ requestId, onClose }: { requestId: string | null; onClose: () => void }) {
  const { t } = useTranslation('staff')
  return (
    <Drawer opened={requestId !== null} onClose={onClose} size="lg" title={t('timeOff.approve.title')} closeButtonProps={{ 'aria-label': t('timeOff.close') }}>
      {requestId !== null && <Approval key={requestId} requestId={requestId} onClose={onClose} />}
    </Drawer>
  )
}

function Approval({ requestId, onClose }: { requestId: string; onClose: () => void }) {
  const { t } = useTranslation('staff')
  const [decision, setDecision] = useState<Decision | null>(null)
  // Who is free changes all the time: what was offered a while ago is no offer.
  const [result, retry] = useQuery({ query: TimeOffImpactDocument, variables: { requestId }, requestPolicy: 'network-only' })
  if (decision !== null) return <Outcome decision={decision} onClose={onClose} />
  return (
    <QueryView result={result} onRetry={retry}>
      {({ timeOffImpact: impact }) =>
        impact === null || readFragment(TimeOffFields, impact.request).status !== 'REQUESTED' ? (
          <StateMessage
            icon={<IconSearchOff size={34} stroke={1.5} />}
            title={t('timeOff.approve.gone')}
            action={
              <Button variant="default" onClick={onClose}>
                {t('timeOff.close')}
              </Button>
            }
          />
        ) : (
          <ApproveForm impact={impact} onDecided={setDecision} onRefused={() => retry({ requestPolicy: 'network-only' })} onClose={onClose} />
        )
      }
    </QueryView>
  )
}

type ApproveFormProps = { impact: Impact; onDecided: (decision: Decision) => void; onRefused: () => void; onClose: () => void }

/** Visits that go to an offer, by the id of the visit. Those that are not named stay as they are. */
export type Choices = Readonly<Record<string, number>>

function reassignmentsOf({ visits }: Impact, choices: Choices) {
  return visits.flatMap(({ appointment: masked, offers }) => {
    const { id, version } = readFragment(AffectedAppointment, masked)
    const offer = offers[choices[id] ?? -1]
    return offer === undefined ? [] : [{ appointmentId: id, version, staffId: offer.staff.id, startsAt: offer.startsAt }]
  })
}

function ApproveForm({ impact, onDecided, onRefused, onClose }: ApproveFormProps) {
  const { t } = useTranslation('staff')
  const can = useCan()
  const textOf = useFailureText()
  const [choices, setChoices] = useState<Choices>({})
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(ApproveTimeOff, (data) => data.approveTimeOff)
  const reassignments = reassignmentsOf(impact, choices)
  const staying = impact.visits.length - reassignments.length

  async function approve() {
    const { id, version } = readFragment(TimeOffFields, impact.request)
    const { payload, failure } = await run({ input: { id, version, reassignments } })
    if (payload?.__typename === 'TimeOffDecision') return onDecided(payload)
    setProblem(textOf(payload === null ? failure : refusal(payload)))
    setChoices({})
    onRefused()
  }

  return (
    <Stack gap="md">
      <RequestFacts impact={impact} />
      <AffectedVisits impact={impact} choices={choices} onChange={setChoices} isMovable={can('appointment:update')} />
      {problem !== null && (
        <Alert role="alert" color="clay" variant="light">
          {problem}
        </Alert>
      )}
      {impact.visits.length > 0 && (
        <Text size="sm" role="status">
          {t('timeOff.approve.summary', { moved: reassignments.length, staying })}
        </Text>
      )}
      <Button size="md" loading={isRunning} onClick={() => void approve()}>
        {t('timeOff.approve.submit')}
      </Button>
      <Button variant="default" onClick={onClose}>
        {t('timeOff.approve.keep')}
      </Button>
    </Stack>
  )
}

function RequestFacts({ impact }: { impact: Impact }) {
  const { t } = useTranslation('staff')
  const texts = useTimeOffTexts()
  const request = readFragment(TimeOffFields, impact.request)
  return (
    <>
      <div>
        <Text fw={600}>{impact.request.staff.name}</Text>
        <Text size="sm">
          {texts.days(request)} · {request.type.name} · {texts.amount(request.amount, request.type.countsAs)}
        </Text>
        {request.reason && (
          <Text size="sm" c="dimmed">
            {request.reason}
          </Text>
        )}
      </div>
      {impact.isBeyondBalance && (
        <Alert color="amber" variant="light" icon={<IconAlertTriangle size={18} />}>
          {t('timeOff.approve.beyond')}
        </Alert>
      )}
      <Elsewhere intervals={impact.elsewhere} />
    </>
  )
}

function Elsewhere({ intervals }: { intervals: Impact['elsewhere'] }) {
  const { t } = useTranslation('staff')
  const format = useFormat()
  if (intervals.length === 0) return null
  return (
    <Alert color="amber" variant="light" icon={<IconAlertTriangle size={18} />} title={t('timeOff.approve.elsewhere')}>
      <List size="sm">
        {intervals.map(({ startsAt, endsAt }) => (
          <List.Item key={startsAt}>
            {format.dateTime(startsAt)} – {format.time(endsAt)}
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}

function Outcome({ decision, onClose }: { decision: Decision; onClose: () => void }) {
  const { t } = useTranslation('staff')
  const format = useFormat()
  const left = decision.stillAffected.map((one) => readFragment(AffectedAppointment, one))
  return (
    <Stack gap="md">
      <Alert role="status" color="pine" variant="light" icon={<IconCircleCheck size={18} />} title={t('timeOff.approve.done')}>
        {t(left.length === 0 ? 'timeOff.approve.noneLeft' : 'timeOff.approve.doneText')}
      </Alert>
      {left.length > 0 && (
        <section aria-label={t('timeOff.approve.left')}>
          <Text fw={600} mb={4}>
            {t('timeOff.approve.left')}
          </Text>
          <List size="sm">
            {left.map(({ id, startsAt, patient, type }) => (
              <List.Item key={id}>
                <TextLink to="/schedule" search={{ date: dateIn(format.timeZone, new Date(startsAt)), open: id }}>
                  {format.dateTime(startsAt)}
                </TextLink>{' '}
                · {patient.name} · {type.name}
              </List.Item>
            ))}
          </List>
        </section>
      )}
      <Elsewhere intervals={decision.elsewhere} />
      <Button onClick={onClose}>{t('timeOff.close')}</Button>
    </Stack>
  )
}
