import { Button } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import type { Failure } from '../../failure.ts'
import { refusal } from '../../failure.ts'
import { QueryView } from '../../QueryView.tsx'
import { Page } from '../../ui/Page.tsx'
import { useCommand } from '../../use-command.ts'
import { BrowserSection } from './BrowserSection.tsx'
import { DownloadSection } from './DownloadSection.tsx'
import { FindingSection } from './FindingSection.tsx'
import { AnchorSection, LogSection, MonthSection } from './LogSections.tsx'
import { OldCheckpointSection } from './OldCheckpointSection.tsx'
import { watchJob } from './pending-jobs.ts'
import { VerificationSection } from './VerificationSection.tsx'
import classes from './Verify.module.css'
import { AuditLogStatus, RequestAuditVerification } from './verify-documents.ts'

const REFRESH_EVERY_MS = 30_000

/** How the log over the trail stands, and everything that somebody needs to check it without believing us. */
export function VerifyPage() {
  const { t } = useTranslation('verify')
  const [result, load] = useQuery({ query: AuditLogStatus })
  const { run, isRunning } = useCommand(RequestAuditVerification, (data) => data.requestAuditVerification)
  const [failure, setFailure] = useState<Failure | null>(null)

  useEffect(() => {
    const timer = window.setInterval(() => load({ requestPolicy: 'network-only' }), REFRESH_EVERY_MS)
    return () => window.clearInterval(timer)
  }, [load])

  async function verify() {
    const { payload, failure: lost } = await run({})
    if (payload?.__typename === 'AuditVerification') watchJob({ kind: 'verification' })
    setFailure(payload === null ? lost : payload.__typename === 'AuditVerification' ? null : refusal(payload))
  }

  const action = (
    <Button leftSection={<IconShieldCheck size={17} />} loading={isRunning} onClick={() => void verify()}>
      {t('verifyNow')}
    </Button>
  )
  return (
    <Page title={t('title')} lead={t('lead')} actions={result.data && action}>
      <QueryView result={result} onRetry={load} skeletonHeight={420}>
        {({ auditLogStatus: status }) => (
          <div className={classes.sections}>
            <VerificationSection failure={failure} />
            <div className={classes.columns}>
              <div className={classes.sections}>
                <LogSection status={status} />
                <BrowserSection />
                <DownloadSection status={status} />
              </div>
              <div className={classes.sections}>
                <FindingSection findings={status.findings} />
                <AnchorSection anchors={status.anchors} />
                <MonthSection months={status.months} />
                <OldCheckpointSection verifierKey={status.verifierKey} />
              </div>
            </div>
          </div>
        )}
      </QueryView>
    </Page>
  )
}
