import { expect, test } from './fixture.ts'

const OWNER = { email: 'owner@clinic.example', password: 'a long enough password' }

test.use({ installation: 'firstRun' })

test('an empty installation is set up, and every screen of the new clinic says what to do next', async ({ page }) => {
  await page.goto('/')
  await expect(page).toHaveURL('/setup')
  await page.getByLabel('Organización').fill('Harbor Veterinary Group')
  await page.getByLabel('Clínica', { exact: true }).fill('Harbor Veterinary')
  await page.getByRole('combobox', { name: 'País' }).click()
  await page.getByRole('option', { name: 'Estados Unidos' }).click()
  await expect(page.getByLabel('Moneda')).toHaveValue('USD')
  await page.getByRole('combobox', { name: 'Idioma' }).click()
  await page.getByRole('option', { name: 'English' }).click()
  await page.getByLabel('Nombre').fill('Ellen Ripley')
  await page.getByLabel('Correo electrónico').fill(OWNER.email)
  await page.getByLabel('Contraseña', { exact: true }).fill('too short')
  await page.getByRole('button', { name: 'Crear la clínica' }).click()
  await expect(page.getByText('Necesita al menos 12 caracteres')).toBeVisible()
  await page.getByLabel('Contraseña', { exact: true }).fill(OWNER.password)
  await page.getByRole('button', { name: 'Crear la clínica' }).click()

  await expect(page).toHaveURL('/today')
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Daily summary')
  await expect(page.getByRole('banner')).toContainText('Harbor Veterinary')
  await expect(page.getByText('$0.00 USD')).toBeVisible()
  const main = page.getByRole('main')
  await expect(main).toContainText('No products were sold that day.')
  for (const [link, text] of [
    ['Schedule', 'Nobody works this day at Harbor Veterinary'],
    ['Patients', 'Type at least two letters'],
    ['Inventory', 'Nothing to attend to'],
  ] as const) {
    await page.getByRole('link', { name: link }).click()
    await expect(main.getByRole('status')).toContainText(text)
  }
  await page.getByRole('link', { name: 'Audit' }).click()
  await expect(main.getByRole('cell', { name: 'Ellen Ripley' }).first()).toBeVisible()

  await page.getByRole('complementary').getByRole('button').click()
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click()
  await page.goto('/setup')
  await expect(page).toHaveURL('/sign-in')
  await page.getByLabel('Email').fill(OWNER.email)
  await page.getByLabel('Password', { exact: true }).fill(OWNER.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL('/today')
})
