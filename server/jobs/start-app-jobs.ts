import type { App } from '../app.ts'
import type { Config } from '../config.ts'
import { createMessagePorts } from '../messages/create-ports.ts'
import { messageJobs } from '../messages/message-jobs.ts'
import { UnsubscribeTokens } from '../messages/unsubscribe-token.ts'
import { exportJobs } from './audit-export.ts'
import { bookingRequestJobs } from './booking-requests.ts'
import { ExportFiles } from './export-files.ts'
import { rotationJobs } from './field-rotation.ts'
import { startJobs } from './runner.ts'
import { waitlistJobs } from './waitlist.ts'

/** Takes up every kind of job of this installation, until it is disposed. */
export function startAppJobs({ database, clock, fields, log, metrics }: App, { dataDir, messaging, publicUrl, secrets }: Config): Promise<AsyncDisposable> {
  const sending = { database, clock, log, ports: createMessagePorts(messaging), tokens: new UnsubscribeTokens(secrets.tokenKey), publicUrl }
  const handlers = {
    ...exportJobs({ database, clock, files: new ExportFiles(dataDir) }),
    ...bookingRequestJobs({ database, clock }),
    ...messageJobs(sending),
    ...rotationJobs({ database, clock, fields }),
    ...waitlistJobs({ database, clock }),
  }
  return startJobs(database, handlers, log, { metrics })
}
