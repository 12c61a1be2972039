import { Button, Radio, Select, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { CredentialFieldsFragment } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { VerifyCredential } from './credential-documents.ts'
import { Problem } from './Problem.tsx'
import { useSubmit } from './use-submit.ts'

const METHODS = ['registry', 'document', 'phone', 'other'] as const
const OUTCOMES = ['confirmed', 'refuted', 'inconclusive'] as const

/** A check of somebody else's credential, for good in its trail. */
export function VerifyForm({ credential, onClose }: { credential: CredentialFieldsFragment; onClose: () => void }) {
  const { t } = useTranslation('people')
  const label = useCodeLabel()
  const [method, setMethod] = useState<string>(METHODS[0])
  const [outcome, setOutcome] = useState<string | null>(null)
  const [note, setNote] = useState('')
  const { submit, problem, isRunning } = useSubmit(VerifyCredential, ({ verifyCredential: made }) =>
    made.__typename === 'StaffCredential' ? { done: made.id } : { failure: refusal(made) },
  )

  async function verify() {
    if (outcome === null) return
    const { id, version } = credential
    if ((await submit({ input: { id, version, method, outcome, note: note.trim() || null } })) === null) return
    notify({ color: 'pine', message: t('verify.done') })
    onClose()
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void verify()
      }}
    >
      <Stack gap="md">
        <Text size="sm">{t('verify.text', { name: credential.staff.name })}</Text>
        <Select
          label={t('verify.method')}
          data={METHODS.map((code) => ({ value: code, label: label('verificationMethod', code) }))}
          value={method}
          onChange={(value) => value !== null && setMethod(value)}
          allowDeselect={false}
        />
        <Radio.Group label={t('verify.outcome')} required value={outcome} onChange={setOutcome}>
          <Stack gap={6} mt={6}>
            {OUTCOMES.map((code) => (
              <Radio key={code} value={code} label={label('verificationOutcome', code)} />
            ))}
          </Stack>
        </Radio.Group>
        <Textarea label={t('verify.note')} maxLength={2000} autosize minRows={2} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
        <Problem text={problem} />
        <Button type="submit" loading={isRunning} disabled={outcome === null}>
          {t('verify.submit')}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('back')}
        </Button>
      </Stack>
    </form>
  )
}
