import type { Page } from '@playwright/test'
import { LogWorld } from '../log-world.ts'
import { hashOf } from './api.ts'
import { expect, expectAccessible, expectNoOverflow, hold, test } from './fixture.ts'
import { findAnchoredSize, forkHistory } from './fork.ts'
import { findRawTexts } from './page-texts.ts'

const ALARM = 'La bitácora de auditoría no es la que este navegador vio antes'
const MONTH = '2026-11'

type Report = { problem: string; known: string; served: string }

/** Stands between the browser and the server: the log that is served is another, and reports do not reach the server. */
async function serveLog(page: Page, clinicId: string, current: () => LogWorld): Promise<Report[]> {
  const reports: Report[] = []
  const [asks, tells] = [hashOf('AuditWitness'), hashOf('ReportAuditMismatch')]
  await page.route('**/graphql', async (route) => {
    const text = route.request().postData() ?? ''
    const { variables } = JSON.parse(text)
    if (text.includes(asks)) {
      const { head, ...served } = await current().serve(clinicId, MONTH, variables)
      const auditWitness = { __typename: 'AuditWitness', ...served, head: head && { __typename: 'AuditHead', ...head } }
      return route.fulfill({ json: { data: { auditWitness } } })
    }
    if (!text.includes(tells)) return route.continue()
    reports.push(variables.input)
    return route.fulfill({ json: { data: { reportAuditMismatch: { __typename: 'AuditMismatchReported', reported: true } } } })
  })
  return reports
}

function keptSpine(page: Page): Promise<string> {
  return page.evaluate<string>("JSON.parse(localStorage.getItem('chiron:witness') ?? '{}').kept?.spine ?? ''")
}

test('a forked log raises an alarm on every screen that no reload ends, and only somebody who may see the log can', async ({ page, context, signIn }) => {
  const api = await signIn('compliance_officer')
  const { viewer } = await api.call('CurrentViewer')
  let log = new LogWorld(new Uint8Array(32).fill(5))
  for (const entry of ['a', 'b', 'c']) log.grow(viewer.clinic.id, MONTH, [entry])
  const reports = await serveLog(page, viewer.clinic.id, () => log)
  await page.goto('/compliance/verify')
  await expect.poll(() => keptSpine(page)).toContain('/spine\n3\n')
  log.grow(viewer.clinic.id, MONTH, ['d'])
  await page.reload()
  await expect.poll(() => keptSpine(page)).toContain('/spine\n4\n')
  await expect(page.getByText(ALARM)).toHaveCount(0)

  // The same key signs a longer history in which one early entry is another.
  const honest = await keptSpine(page)
  log = log.copy()
  log.rewriteEntry(viewer.clinic.id, MONTH, 1, 'B')
  log.grow(viewer.clinic.id, MONTH, ['e', 'f'])
  await page.reload()
  const banner = page.getByRole('main').getByRole('alert').first()
  await expect(banner).toContainText(ALARM)
  await expect(banner).toContainText('la bitácora de hoy no comienza con la de ayer')
  await expect(banner).toContainText('Ya se reportó al servidor.')
  expect(reports).toEqual([{ problem: 'inconsistent', known: honest, served: expect.stringContaining('/spine\n5\n') }])
  await banner.getByText('Ver los dos puntos de control').click()
  await expect(banner).toContainText('4 entradas')
  await expect(banner).toContainText('5 entradas')
  await expectAccessible(page)

  await page.goto('/compliance/audit')
  await expect(banner).toContainText(ALARM)
  await page.reload()
  await expect(banner).toContainText(ALARM)
  expect(await keptSpine(page), 'the forged checkpoint does not replace the one that was seen').toBe(honest)
  expect(reports).toHaveLength(1)

  // Whoever signs in next on this computer sees it as well, and is told whom to tell.
  await signIn('receptionist', context)
  await page.goto('/schedule')
  await expect(banner).toContainText('Avise a la persona titular')
  await expect(banner.getByRole('link')).toHaveCount(0)

  await signIn('owner', context)
  await page.goto('/schedule')
  await banner.getByRole('link', { name: 'Revisar' }).click()
  const browser = page.getByRole('region', { name: 'Este navegador' })
  const [evidence] = await Promise.all([page.waitForEvent('download'), browser.getByRole('button', { name: 'Guardar la evidencia' }).click()])
  expect(evidence.suggestedFilename()).toMatch(/^chiron-evidence-.*\.txt$/)
  await browser.getByRole('button', { name: 'Ya lo revisé…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Terminar la alarma' })
  await expect(dialog.getByRole('button', { name: 'Terminar la alarma' })).toBeDisabled()
  await dialog.getByRole('checkbox').check()
  await dialog.getByRole('button', { name: 'Terminar la alarma' }).click()
  await expect(page.getByText(ALARM)).toHaveCount(0)
  await expect(browser).toContainText('1 alarma atendida')
  await expect.poll(() => keptSpine(page)).toContain('/spine\n5\n')
})

