import type { Page } from '@playwright/test'
import { demoLogin, EXTRA_ACCOUNTS } from './accounts.ts'
import { hashOf } from './api.ts'
import { expect, signInByForm, test } from './fixture.ts'

/** Keeps all that the page asks for waiting, until it is told to let it go. */
async function holdRequests(page: Page): Promise<() => void> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  await page.route('**/graphql', async (route) => {
    await released
    await route.continue()
  })
  return release
}

/** Answers one operation as the server does when its audit entry could not be written, until it is told to stop. */
async function withholdAnswers(page: Page, operation: string): Promise<() => void> {
  let isWithheld = true
  const hash = hashOf(operation)
  await page.route('**/graphql', (route) => {
    if (!isWithheld || !route.request().postData()?.includes(hash)) return route.continue()
    const errors = [{ message: 'The audit trail could not record this.', extensions: { code: 'AUDIT_UNAVAILABLE' } }]
    return route.fulfill({ status: 503, json: { errors } })
  })
  return () => {
    isWithheld = false
  }
}

test('a reload keeps the session and the place', async ({ page }) => {
  await page.goto('/schedule?date=2025-12-20&view=room')
  await expect(page).toHaveURL(/\/sign-in/)
  await signInByForm(page, demoLogin('veterinarian').email)
  await expect(page).toHaveURL('/schedule?date=2025-12-20&view=room')
  await expect(page.getByRole('region', { name: 'Quirófano' })).toBeVisible()
  for (let round = 0; round < 3; round++) {
    await page.reload()
    await expect(page.getByRole('region', { name: 'Quirófano' })).toBeVisible()
  }
  expect(await page.evaluate<string>('JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie'), 'what scripts can read').not.toMatch(
    /eyJ[\w-]+\.eyJ/,
  )
})

test('tabs that are opened at once share the session, and signing out ends it in all of them', async ({ context, signIn }) => {
  await signIn('assistant')
  const tabs = await Promise.all([context.newPage(), context.newPage(), context.newPage()])
  await Promise.all(tabs.map((tab) => tab.goto('/patients?q=balu')))
  for (const tab of tabs) await expect(tab.getByRole('main').getByRole('listitem').first()).toContainText('Balú')
  await Promise.all(tabs.map((tab) => tab.reload()))
  for (const tab of tabs) await expect(tab.getByRole('main').getByRole('listitem').first()).toContainText('Balú')
  const [first] = tabs
  await first?.getByRole('complementary').getByRole('button').click()
  await first?.getByRole('menuitem', { name: 'Cerrar sesión', exact: true }).click()
  for (const tab of tabs) await expect(tab.getByRole('status')).toHaveText('La sesión está cerrada.')
})

test('a session that was ended elsewhere leads to the sign-in, and back to where one was', async ({ page, signIn, openBrowser }) => {
  await signIn(EXTRA_ACCOUNTS.endsEverywhere)
  await page.goto('/patients?q=balu')
  await expect(page.getByRole('main').getByRole('listitem').first()).toBeVisible()
  const elsewhere = await signIn(EXTRA_ACCOUNTS.endsEverywhere, await openBrowser())
  // A change that anybody makes asks again at any moment: it must not notice the end before the address says where one is.
  const release = await holdRequests(page)
  await elsewhere.call('SignOutEverywhere')
  await page.getByRole('searchbox', { name: 'Buscar pacientes' }).fill('frida')
  await expect(page).toHaveURL('/patients?q=frida')
  release()
  await expect(page.getByRole('status')).toHaveText('La sesión terminó. Al entrar volverá a donde estaba.')
  await expect(page.getByText('Balú')).toHaveCount(0)
  await signInByForm(page, EXTRA_ACCOUNTS.endsEverywhere.email)
  await expect(page).toHaveURL('/patients?q=frida')
  await expect(page.getByRole('main').getByRole('listitem').first()).toContainText('Frida')
})

test('fifteen minutes without a key or a click lock the screen, and signing in returns to it', async ({ page, signIn }) => {
  await page.clock.install()
  await signIn(EXTRA_ACCOUNTS.idles)
  await page.goto('/patients?q=balu')
  await expect(page.getByRole('main').getByRole('listitem').first()).toBeVisible()
  await page.clock.runFor('14:00')
  await expect(page.getByRole('searchbox', { name: 'Buscar pacientes' })).toBeVisible()
  await page.keyboard.press('Tab')
  await page.clock.runFor('14:00')
  await expect(page.getByRole('searchbox', { name: 'Buscar pacientes' })).toBeVisible()
  await page.clock.runFor('02:00')
  await expect(page.getByRole('status')).toHaveText('La sesión se cerró por inactividad. Al entrar volverá a donde estaba.')
  await expect(page.getByText('Balú')).toHaveCount(0)
  // This browser's clock is now half an hour ahead of the server's: it must work all the same.
  await signInByForm(page, EXTRA_ACCOUNTS.idles.email)
  await expect(page).toHaveURL('/patients?q=balu')
  await expect(page.getByRole('main').getByRole('listitem').first()).toContainText('Balú')
})

test('a renewal that answers after the lock does not open the screen again', async ({ page, signIn }) => {
  await page.clock.install()
  await signIn(EXTRA_ACCOUNTS.locksLate)
  await page.goto('/patients?q=balu')
  await expect(page.getByRole('main').getByRole('listitem').first()).toBeVisible()
  await page.clock.runFor('14:00')
  const { promise: answered, resolve: markAnswered } = Promise.withResolvers<void>()
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes(hashOf('RefreshSession'))) return route.continue()
    const response = await route.fetch()
    markAnswered()
    await released
    await route.fulfill({ response })
  })
  const late = page.waitForResponse((response) => response.request().postData()?.includes(hashOf('RefreshSession')) ?? false)
  await page.keyboard.press('Tab')
  await page.clock.runFor('00:15')
  await answered
  await page.clock.runFor('16:00')
  const notice = page.getByRole('status').filter({ hasText: 'La sesión se cerró por inactividad.' })
  await expect(notice).toBeVisible()
  release()
  await (await late).finished()
  await page.clock.runFor('00:01')
  await expect(page).toHaveURL(/\/sign-in/)
  await expect(notice).toBeVisible()
})

test('what could not be recorded is not shown, and can be tried again', async ({ page, signIn, watch }) => {
  watch.allow(/503/)
  await signIn('owner')
  const restore = await withholdAnswers(page, 'DailySummary')
  await page.goto('/today?date=2025-12-20')
  const problem = page.getByRole('alert')
  await expect(problem).toContainText('No quedó registrado')
  await expect(page.getByText('$8,450.00')).toHaveCount(0)
  restore()
  await problem.getByRole('button', { name: 'Reintentar' }).click()
  await expect(page.getByText('$8,450.00').first()).toBeVisible()
  await expect(problem).toHaveCount(0)
})

test('a server that cannot be reached on opening offers to try again, without losing the place', async ({ page, signIn, watch }) => {
  watch.allow(/503/)
  await signIn('owner')
  const restore = await withholdAnswers(page, 'RefreshSession')
  await page.goto('/inventory/alerts?asOf=2025-12-27')
  await expect(page.getByRole('alert')).toContainText('No quedó registrado')
  restore()
  await page.getByRole('button', { name: 'Reintentar' }).click()
  await expect(page.getByRole('cell', { name: 'K2024-08', exact: true })).toBeVisible()
  await expect(page).toHaveURL('/inventory/alerts?asOf=2025-12-27')
})
