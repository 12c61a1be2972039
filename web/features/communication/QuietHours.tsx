import { Alert, Button, SimpleGrid, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { MessageSettingsQuery } from '../../gql/graphql.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useViewer } from '../../session/viewer.ts'
import { Section } from '../../ui/Section.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { MessageSettingsDocument, SetMessageSettings } from './rule-documents.ts'

type Settings = MessageSettingsQuery['messageSettings']

/** Hours in which the clinic writes to nobody, and under which name it writes. */
export function QuietHours() {
  const { t } = useTranslation('messages')
  const { clinic } = useViewer()
  const [result, retry] = useLiveQuery(['MessageSettings'], { query: MessageSettingsDocument })
  return (
    <Stack gap="md" maw={640}>
      <Section title={t('hours.title')}>
        <QueryView result={result} onRetry={retry} skeletonHeight={120}>
          {({ messageSettings }) => <HoursForm key={messageSettings.version} settings={messageSettings} />}
        </QueryView>
      </Section>
      <Section title={t('hours.sender')}>
        <Text size="sm">{t('hours.senderText', { clinic: clinic.name })}</Text>
      </Section>
    </Stack>
  )
}

// What is offered to a clinic that has none so far.
const USUAL = { from: '21:00', until: '08:00' } as const

function HoursForm({ settings: { quietFrom, quietUntil, version } }: { settings: Settings }) {
  const { t } = useTranslation('messages')
  const { clinic } = useViewer()
  const textOf = useFailureText()
  const hasHours = quietFrom !== quietUntil
  const [isQuiet, setQuiet] = useState(hasHours)
  const [from, setFrom] = useState<string>(hasHours ? quietFrom : USUAL.from)
  const [until, setUntil] = useState<string>(hasHours ? quietUntil : USUAL.until)
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(SetMessageSettings, (data) => data.setMessageSettings)
  const isSame = isQuiet && from === until

  async function save() {
    const hours = isQuiet ? { quietFrom: from, quietUntil: until } : { quietFrom: USUAL.from, quietUntil: USUAL.from }
    const { payload, failure } = await run({ input: { ...hours, ...(version === null ? {} : { version }) } })
    if (payload?.__typename !== 'MessageSettings') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    setProblem(null)
    notify({ color: 'pine', message: t('hours.saved') })
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <Stack gap="md">
        <Text size="sm">{t('hours.text', { clinic: clinic.name })}</Text>
        <Switch label={t('hours.isQuiet')} checked={isQuiet} onChange={(event) => setQuiet(event.currentTarget.checked)} />
        {isQuiet && (
          <SimpleGrid cols={2} spacing="sm">
            <TextInput type="time" label={t('hours.from')} required value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
            <TextInput
              type="time"
              label={t('hours.until')}
              required
              value={until}
              onChange={(event) => setUntil(event.currentTarget.value)}
              error={isSame ? t('hours.same') : undefined}
            />
          </SimpleGrid>
        )}
        {problem !== null && (
          <Alert role="alert" color="clay" variant="light">
            {problem}
          </Alert>
        )}
        <Button type="submit" loading={isRunning} disabled={isSame} style={{ alignSelf: 'flex-start' }}>
          {t('hours.save')}
        </Button>
      </Stack>
    </form>
  )
}
