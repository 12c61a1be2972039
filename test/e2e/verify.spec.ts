import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { expect, expectAccessible, expectNoOverflow, test } from './fixture.ts'

async function openVerify(page: Page): Promise<void> {
  await page.goto('/compliance/verify')
  await expect(page.getByRole('heading', { level: 1, name: 'Verificación' })).toBeVisible()
}

/** A panel of the page by its heading. */
function panel(page: Page, name: string) {
  return page.getByRole('region', { name })
}

test('says how the log stands, and this browser is one of its witnesses', async ({ page, signIn }) => {
  await signIn('compliance_officer')
  await openVerify(page)
  const log = panel(page, 'La bitácora')
  await expect(log).toContainText('Al día')
  await expect(log).toContainText('Tamaño de la columna')
  await expect(log).toContainText(/chiron\/[0-9a-f-]{36}\/spine\+/)
  await expect(panel(page, 'Meses de esta clínica').getByRole('row').nth(1)).toContainText('Abierto')
  await expect(panel(page, 'Anclas y testigos')).toContainText('Archivo')
  await expect(panel(page, 'Hallazgos')).toContainText('no han encontrado nada mal')
  const browser = panel(page, 'Este navegador')
  await expect(browser).toContainText('La bitácora continúa')
  const before = await browser.innerText()
  // The time is shown to the second: within the same one nothing changes.
  await expect(async () => {
    await browser.getByRole('button', { name: 'Revisar ahora' }).click()
    await expect.poll(() => browser.innerText(), { timeout: 2_000 }).not.toBe(before)
  }).toPass({ timeout: 20_000 })
  await expect(browser).toContainText('La bitácora continúa')
  await expect(page.getByText('no es la que este navegador vio antes')).toHaveCount(0)
})

test('verifies now, with progress, and says on another page when it is done', async ({ page, signIn }) => {
  await signIn('compliance_officer')
  await openVerify(page)
  await page.getByRole('button', { name: 'Verificar ahora' }).click()
  const last = panel(page, 'Última verificación')
  await expect(last.getByText(/En espera de su turno|Verificando|Nada se alteró/).first()).toBeVisible({ timeout: 30_000 })
  await page.getByRole('navigation', { name: 'Principal' }).getByRole('link', { name: 'Auditoría' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Auditoría' })).toBeVisible()
  await expect(page.getByText('Terminó la verificación: la bitácora está completa.')).toBeVisible({ timeout: 60_000 })
  await page.goBack()
  await expect(last).toContainText('Nada se alteró, quitó, reordenó ni cortó')
  await expect(last).toContainText(/Entradas comparadas con lo que se firmó: [\d,]+/)
})

test('hands out what is needed elsewhere, and checks an old checkpoint', async ({ page, signIn }) => {
  await signIn('compliance_officer')
  await openVerify(page)
  const save = async (name: string) => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole(name.startsWith('Verificador') || name.startsWith('Todos') ? 'link' : 'button', { name }).click(),
    ])
    return { fileName: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') }
  }
  expect(await save('Verificador sin conexión')).toMatchObject({ fileName: 'chiron-verify.mjs', text: expect.stringContaining('import') })
  expect((await save('Todos los puntos de control')).text).toMatch(/^chiron\/[0-9a-f-]{36}\/spine\n\d+\n[\s\S]*====\n$/)
  expect((await save('Llave de verificación')).text).toMatch(/^chiron\/[0-9a-f-]{36}\/spine\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+\n$/)
  const { text: checkpoint } = await save('Punto de control actual')

  const old = panel(page, 'Comprobar un punto de control antiguo')
  const ask = async (note: string) => {
    await old.getByRole('textbox', { name: 'Punto de control' }).fill(note)
    await old.getByRole('button', { name: 'Comprobar' }).click()
  }
  // Mail programs change line feeds and ends.
  await ask(`  ${checkpoint.replaceAll('\n', '\r\n')}\r\n`)
  await expect(old).toContainText('nada anterior cambió')
  await ask(checkpoint.replace(/\n(\d+)\n/, (_, size) => `\n${Number(size) - 1}\n`))
  await expect(old).toContainText('La firma no es de la llave')
  await ask(checkpoint.replaceAll(/chiron\/[0-9a-f-]{36}/g, 'chiron/00000000-0000-0000-0000-000000000000'))
  await expect(old).toContainText('otra instalación')
  await ask('Estimada doctora:')
  await expect(old).toContainText('no es un punto de control')
})

test('is closed to whoever may not see the log', async ({ page, signIn }) => {
  await signIn('receptionist')
  await page.goto('/compliance/verify')
  await expect(page.getByText('Sin acceso')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Verificar ahora' })).toHaveCount(0)
  await expect(page.getByRole('navigation', { name: 'Principal' }).getByRole('link', { name: 'Verificar' })).toHaveCount(0)
})

for (const [width, colorScheme] of [
  [1440, 'dark'],
  [375, 'light'],
] as const) {
  test.describe(`at ${width} px, ${colorScheme}`, () => {
    test.use({ viewport: { width, height: 900 }, colorScheme })
    test('fits and is accessible', async ({ page, signIn }) => {
      await signIn('owner')
      await openVerify(page)
      await expect(panel(page, 'Este navegador')).toContainText('La bitácora continúa')
      await expectNoOverflow(page)
      await expectAccessible(page)
    })
  })
}
