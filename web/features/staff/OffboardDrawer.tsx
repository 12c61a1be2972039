import { Alert, Button, Drawer, List, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import type { OffboardingImpactQuery, PersonFieldsFragment } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { TextLink } from '../../ui/TextLink.tsx'
import { Problem } from './Problem.tsx'
import { OffboardingImpactDocument, OffboardPerson } from './people-documents.ts'
import { useSubmit } from './use-submit.ts'
import { useWeekdays } from './use-weekdays.ts'

type OffboardProps = { person: PersonFieldsFragment; onClose: () => void }

/** The end of somebody's employment. It is asked for only beside what it ends. */
export function OffboardDrawer({ isOpen, ...props }: OffboardProps & { isOpen: boolean }) {
  const { t } = useTranslation('people')
  return (
    <Drawer opened={isOpen} onClose={props.onClose} title={t('offboard.title', { name: props.person.name })} closeButtonProps={{ 'aria-label': t('close') }}>
      {isOpen && <OffboardForm {...props} />}
    </Drawer>
  )
}

function OffboardForm({ person, onClose }: OffboardProps) {
  const { t } = useTranslation('people')
  const { timeZone } = useFormat()
  const navigate = useNavigate({ from: '/staff/people/$id' })
  const [lastDay, setLastDay] = useState(() => dateIn(timeZone, new Date()))
  const [reason, setReason] = useState('')
  const { submit, problem, isRunning } = useSubmit(OffboardPerson, ({ offboardStaffMember: made }) =>
    made.__typename === 'Offboarding' ? { done: true } : { failure: refusal(made) },
  )

  async function end() {
    if ((await submit({ input: { staffId: person.id, version: person.version, lastDay, reason: reason.trim() } })) === null) return
    notify({ color: 'pine', message: t('offboard.done', { name: person.name }) })
    onClose()
    void navigate({ search: { tab: 'tasks' } })
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void end()
      }}
    >
      <Stack gap="md">
        <TextInput
          type="date"
          label={t('offboard.lastDay')}
          description={t('offboard.lastDayHint')}
          required
          min={person.hiredOn}
          value={lastDay}
          onChange={(event) => setLastDay(event.currentTarget.value)}
          data-autofocus
        />
        {lastDay !== '' && <Impact staffId={person.id} lastDay={lastDay} />}
        <Textarea
          label={t('offboard.reason')}
          description={t('offboard.reasonHint')}
          required
          maxLength={500}
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Problem text={problem} />
        <Button type="submit" color="clay" size="md" loading={isRunning} disabled={lastDay === '' || reason.trim() === ''}>
          {t('offboard.submit')}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('offboard.keep')}
        </Button>
      </Stack>
    </form>
  )
}

function Impact({ staffId, lastDay }: { staffId: string; lastDay: string }) {
  const { t } = useTranslation('people')
  const [result, retry] = useQuery({ query: OffboardingImpactDocument, variables: { staffId, lastDay }, requestPolicy: 'network-only' })
  return (
    <Alert color="amber" variant="light" icon={<IconAlertTriangle size={18} />} title={t('offboard.ends')}>
      <QueryView result={result} onRetry={retry} skeletonHeight={60}>
        {({ offboardingImpact: impact }) => impact && <WhatEnds impact={impact} />}
      </QueryView>
    </Alert>
  )
}

type WhatEndsProps = { impact: NonNullable<OffboardingImpactQuery['offboardingImpact']> }
// The first ones tell which they are; the schedule shows all of them.
const NAMED = 5

function WhatEnds({ impact }: WhatEndsProps) {
  const { t } = useTranslation('people')
  const format = useFormat()
  const weekdays = useWeekdays()
  const visits = impact.affectedAppointments ?? []
  return (
    <Stack gap={6}>
      <List size="sm">
        <List.Item>{t('offboard.access')}</List.Item>
        <List.Item>{t('offboard.roles', { count: impact.endedRoles })}</List.Item>
        <List.Item>{t('offboard.visits', { count: visits.length })}</List.Item>
        {visits.slice(0, NAMED).map(({ id, startsAt, patient }) => (
          <List.Item key={id} ml="md">
            <TextLink to="/schedule" search={{ date: dateIn(format.timeZone, new Date(startsAt)), open: id }}>
              {format.dateTime(startsAt)}
            </TextLink>{' '}
            · {patient.name}
          </List.Item>
        ))}
        {impact.affectedElsewhere > 0 && <List.Item>{t('offboard.elsewhere', { count: impact.affectedElsewhere })}</List.Item>}
        <List.Item>{t('offboard.schedules', { count: impact.affectedSchedules.length })}</List.Item>
      </List>
      {impact.affectedSchedules.length > 0 && (
        <Text size="sm">{impact.affectedSchedules.map(({ weekday, start, end }) => `${weekdays.short(weekday)} ${start}–${end}`).join(', ')}</Text>
      )}
    </Stack>
  )
}
