// Chiron as a process of its own, with everything on; what a module loader has taken out of it is the runner's matter.
import { createApp } from '../../../server/app.ts'
import { createLog } from '../../../server/log.ts'
import { testConfig } from '../../harness.ts'
import { CHIRON_REGISTERED } from './chiron-documents.ts'

const { DATABASE_URL: appUrl = '', DATABASE_AUDITOR_URL: auditorUrl = '' } = process.env
const app = await createApp(testConfig({ appUrl, auditorUrl, adminUrl: '', sequencerUrl: '' }), {
  log: createLog('silent'),
  documents: { find: (hash) => CHIRON_REGISTERED.get(hash) ?? null },
})
const { url } = await app.listen()
const statements = new Set<string>()
// Collected from the first time on that somebody asks.
process.on('message', () => {
  app.database.onStatement ??= (text) => void statements.add(text)
  process.send?.({ statements: [...statements] })
  statements.clear()
})
process.once('disconnect', () => process.exit(0))
process.send?.({ url })
