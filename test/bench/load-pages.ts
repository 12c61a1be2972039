import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from '@playwright/test'
import playwrightConfig from '../../playwright.config.ts'
import { TEST_PASSWORD } from '../harness.ts'
import { practiceDay } from './data/sizes.ts'
import type { LoadUser } from './load-world.ts'

export type PageSample = { readonly page: string; readonly ms: number }
export type PageResult = { readonly samples: readonly PageSample[]; readonly failures: readonly string[] }

type Main = { readonly name: string; readonly path: string /** What is there once the data is, and not before. */; readonly content: (page: Page) => Locator }

const PATIENCE_MS = 20_000
const PAUSE_MS = 500

function mainPages({ patientIds, searches }: LoadUser): readonly Main[] {
  const day = practiceDay(0)
  return [
    { name: 'today', path: `/today?date=${practiceDay(-1)}`, content: (page) => page.getByText('Servicios prestados') },
    { name: 'schedule', path: `/schedule?date=${day}`, content: (page) => page.getByText(/Confirmada|Programada|Agendada/) },
    { name: 'patients, search', path: `/patients?q=${encodeURIComponent(searches[0] ?? 'ba')}`, content: (page) => page.locator('main a[href^="/patients/"]') },
    { name: 'patient', path: `/patients/${patientIds[3]}`, content: (page) => page.getByText(/B\d+-\d+/) },
    { name: 'stock alerts', path: `/inventory/alerts?asOf=${day}`, content: (page) => page.getByText(/Producto \d+/) },
  ]
}

/** A real browser that opens the main pages in turn, from an empty page each time, until `end` (by performance.now()). */
export async function openPages(url: string, user: LoadUser, hash: string, end: number): Promise<PageResult> {
  const browser = await launch()
  try {
    const context = await signedIn(browser, url, user, hash)
    const page = await context.newPage()
    const samples: PageSample[] = []
    const failures: string[] = []
    page.on('response', (response) => response.status() >= 500 && failures.push(`${response.status()} of ${response.url()}`))
    // The first time fills the browser's own cache, as it is on every working day. Each page is measured once at least.
    for (let round = 0; round < 2 || performance.now() < end; round += 1)
      for (const { name, path, content } of mainPages(user)) {
        await page.goto('about:blank')
        const begun = performance.now()
        try {
          await page.goto(url + path, { waitUntil: 'commit' })
          await content(page).first().waitFor({ state: 'visible', timeout: PATIENCE_MS })
          if (round > 0) samples.push({ page: name, ms: performance.now() - begun })
        } catch (error) {
          failures.push(`${name}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
        }
        await sleep(PAUSE_MS)
      }
    return { samples, failures }
  } finally {
    await browser.close()
  }
}

function launch(): Promise<Browser> {
  const { launchOptions } = playwrightConfig.use ?? {}
  return chromium.launch({ ...launchOptions })
}

/** Signs in beside the pages: the cookie is what they begin with. */
async function signedIn(browser: Browser, url: string, user: LoadUser, sha256Hash: string): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: 'es-MX', viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
  const response = await context.request.post(`${url}/graphql`, {
    data: { variables: { input: { email: user.email, password: TEST_PASSWORD } }, extensions: { persistedQuery: { version: 1, sha256Hash } } },
  })
  if (!response.ok()) throw new Error(`the browser cannot sign in: ${response.status()}`)
  return context
}
