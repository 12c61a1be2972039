import { Button, Text } from '@mantine/core'
import { IconCertificate } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useClient } from 'urql'
import { failureOf } from '../../failure.ts'
import { downloadText } from '../../ui/download.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { AuditEntryProof } from './audit-documents.ts'

/** Saves the proof that the entry is in the signed log, for the offline verifier. */
export function ProofButton({ entryId }: { entryId: string }) {
  const { t } = useTranslation('audit')
  const textOf = useFailureText()
  const client = useClient()
  const [isRunning, setRunning] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  async function save() {
    setRunning(true)
    const { data, error } = await client.query(AuditEntryProof, { entryIds: [entryId] }, { requestPolicy: 'network-only' }).toPromise()
    setRunning(false)
    if (error || !data) return setProblem(textOf(error ? failureOf(error) : { kind: 'unexpected', requestId: null }))
    if (data.auditProof.proven === 0) return setProblem(t('proof.pending'))
    setProblem(data.auditProof.isPartial ? t('proof.partial') : null)
    downloadText(`chiron-proof-${entryId}.json`, data.auditProof.bundle, 'application/json')
  }

  return (
    <>
      <Button variant="default" size="compact-sm" leftSection={<IconCertificate size={15} />} loading={isRunning} onClick={() => void save()}>
        {t('proof.save')}
      </Button>
      <Text size="sm" role="status">
        {problem}
      </Text>
    </>
  )
}
