import type { Page } from '@playwright/test'
import { expect, expectAccessible, expectNoOverflow, test } from './fixture.ts'
import { findRawTexts } from './page-texts.ts'

/** What the other specs rely on must itself notice: each guard is shown a planted fault. */
async function plant(page: Page, html: string): Promise<void> {
  await page.evaluate(`document.querySelector('main').insertAdjacentHTML('beforeend', ${JSON.stringify(html)})`)
}

test.beforeEach(async ({ page, signIn }) => {
  await signIn('owner')
  await page.goto('/inventory/alerts?asOf=2025-12-27')
  await expect(page.getByRole('cell', { name: 'K2024-08', exact: true })).toBeVisible()
})

test('keys and codes instead of words are noticed', async ({ page }) => {
  expect(await findRawTexts(page)).toEqual([])
  const planted = ['schedule.book.title', 'SCHEDULED', 'COUNTER_SALE', 'clinic_admin', 'medical-record:read', 'Hello {{name}}', 'Invalid Date']
  for (const text of planted) await plant(page, `<p>${text}</p>`)
  expect(await findRawTexts(page)).toEqual(planted)
})

test('a page that is too wide and one that axe objects to are noticed', async ({ page }) => {
  await plant(page, '<button></button><p style="width: 3000px; color: #ccc">pale</p>')
  await expect(expectNoOverflow(page)).rejects.toThrow('width of the page')
  await expect(expectAccessible(page)).rejects.toThrow(/button-name.*color-contrast/s)
})

test('console, uncaught errors and external requests are noticed', async ({ page, watch }) => {
  await page.evaluate("console.warn('planted warning')")
  await page.evaluate("setTimeout(() => { throw new Error('planted error') }, 0)")
  await page.evaluate("fetch('https://planted.example/').catch(() => {})")
  await plant(page, '<img alt="" src="https://planted.example/pixel.png">')
  const notices = [/^console warning: planted warning/, /^uncaught: planted error/, /^console error: .*https:\/\/planted\.example\//]
  for (const notice of notices) await expect.poll(() => watch.problems.some((problem) => notice.test(problem))).toBe(true)
  watch.allow(/planted|Refused|Content Security Policy/)
})
