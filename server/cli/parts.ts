import type { App } from '../app.ts'
import { createApp } from '../app.ts'
import { startSequencer } from '../audit/sequencer/start-sequencer.ts'
import { createFirstOrganisation, findDemoLogins, isDatabaseEmpty, loadDemo } from '../data.ts'
import { eraseSubjectFromConsole } from '../erase-subject.ts'
import { startAppJobs } from '../jobs/start-app-jobs.ts'
import type { StartParts } from '../start.ts'
import type { FirstOrganisation } from './setup-command.ts'

/** The one place where commands meet the product. */
export type Parts = StartParts<App> & {
  /** Creates the organisation, its first clinic and the owner's account. Throws StartupError when one exists already. */
  createFirstOrganisation(app: App, input: FirstOrganisation): Promise<void>
  /** Erases what the trail keeps about somebody. Throws StartupError when nobody has this id. */
  eraseSubject(app: App, input: { subjectId: string; reason: string }): Promise<{ images: number; entries: number }>
}

export const parts: Parts = {
  createApp,
  isDatabaseEmpty,
  loadDemo,
  findDemoLogins,
  startJobs: startAppJobs,
  startSequencer,
  createFirstOrganisation,
  eraseSubject: eraseSubjectFromConsole,
}
