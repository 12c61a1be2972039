import type { App } from '../app.ts'
import { createApp } from '../app.ts'
import { createFirstOrganisation, findDemoLogins, isDatabaseEmpty, loadDemo } from '../data.ts'
import type { StartParts } from '../start.ts'
import type { FirstOrganisation } from './setup-command.ts'

/** The one place where commands meet the product. */
export type Parts = StartParts<App> & {
  /** Creates the organisation, its first clinic and the owner's account. Throws StartupError when one exists already. */
  createFirstOrganisation(app: App, input: FirstOrganisation): Promise<void>
}

export const parts: Parts = {
  createApp,
  isDatabaseEmpty,
  loadDemo,
  findDemoLogins,
  createFirstOrganisation,
}
