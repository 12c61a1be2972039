import { defineCommand } from 'citty'
import { createSequencer } from '../audit/sequencer/create-sequencer.ts'
import { settingsOf } from '../audit/sequencer/settings.ts'
import { loadMasterKeys } from '../config-keys.ts'
import { createLog } from '../log.ts'
import { StartupError } from '../startup-error.ts'
import { type CommandContext, withDatabaseAccess } from './database-access.ts'
import type { Parts } from './parts.ts'
import { listenForStop, untilAborted } from './signals.ts'

/** `chiron worker`: what runs beside the server, alone: for installations with several servers, or with the signing key on a host of its own. */
export function createWorkerCommand(context: CommandContext, loadParts: () => Promise<Parts>) {
  return defineCommand({
    meta: { name: 'worker', description: 'Run background work alone: the sequencer of the audit trail, and jobs' },
    run: async () => {
      await using stop = listenForStop()
      await withDatabaseAccess(context, async (config) => {
        const settings = settingsOf(config, await loadMasterKeys(config.audit.masterKey))
        if (!settings) throw new StartupError('DATABASE_SEQUENCER_URL is not set: the worker signs in as chiron_sequencer.')
        const { createApp, startJobs } = await loadParts()
        await using _sequencer = await createSequencer(settings, createLog(config.logLevel))
        await using app = await createApp(config)
        await using _jobs = await startJobs(app, config)
        await app.listenForMetrics()
        context.output.line('The worker runs. Stop with Ctrl-C.')
        await untilAborted(stop.signal)
      })
    },
  })
}
