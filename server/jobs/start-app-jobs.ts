import type { App } from '../app.ts'
import type { Config } from '../config.ts'
import { exportJobs } from './audit-export.ts'
import { ExportFiles } from './export-files.ts'
import { rotationJobs } from './field-rotation.ts'
import { startJobs } from './runner.ts'

/** Takes up every kind of job of this installation, until it is disposed. */
export function startAppJobs({ database, clock, fields, log, metrics }: App, { dataDir }: Config): Promise<AsyncDisposable> {
  const handlers = { ...exportJobs({ database, clock, files: new ExportFiles(dataDir) }), ...rotationJobs({ database, clock, fields }) }
  return startJobs(database, handlers, log, { metrics })
}
