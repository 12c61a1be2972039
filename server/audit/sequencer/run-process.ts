import { once } from 'node:events'
import { createLog } from '../../log.ts'
import { createSequencer } from './create-sequencer.ts'
import { isSettings } from './settings.ts'

/** Waits for the settings, runs the sequencer until the parent is gone or lets go, and answers the exit code. */
export async function runSequencerProcess(host: NodeJS.Process): Promise<number> {
  // Ctrl-C reaches every process of the terminal; the parent decides when this one ends.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) host.on(signal, () => {})
  const gone = once(host, 'disconnect')
  const [message]: unknown[] = await Promise.race([once(host, 'message'), gone])
  if (!isSettings(message)) return 0
  await using _sequencer = await createSequencer(message, createLog(message.logLevel))
  await gone
  return 0
}
