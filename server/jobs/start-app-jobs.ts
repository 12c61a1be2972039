import type { App } from '../app.ts'
import type { Config } from '../config.ts'
import { exportJobs } from './audit-export.ts'
import { ExportFiles } from './export-files.ts'
import { startJobs } from './runner.ts'
import { waitlistJobs } from './waitlist.ts'

/** Takes up every kind of job of this installation, until it is disposed. */
export function startAppJobs({ database, clock, log, metrics }: App, { dataDir }: Config): Promise<AsyncDisposable> {
  const handlers = { ...exportJobs({ database, clock, files: new ExportFiles(dataDir) }), ...waitlistJobs({ database, clock }) }
  return startJobs(database, handlers, log, { metrics })
}
