import { demoLogin } from './accounts.ts'
import { expect, expectAccessible, signInByForm, test } from './fixture.ts'

test('GraphiQL asks for a session, returns, and runs the saved queries offline', async ({ page }) => {
  await page.goto('/graphiql')
  await signInByForm(page, demoLogin('owner').email)
  await expect(page).toHaveURL('/graphiql')
  await expect(page).toHaveTitle('Chiron GraphiQL')
  await expect(page.getByRole('tab', { name: /DailySummary|DaySchedule|StockAlerts/ })).toHaveCount(3)
  await page.getByRole('tab', { name: 'StockAlerts' }).click()
  // GraphiQL reads the query of a tab a moment after it is shown, and runs the one before until then.
  await expect(async () => {
    await page.getByRole('button', { name: /Execute query/ }).click()
    await expect(page.locator('.graphiql-response')).toContainText('outOfStock', { timeout: 3_000 })
  }).toPass({ timeout: 20_000 })
  // Its draggable tabs hold a button each, and its greys are pale: both are GraphiQL's own and not ours to change.
  await expectAccessible(page, { except: ['nested-interactive', 'color-contrast'] })
})

test('GraphiQL is refused to who may not query freely', async ({ page, signIn, watch }) => {
  // The refusal is a line of text, for which the browser itself looks for an icon.
  watch.allow(/403|favicon\.ico/)
  await signIn('receptionist')
  await page.goto('/graphiql')
  await expect(page.locator('body')).toContainText('graphql:adhoc')
})
