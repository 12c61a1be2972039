import { Anchor, Button, Group, Modal, Paper, Stack, Text } from '@mantine/core'
import { IconCheck, IconHourglass, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { refusal } from '../../failure.ts'
import type { OfferFieldsFragment, WaitlistFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useFormat } from '../../session/viewer.ts'
import { ConfirmForm } from '../../ui/ConfirmForm.tsx'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { SlotConflict } from './SlotConflict.tsx'
import type { Refused } from './use-appointment-commands.ts'
import { useRefusal } from './use-appointment-commands.ts'
import { useMinutesText } from './use-minutes-text.ts'
import { useNow } from './use-now.ts'
import { AcceptOffer, DeclineOffer, OfferFields, WaitlistDocument, WaitlistFields } from './waitlist-documents.ts'

const TICK_MS = 15_000
export const WAITLIST_TYPES = ['WaitlistEntry', 'WaitlistOffer']

type Offered = { entry: WaitlistFieldsFragment; offer: OfferFieldsFragment }

function offeredOf(entry: WaitlistFieldsFragment): Offered[] {
  const offers = entry.offers.map((masked) => readFragment(OfferFields, masked))
  return offers.filter(({ status }) => status === 'OPEN').map((offer) => ({ entry, offer }))
}

/** Slots that are kept for somebody until they answer: whom to call first. */
export function OpenOffers() {
  const { t } = useTranslation('desk')
  const [declining, setDeclining] = useState<Offered | null>(null)
  const [result, retry] = useLiveQuery(WAITLIST_TYPES, { query: WaitlistDocument, variables: { statuses: ['OFFERED'] } })
  return (
    <Section title={t('offers.title')}>
      <QueryView result={result} onRetry={retry} skeletonHeight={90}>
        {({ waitlist }) => {
          const offered = waitlist.flatMap((masked) => offeredOf(readFragment(WaitlistFields, masked)))
          if (offered.length === 0)
            return (
              <StateMessage icon={<IconHourglass size={34} stroke={1.5} />} title={t('offers.empty')}>
                {t('offers.emptyText')}
              </StateMessage>
            )
          return (
            <Stack gap="xs">
              {offered
                .toSorted((a, b) => Date.parse(a.offer.expiresAt) - Date.parse(b.offer.expiresAt))
                .map((one) => (
                  <OfferCard key={one.offer.id} offered={one} onDecline={() => setDeclining(one)} />
                ))}
            </Stack>
          )
        }}
      </QueryView>
      <Modal opened={declining !== null} onClose={() => setDeclining(null)} title={t('offers.declineTitle')} closeButtonProps={{ 'aria-label': t('close') }}>
        {declining !== null && <DeclineForm key={declining.offer.id} offered={declining} onClose={() => setDeclining(null)} />}
      </Modal>
    </Section>
  )
}

function useAcceptance({ entry, offer }: Offered) {
  const { t } = useTranslation('desk')
  const format = useFormat()
  const textOf = useFailureText()
  const refusedOf = useRefusal()
  const [refused, setRefused] = useState<Refused | null>(null)
  const { run, isRunning } = useCommand(AcceptOffer, (data) => data.acceptOffer)

  async function accept() {
    const { payload, failure } = await run({ input: { id: offer.id } })
    if (payload === null) return setRefused({ message: textOf(failure), conflict: null })
    if (payload.__typename !== 'WaitlistOffer') return setRefused(refusedOf(payload))
    notify({ color: 'pine', message: t('offers.accepted', { name: entry.patient.name, when: format.dateTime(offer.startsAt) }) })
  }
  return { accept, refused, isAccepting: isRunning }
}

function OfferCard({ offered, onDecline }: { offered: Offered; onDecline: () => void }) {
  const { t } = useTranslation('desk')
  const format = useFormat()
  const can = useCan()
  const { accept, refused, isAccepting } = useAcceptance(offered)
  const { entry, offer } = offered
  const { patient, type } = entry
  const when = `${format.dateTime(offer.startsAt)}–${format.time(offer.endsAt)}`
  return (
    <Paper component="article" withBorder p="sm" aria-label={`${patient.name}, ${when}`}>
      <Group justify="space-between" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Text fw={600}>
            {when} · {offer.staff.name}
          </Text>
          <Text size="sm">
            {patient.name} · {type.name} · {patient.client.name}
            {patient.client.phone !== null && (
              <>
                {' · '}
                <Anchor href={`tel:${patient.client.phone}`}>{patient.client.phone}</Anchor>
              </>
            )}
          </Text>
          <TimeLeft expiresAt={offer.expiresAt} />
        </div>
        <Group gap="xs">
          {can('appointment:create') && (
            <Button leftSection={<IconCheck size={16} />} loading={isAccepting} onClick={() => void accept()}>
              {t('offers.accept')}
            </Button>
          )}
          {can('appointment:update') && (
            <Button variant="default" leftSection={<IconX size={16} />} onClick={onDecline}>
              {t('offers.decline')}
            </Button>
          )}
        </Group>
      </Group>
      {refused !== null && <SlotConflict refused={refused} date="" onChoose={null} />}
    </Paper>
  )
}

function TimeLeft({ expiresAt }: { expiresAt: string }) {
  const { t } = useTranslation('desk')
  const format = useFormat()
  const minutesText = useMinutesText()
  const left = Math.floor((Date.parse(expiresAt) - useNow(TICK_MS).getTime()) / 60_000)
  return (
    <Text size="sm" c="dimmed">
      {left < 0 ? t('offers.over') : t('offers.left', { time: minutesText(left), until: format.dateTime(expiresAt) })}
    </Text>
  )
}

/** The slot goes on to whoever waits next, at once: that cannot be taken back. */
function DeclineForm({ offered: { entry, offer }, onClose }: { offered: Offered; onClose: () => void }) {
  const { t } = useTranslation('desk')
  const format = useFormat()
  const textOf = useFailureText()
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(DeclineOffer, (data) => data.declineOffer)

  async function decline() {
    const { payload, failure } = await run({ input: { id: offer.id } })
    if (payload?.__typename === 'WaitlistOffer') return onClose()
    setProblem(textOf(payload === null ? failure : refusal(payload)))
  }

  return (
    <ConfirmForm
      problem={problem}
      submit={t('offers.declineSubmit')}
      keep={t('offers.keep')}
      isRunning={isRunning}
      onSubmit={() => void decline()}
      onClose={onClose}
    >
      <Text size="sm">{t('offers.declineText', { name: entry.patient.name, when: format.dateTime(offer.startsAt) })}</Text>
    </ConfirmForm>
  )
}
