import { Badge, Button, Group, Progress, Stack, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import type { AuditExportFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import classes from './Audit.module.css'
import { AuditExportFields, AuditExports, IssueExportTicket } from './audit-documents.ts'
import { isUnderWay, useJobs, watchJob } from './pending-jobs.ts'

const SHOWN = 20
const COLOURS: Record<string, string> = { ready: 'pine', failed: 'clay', expired: 'gray' }

/** The clinic's exports of the log, newest first, with their progress and the way to the file. */
export function ExportList() {
  const { t } = useTranslation('audit')
  const { tick } = useJobs()
  const [result, load] = useQuery({ query: AuditExports, variables: { first: SHOWN } })
  useEffect(() => {
    if (tick > 0) load({ requestPolicy: 'network-only' })
  }, [tick, load])
  const exports = (result.data?.auditExports.edges ?? []).map(({ node }) => readFragment(AuditExportFields, node))
  const underWay = exports.find(({ status }) => isUnderWay(status))?.id
  // Also one that was asked for before this page was loaded.
  useEffect(() => {
    if (underWay !== undefined) watchJob({ kind: 'export', id: underWay })
  }, [underWay])
  return (
    <QueryView result={result} onRetry={load} skeletonHeight={90}>
      {() =>
        exports.length === 0 ? (
          <Text c="dimmed">{t('export.none')}</Text>
        ) : (
          <Stack gap="xs">
            {exports.map((one) => (
              <ExportLine key={one.id} one={one} />
            ))}
          </Stack>
        )
      }
    </QueryView>
  )
}

function ExportLine({ one }: { one: AuditExportFieldsFragment }) {
  const { t } = useTranslation('audit')
  const format = useFormat()
  const label = useCodeLabel()
  return (
    <div className={classes.access}>
      <Group justify="space-between" gap="xs">
        <Text fw={600}>
          {label('exportFormat', one.format)} · {format.dateTime(one.createdAt)}
        </Text>
        <Badge color={COLOURS[one.status] ?? 'amber'}>{label('exportStatus', one.status)}</Badge>
      </Group>
      <Text size="sm">{one.reason}</Text>
      <Text size="xs" c="dimmed">
        {one.requestedByName}
        {one.rowCount !== null && ` · ${t('export.rows', { count: one.rowCount, size: format.decimal(one.rowCount) })}`}
        {one.sizeBytes !== null && ` · ${t('export.size', { size: format.decimal(Math.max(1, Math.round(one.sizeBytes / 1024))) })}`}
        {one.status === 'ready' && one.expiresAt !== null && ` · ${t('export.expires', { at: format.dateTime(one.expiresAt) })}`}
      </Text>
      {isUnderWay(one.status) && <Progress value={Math.round(one.progress * 100)} aria-label={t('export.progress')} mt={6} animated />}
      {one.status === 'failed' && <Text size="sm">{t('export.failed')}</Text>}
      {one.status === 'ready' && <Download id={one.id} fileName={one.fileName ?? ''} />}
    </div>
  )
}

function Download({ id, fileName }: { id: string; fileName: string }) {
  const { t } = useTranslation('audit')
  const textOf = useFailureText()
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(IssueExportTicket, (data) => data.issueExportTicket)

  async function download() {
    const { payload, failure } = await run({ id })
    if (payload?.__typename !== 'ExportTicket') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    setProblem(null)
    const link = document.createElement('a')
    link.href = payload.url
    link.download = fileName
    link.click()
  }

  return (
    <Group gap="xs" mt={6}>
      <Button size="compact-sm" variant="default" leftSection={<IconDownload size={15} />} loading={isRunning} onClick={() => void download()}>
        {t('export.download')}
      </Button>
      {problem !== null && (
        <Text size="sm" role="alert">
          {problem}
        </Text>
      )}
    </Group>
  )
}
