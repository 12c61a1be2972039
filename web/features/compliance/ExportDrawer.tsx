import { Alert, Button, Drawer, SegmentedControl, Stack, Text, Textarea, Title } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Failure } from '../../failure.ts'
import { refusal } from '../../failure.ts'
import { readFragment } from '../../gql/index.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { AuditExportFields, RequestAuditExport } from './audit-documents.ts'
import { filterOf } from './audit-search.ts'
import { ExportList } from './ExportList.tsx'
import { watchJob } from './pending-jobs.ts'

const FORMATS = ['csv', 'jsonl', 'pdf'] as const
const route = getRouteApi('/signed-in/compliance/audit')

/** Asks for an export of what the filters show, with a reason, and lists the exports that there are. */
export function ExportDrawer({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation('audit')
  return (
    <Drawer opened={isOpen} onClose={onClose} title={t('export.title')} size="lg" closeButtonProps={{ 'aria-label': t('detail.close') }}>
      {isOpen && (
        <Stack gap="lg">
          <RequestForm />
          <div>
            <Title order={3} mb={6}>
              {t('export.list')}
            </Title>
            <ExportList />
          </div>
        </Stack>
      )}
    </Drawer>
  )
}

function RequestForm() {
  const { t } = useTranslation('audit')
  const label = useCodeLabel()
  const textOf = useFailureText()
  const filter = filterOf(route.useSearch())
  const [format, setFormat] = useState<string>('csv')
  const [reason, setReason] = useState('')
  const [failure, setFailure] = useState<Failure | null>(null)
  const { run, isRunning } = useCommand(RequestAuditExport, (data) => data.requestAuditExport)
  const count = Object.values(filter).filter((value) => value !== undefined).length

  async function request() {
    const { payload, failure: lost } = await run({ input: { format, filter, reason: reason.trim() } })
    if (payload?.__typename !== 'AuditExport') return setFailure(payload === null ? lost : refusal(payload))
    setFailure(null)
    setReason('')
    watchJob({ kind: 'export', id: readFragment(AuditExportFields, payload).id })
  }

  return (
    <Stack gap="sm">
      <Text size="sm">{count === 0 ? t('export.everything') : t('export.filtered', { count })}</Text>
      <SegmentedControl
        aria-label={t('export.format')}
        value={format}
        onChange={setFormat}
        data={FORMATS.map((one) => ({ value: one, label: label('exportFormat', one) }))}
      />
      <Textarea
        label={t('export.reason')}
        description={t('export.reasonHint')}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        autosize
        minRows={2}
      />
      {failure !== null && (
        <Alert role="alert" color="clay" variant="light">
          {textOf(failure)}
        </Alert>
      )}
      <Button loading={isRunning} disabled={reason.trim() === ''} onClick={() => void request()}>
        {t('export.request')}
      </Button>
    </Stack>
  )
}
