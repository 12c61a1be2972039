import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { SequencerChild } from '../../server/audit/sequencer/child.ts'
import { createLog } from '../../server/log.ts'
import { testConfig } from '../harness.ts'
import type { Cluster } from '../own-cluster.ts'

/** The real sequencer as a child process, with all of its tasks, as `chiron serve` runs it. */
export function startSequencerBeside({ urls, dataDir }: Cluster): SequencerChild {
  const { audit } = testConfig(urls)
  const files = { signingKeyFile: join(dataDir, 'bench-signing.key'), anchorFile: join(dataDir, 'bench-spine.log') }
  return new SequencerChild(
    { kind: 'sequencer', url: urls.sequencerUrl, audit: { ...audit, ...files }, masterKeys: [randomBytes(32)], logLevel: 'warn' },
    createLog('warn'),
  )
}
