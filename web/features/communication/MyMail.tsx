import { Checkbox, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { MyMailPreference, SetMyMailPreference } from './notification-documents.ts'

/** Kinds of news about one's own work. Inside the product everybody is told in any case. */
const KINDS = ['CREDENTIAL', 'ROSTER', 'SWAP', 'TIME_OFF'] as const
type Kind = (typeof KINDS)[number]

/** What the reader wants by mail as well. Each choice is kept at once. */
export function MyMail() {
  const { t } = useTranslation('messages')
  const label = useCodeLabel()
  const textOf = useFailureText()
  const [problem, setProblem] = useState<string | null>(null)
  const [result, retry] = useQuery({ query: MyMailPreference })
  const { run, isRunning } = useCommand(SetMyMailPreference, (data) => data.setMyMailPreference)

  async function choose(wanted: readonly Kind[]) {
    const refusals = KINDS.filter((kind) => !wanted.includes(kind))
    const { payload, failure } = await run({ input: { refusals } })
    setProblem(payload?.__typename === 'MailPreference' ? null : textOf(payload === null ? failure : refusal(payload)))
  }

  return (
    <QueryView result={result} onRetry={retry}>
      {({ myMailPreference: { refusals } }) => (
        <Checkbox.Group
          label={t('mine.mail')}
          value={KINDS.filter((kind) => !refusals.includes(kind))}
          onChange={(wanted) => void choose(wanted)}
          error={problem}
          disabled={isRunning}
        >
          <Stack gap={6} mt={6}>
            {KINDS.map((kind) => (
              <Checkbox key={kind} value={kind} label={label('messageKind', kind)} />
            ))}
          </Stack>
          <Text size="xs" c="dimmed" mt={6}>
            {t('mine.always')}
          </Text>
        </Checkbox.Group>
      )}
    </QueryView>
  )
}
