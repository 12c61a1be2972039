import { AxeBuilder } from '@axe-core/playwright'
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { type Account, demoLogin, PASSWORD } from './accounts.ts'
import { Api } from './api.ts'
import type { Hold, Served, Started } from './server.ts'

function started(): Started {
  const text = process.env.CHIRON_E2E
  if (text === undefined) throw new Error('No server is running: the global setup starts it.')
  return JSON.parse(text) as Started
}

/** Where the servers of this run listen. */
function served(): Served {
  return started().served
}

/** What the owner of the tampered installation's server has in hand. */
export function hold(): Hold {
  return started().hold
}

/** Where the demo clinic is served. */
export function demoOrigin(): string {
  return served().demo
}

/** Notes what no page may do: write to the console, throw, get a server error, or ask another host for anything. */
class Watch {
  readonly #problems: string[] = []
  readonly #allowed: RegExp[] = []

  observe(context: BrowserContext): void {
    const origins = new Set(Object.values(served()))
    context.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.#note(`console ${message.type()}: ${message.text()} (${message.location().url})`)
    })
    context.on('weberror', (error) => this.#note(`uncaught: ${error.error().message}`))
    context.on('response', (response) => response.status() >= 500 && this.#note(`${response.status()} of ${response.url()}`))
    context.on('request', (request) => {
      const { protocol, origin } = new URL(request.url())
      if (protocol.startsWith('http') && !origins.has(origin)) this.#note(`external request: ${request.url()}`)
    })
  }

  /** Expects problems of this kind, because the test causes them. */
  allow(pattern: RegExp): void {
    this.#allowed.push(pattern)
  }

  get problems(): readonly string[] {
    return this.#problems.filter((problem) => !this.#allowed.some((pattern) => pattern.test(problem)))
  }

  #note(problem: string): void {
    this.#problems.push(problem)
  }
}

type Options = { installation: keyof Served }
type Fixtures = {
  watch: Watch
  /** A second person with a browser of their own. */
  openBrowser: () => Promise<BrowserContext>
  /**
   * Opens a session for the browser as its sign-in page would, and answers the API in the same person's name. Each
   * browser needs a session of its own: the refresh cookie changes with every use.
   */
  signIn: (who: Parameters<typeof demoLogin>[0] | Account, context?: BrowserContext) => Promise<Api>
}

export const test = base.extend<Options & Fixtures>({
  installation: ['demo', { option: true }],
  baseURL: async ({ installation }, use) => use(served()[installation]),
  watch: [
    async ({ context }, use) => {
      const watch = new Watch()
      watch.observe(context)
      await use(watch)
      expect(watch.problems, 'console, uncaught errors, server errors and external requests').toEqual([])
    },
    { auto: true },
  ],
  openBrowser: async ({ browser, baseURL, watch }, use) => {
    const contexts: BrowserContext[] = []
    await use(async () => {
      const context = await browser.newContext({ ...(baseURL ? { baseURL } : {}) })
      watch.observe(context)
      contexts.push(context)
      return context
    })
    for (const context of contexts) await context.close()
  },
  signIn: async ({ context: own, baseURL }, use) => {
    await use((who, context = own) => Api.signIn(context.request, baseURL ?? '', typeof who === 'string' ? demoLogin(who).email : who.email))
  },
})

export { expect }

/** Fills in the sign-in form of a page in Spanish. */
export async function signInByForm(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('Correo electrónico').fill(email)
  await page.getByLabel('Contraseña', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Entrar' }).click()
}

/** Fails on what axe calls serious or critical, naming rule and element. */
export async function expectAccessible(page: Page, { except = [] }: { except?: string[] } = {}): Promise<void> {
  // Legacy: without it axe opens a blank page per run, to look into frames that no page here has. What passes need not be described.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .options({ resultTypes: ['violations'] })
    .disableRules(except)
    .analyze()
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  const found = grave.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.any[0]?.message ?? ''}`))
  expect(found, 'serious or critical findings of axe').toEqual([])
}

/** A phone's page scrolls in one direction only. */
export async function expectNoOverflow(page: Page): Promise<void> {
  const [content, window] = await page.evaluate<[number, number]>('[document.documentElement.scrollWidth, window.innerWidth]')
  expect(content, 'width of the page').toBeLessThanOrEqual(window)
}
