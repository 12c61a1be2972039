import type { App } from '../../app.ts'
import type { Config } from '../../config.ts'
import { loadMasterKeys } from '../../config-keys.ts'
import { SequencerChild } from './child.ts'
import { settingsOf } from './settings.ts'

/** Starts the sequencer's process beside the server; null, with a warning, when this process has no login for it. */
export async function startSequencer({ log }: Pick<App, 'log'>, config: Config): Promise<SequencerChild | null> {
  if (!config.audit.isSequencerWanted) return null
  const settings = settingsOf(config, await loadMasterKeys(config.audit.masterKey))
  if (settings) return new SequencerChild(settings, log)
  log.warn('DATABASE_SEQUENCER_URL is not set: run npm run chiron -- worker somewhere, or nothing of the trail is protected')
  return null
}