test('a log that lost its end, or that another key signs, raises the alarm too, and an unreachable server does not', async ({ page, signIn, openBrowser }) => {
  const cases: [string, string, (log: LogWorld, clinicId: string) => LogWorld][] = [
    ['shrunk', 'es más corta que antes', (_log, clinicId) => worldOf(clinicId, ['a'], 6)],
    ['other-key', 'firmada con otra llave', (_log, clinicId) => worldOf(clinicId, ['a', 'b', 'c', 'd'], 7)],
  ]
  for (const [problem, text, change] of cases) {
    const context = await openBrowser()
    const api = await signIn('receptionist', context)
    const { viewer } = await api.call('CurrentViewer')
    const tab = await context.newPage()
    let log = worldOf(viewer.clinic.id, ['a', 'b'], 6)
    const reports = await serveLog(tab, viewer.clinic.id, () => log)
    await tab.goto('/schedule')
    await expect.poll(() => keptSpine(tab)).toContain('/spine\n2\n')
    log = change(log, viewer.clinic.id)
    await tab.reload()
    await expect(tab.getByRole('main').getByRole('alert').first()).toContainText(text)
    await expect.poll(() => reports.map((one) => one.problem)).toEqual([problem])
  }
  await page.route('**/graphql', (route) => {
    if (!route.request().postData()?.includes(hashOf('AuditWitness'))) return route.continue()
    return route.fulfill({ json: { errors: [{ message: 'The database is away.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] } })
  })
  await signIn('receptionist')
  await page.goto('/schedule')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.getByText(ALARM)).toHaveCount(0)
})

function worldOf(clinicId: string, entries: readonly string[], key: number): LogWorld {
  const log = new LogWorld(new Uint8Array(32).fill(key))
  for (const entry of entries) log.grow(clinicId, MONTH, [entry])
  return log
}

test.describe('when the database itself is forged and signed with the real key', () => {
  test.use({ installation: 'tampered', viewport: { width: 375, height: 812 } })
  const OWNER = { ownerEmail: 'duena@tampered.example', password: 'a long enough password' }

  test('the browser that was there before says so, and the verifier names the fork', async ({ page, baseURL }) => {
    // Anchors are written every half a minute.
    test.slow()
    const input = {
      ...OWNER,
      ownerName: 'Ana Ruiz',
      organisationName: 'Clínica del Río',
      clinicName: 'Clínica del Río',
      countryCode: 'MX',
      currency: 'MXN',
      locale: 'es-MX',
      timeZone: 'America/Mexico_City',
    }
    const extensions = { persistedQuery: { version: 1, sha256Hash: hashOf('SetUpInstallation') } }
    const response = await page.request.post(`${baseURL}/graphql`, { headers: { 'x-graphql-yoga-csrf': '1' }, data: { variables: { input }, extensions } })
    expect((await response.json()).data.setUpInstallation.__typename).toBe('Session')
    await page.goto('/compliance/verify')
    const clinicIsKept = "Object.keys(JSON.parse(localStorage.getItem('chiron:witness') ?? '{}').kept?.clinics ?? {}).length"
    // The first checkpoint may be younger than the page.
    await expect(async () => {
      await page.reload()
      await expect.poll(() => page.evaluate(clinicIsKept), { timeout: 3_000 }).toBe(1)
    }).toPass()
    await expect(page.getByText(ALARM)).toHaveCount(0)
    const size = Number((await keptSpine(page)).split('\n')[1])
    // What the browser saw is also outside the database, where the verifier finds it.
    await expect.poll(() => findAnchoredSize(hold()), { timeout: 90_000, intervals: [1_000] }).toBeGreaterThanOrEqual(size)

    await forkHistory(hold())
    await page.reload()
    const banner = page.getByRole('main').getByRole('alert').first()
    await expect(banner).toContainText(ALARM)
    await expect(banner).toContainText('Ya se reportó al servidor.')
    await expectNoOverflow(page)
    await page.reload()
    await expect(page.getByRole('region', { name: 'Hallazgos' })).toContainText('Bitácora reescrita')
    await expectAccessible(page)
    expect(await findRawTexts(page)).toEqual([])

    await page.getByRole('button', { name: 'Verificar ahora' }).click()
    const last = page.getByRole('region', { name: 'Última verificación' })
    await expect(last).toContainText('La bitácora fue manipulada', { timeout: 60_000 })
    await expect(last).toContainText('Historia bifurcada')
  })
})
