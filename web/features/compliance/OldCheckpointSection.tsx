import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useClient } from 'urql'
import type { Failure } from '../../failure.ts'
import { failureOf } from '../../failure.ts'
import { Section } from '../../ui/Section.tsx'
import { useFailureText } from '../../use-failure-text.ts'
import { checkGrowth, type Growth } from '../witness/check-growth.ts'
import { checkpointOf } from '../witness/check-log.ts'
import { useWitness } from '../witness/witness.ts'
import { AuditConsistency } from './verify-documents.ts'

type Answer = { growth: Growth } | { failure: Failure }

/** Somebody has an old checkpoint, from a mail or a drawer: this browser checks the server's proof that today's log goes on from it. */
export function OldCheckpointSection({ verifierKey }: { verifierKey: string | null }) {
  const { t } = useTranslation('verify')
  const textOf = useFailureText()
  const client = useClient()
  const { kept } = useWitness()
  const [note, setNote] = useState('')
  const [answer, setAnswer] = useState<Answer | null>(null)
  const [isChecking, setChecking] = useState(false)
  // The key that this browser has seen first counts for more than the one that the server names today.
  const key = kept?.verifierKey ?? verifierKey

  async function check() {
    if (key === null) return
    setChecking(true)
    setAnswer(await ask(key))
    setChecking(false)
  }

  async function ask(trusted: string): Promise<Answer> {
    const whole = normalised(note)
    // The server would only say that it is no checkpoint.
    if (checkpointOf(whole) === null) return { growth: 'unreadable' }
    const result = await client.query(AuditConsistency, { checkpoint: whole }, { requestPolicy: 'network-only' }).toPromise()
    if (result.error || result.data === undefined) return { failure: result.error ? failureOf(result.error) : { kind: 'unexpected', requestId: null } }
    return { growth: await checkGrowth(whole, result.data.auditConsistency, trusted) }
  }

  return (
    <Section title={t('old.title')}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t('old.lead')}
        </Text>
        <Textarea
          label={t('old.label')}
          value={note}
          onChange={(event) => {
            setNote(event.currentTarget.value)
            setAnswer(null)
          }}
          autosize
          minRows={4}
          maxRows={10}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.75rem' } }}
        />
        <Group>
          <Button variant="default" loading={isChecking} disabled={note.trim() === '' || key === null} onClick={() => void check()}>
            {t('old.check')}
          </Button>
        </Group>
        <div aria-live="polite">
          {answer !== null && 'failure' in answer && (
            <Alert role="note" color="clay" variant="light">
              {textOf(answer.failure)}
            </Alert>
          )}
          {answer !== null && 'growth' in answer && (
            <Alert role="note" color={answer.growth === 'holds' ? 'pine' : answer.growth === 'unreadable' ? 'amber' : 'clay'} variant="light">
              {t(`old.answer.${answer.growth}`)}
            </Alert>
          )}
        </div>
      </Stack>
    </Section>
  )
}

/** What mail programs do to a note's ends and line feeds is undone: a checkpoint has exactly one line feed at its end. */
function normalised(note: string): string {
  return `${note.replaceAll('\r', '').trim()}\n`
}
