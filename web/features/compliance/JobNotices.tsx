import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Client } from 'urql'
import { useClient } from 'urql'
import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { AuditExportFields, AuditExportState } from './audit-documents.ts'
import { endRound, isUnderWay, type Job, useJobs } from './pending-jobs.ts'
import { AuditVerifications, VerificationFields } from './verify-documents.ts'

const ASK_EVERY_MS = 2_000

/** Asks about what is under way as long as something is, on every screen, and says when it is done. */
export function JobNotices() {
  const { t } = useTranslation('verify')
  const client = useClient()
  const { pending } = useJobs()
  const isBusy = pending.length > 0
  const latest = useRef(pending)
  latest.current = pending
  useEffect(() => {
    if (!isBusy) return
    let timer = 0
    const ask = async () => {
      const done: Job[] = []
      for (const job of latest.current) {
        const state = await stateOf(client, job)
        if (state === null || isUnderWay(state)) continue
        done.push(job)
        const good = state === 'passed' || state === 'ready'
        notify({ message: t(`done.${messageOf(job, state)}`), color: good ? 'pine' : 'clay', autoClose: good ? 8_000 : false })
      }
      endRound(done)
      timer = window.setTimeout(ask, ASK_EVERY_MS)
    }
    timer = window.setTimeout(ask, ASK_EVERY_MS)
    return () => window.clearTimeout(timer)
  }, [isBusy, client, t])
  return null
}

/** Null when it cannot be told now: the next round asks again. */
async function stateOf(client: Client, job: Job): Promise<string | null> {
  if (job.kind === 'verification') {
    const { data } = await client.query(AuditVerifications, { first: 1 }, { requestPolicy: 'network-only' }).toPromise()
    const [last] = data?.auditVerifications ?? []
    return last ? readFragment(VerificationFields, last).state : null
  }
  const { data } = await client.query(AuditExportState, { id: job.id }, { requestPolicy: 'network-only' }).toPromise()
  return data?.auditExport ? readFragment(AuditExportFields, data.auditExport).status : null
}

function messageOf(job: Job, state: string): 'passed' | 'failed' | 'broken' | 'ready' | 'exportFailed' {
  if (job.kind === 'export') return state === 'ready' ? 'ready' : 'exportFailed'
  return state === 'passed' || state === 'failed' ? state : 'broken'
}
