// The app as a process of its own, so that its processor time is its own. Started by audit-cost.ts with a channel.
import { createApp } from '../../server/app.ts'
import { createLog } from '../../server/log.ts'
import { testConfig } from '../harness.ts'
import { DOCUMENTS } from './cost-documents.ts'

const { DATABASE_URL: appUrl = '', DATABASE_AUDITOR_URL: auditorUrl = '' } = process.env
const app = await createApp(testConfig({ appUrl, auditorUrl, adminUrl: '', sequencerUrl: '' }), {
  log: createLog('silent'),
  documents: { find: (hash) => DOCUMENTS.get(hash) ?? null },
})
const { url } = await app.listen()
process.on('message', () => process.send?.({ cpu: process.cpuUsage() }))
process.once('disconnect', () => process.exit(0))
process.send?.({ url })
