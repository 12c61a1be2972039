import { Alert, Button, Code, Drawer, Stack, Text, Timeline } from '@mantine/core'
import { IconAlertTriangle, IconSearchOff, IconSend } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { MessageFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { LANGUAGE_NAMES } from '../../language-names.ts'
import { notify } from '../../notify.ts'
import { useCan, useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { MessageStatusBadge, useRecipient } from './MessageTable.tsx'
import { MessageFields, ResendMessage } from './message-documents.ts'

type DrawerProps = { isOpen: boolean; message: MessageFieldsFragment | null; onClose: () => void; onResent: (id: string) => void }

/** What became of one message, and why. */
export function MessageDrawer({ isOpen, message, onClose, onResent }: DrawerProps) {
  const { t } = useTranslation('messages')
  return (
    <Drawer opened={isOpen} onClose={onClose} title={t('log.detail.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      {isOpen && message === null && <StateMessage icon={<IconSearchOff size={34} stroke={1.5} />} title={t('log.detail.gone')} />}
      {isOpen && message !== null && (
        <Stack gap="lg" key={message.id}>
          <MessageFacts message={message} />
          <Cause message={message} />
          <Steps message={message} />
          <Resend message={message} onResent={onResent} />
        </Stack>
      )}
    </Drawer>
  )
}

function MessageFacts({ message }: { message: MessageFieldsFragment }) {
  const { t } = useTranslation('messages')
  const label = useCodeLabel()
  const format = useFormat()
  const recipient = useRecipient()(message)
  const { appointment } = message
  return (
    <Facts>
      <Fact name={t('log.detail.recipient')}>{recipient}</Fact>
      <Fact name={t('log.detail.message')}>{label('messageText', message.templateCode)}</Fact>
      <Fact name={t('log.detail.channel')}>{label('messageChannel', message.channel)}</Fact>
      <Fact name={t('log.detail.language')}>{LANGUAGE_NAMES[message.locale] ?? message.locale}</Fact>
      <Fact name={t('log.detail.visit')}>
        {appointment && (
          <TextLink to="/schedule" search={{ date: dateIn(format.timeZone, new Date(appointment.startsAt)), open: appointment.id }}>
            {appointment.patient.name} · {appointment.type.name} · {format.dateTime(appointment.startsAt)}
          </TextLink>
        )}
      </Fact>
      <Fact name={t('log.detail.status')}>
        <MessageStatusBadge status={message.status} />
      </Fact>
      <Fact name={t('log.detail.providerId')}>{message.providerId && <Code style={{ overflowWrap: 'anywhere' }}>{message.providerId}</Code>}</Fact>
    </Facts>
  )
}

// What follows them is the code of whatever went wrong there.
const BEGINNINGS = ['NOT_MADE', 'NOT_HANDED_OVER'] as const

/** Why it was not sent, or not yet. */
function Cause({ message: { errorCode, status } }: { message: MessageFieldsFragment }) {
  const { t, i18n } = useTranslation('messages')
  const label = useCodeLabel()
  if (errorCode === null) return null
  const known = [errorCode, ...BEGINNINGS].find((code) => errorCode.startsWith(code) && i18n.exists(`codes:messageError.${code}`))
  return (
    <Alert
      role="note"
      color={status === 'FAILED' || status === 'SUPPRESSED' ? 'clay' : 'amber'}
      variant="light"
      icon={<IconAlertTriangle size={18} />}
      title={t('log.detail.cause')}
    >
      {known === undefined ? t('log.detail.causeOther') : label('messageError', known)} {known !== errorCode && <Code>{errorCode}</Code>}
    </Alert>
  )
}

function Steps({ message }: { message: MessageFieldsFragment }) {
  const { t } = useTranslation('messages')
  const label = useCodeLabel()
  const format = useFormat()
  const { status, attempts, createdAt, notBefore, sentAt } = message
  const steps = [
    { title: t('log.detail.created'), at: format.dateTime(createdAt) },
    ...(attempts > 0 ? [{ title: t('log.detail.attempts', { count: attempts }), at: '' }] : []),
    ...(status === 'QUEUED' ? [{ title: t(attempts > 0 ? 'log.detail.retry' : 'log.detail.due'), at: format.dateTime(notBefore) }] : []),
    ...(sentAt === null ? [] : [{ title: t(status === 'DELIVERED' ? 'log.detail.delivered' : 'log.detail.sent'), at: format.dateTimeSeconds(sentAt) }]),
    ...(status === 'FAILED' || status === 'SUPPRESSED' || status === 'CANCELLED' ? [{ title: label('messageStatus', status), at: '' }] : []),
  ]
  return (
    <section aria-label={t('log.detail.steps')}>
      <Text fw={600} mb="xs">
        {t('log.detail.steps')}
      </Text>
      <Timeline active={steps.length - 1} bulletSize={16} lineWidth={2}>
        {steps.map(({ title, at }) => (
          <Timeline.Item key={title} title={title}>
            {at !== '' && (
              <Text size="sm" c="dimmed">
                {at}
              </Text>
            )}
          </Timeline.Item>
        ))}
      </Timeline>
    </section>
  )
}

function Resend({ message, onResent }: { message: MessageFieldsFragment; onResent: (id: string) => void }) {
  const { t } = useTranslation('messages')
  const can = useCan()
  const textOf = useFailureText()
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(ResendMessage, (data) => data.resendMessage)
  // What has not been tried to the end goes on by itself.
  if (!can('message:manage') || message.status === 'QUEUED' || message.status === 'SENDING') return null

  async function resend() {
    const { payload, failure } = await run({ id: message.id })
    if (payload?.__typename !== 'Message') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('log.detail.resent') })
    onResent(readFragment(MessageFields, payload).id)
  }

  return (
    <div>
      <Text size="sm" c="dimmed" mb="xs">
        {t('log.detail.resendText')}
      </Text>
      {problem !== null && (
        <Alert role="alert" color="clay" variant="light" mb="xs">
          {problem}
        </Alert>
      )}
      <Button leftSection={<IconSend size={16} />} loading={isRunning} onClick={() => void resend()}>
        {t('log.detail.resend')}
      </Button>
    </div>
  )
}
