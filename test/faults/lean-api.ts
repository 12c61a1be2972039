// An API without job runner and sequencer, on a port of its own: the process that the fault `kill-api` kills. Ends with its parent.
import { flushCompileCache } from 'node:module'
import { createApp } from '../../server/app.ts'
import { createLog } from '../../server/log.ts'
import { testConfig } from '../harness.ts'

process.once('disconnect', () => process.exit(0))
const app = await createApp(testConfig(JSON.parse(process.env.LEAN_API_DATABASE ?? '{}')), { log: createLog('silent') })
const { url } = await app.listen()
process.send?.({ url })
// Node writes it when it ends, which a killed process does not.
flushCompileCache()
