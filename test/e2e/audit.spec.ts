import type { Page } from '@playwright/test'
import { demoLogin } from './accounts.ts'
import { expect, signInByForm, test } from './fixture.ts'

const SOFIA = 'Dra. Sofía Ramírez Ortega'

/** The lines of the log, newest first, without the table's head. */
function entries(page: Page) {
  return page
    .getByRole('group', { name: 'Auditoría' })
    .getByRole('row')
    .filter({ has: page.getByRole('cell') })
}

async function choose(page: Page, field: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: field }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

test('reading a record shows up, and its details name the records and fields', async ({ page, signIn, openBrowser }) => {
  const elsewhere = await openBrowser()
  const api = await signIn('veterinarian', elsewhere)
  const { searchPatients } = await api.call('SearchPatients', { query: 'hachi', first: 1 })
  const [patient] = searchPatients
  const reading = await elsewhere.newPage()
  await reading.goto(`/patients/${patient.id}`)
  await expect(reading.getByRole('heading', { level: 1, name: patient.name })).toBeVisible()

  await signIn('compliance_officer')
  await page.goto(`/compliance/audit?recordId=${patient.id}&q=PatientRecord`)
  const entry = entries(page).first()
  await expect(entry).toContainText(SOFIA)
  await expect(entry).toContainText('Lectura')
  await expect(entry).toContainText('Correcto')
  await expect(entry).toContainText('Paciente')
  await entry.getByRole('button').click()
  const details = page.getByRole('dialog', { name: 'Entrada de auditoría' })
  await expect(details.getByRole('heading', { name: 'Leyó' })).toBeVisible()
  await expect(details).toContainText(SOFIA)
  await expect(details).toContainText('127.0.0.1')
  const read = details
    .locator('div')
    .filter({ hasText: /^Paciente · 1 registro/ })
    .last()
  await expect(details).toContainText(patient.id)
  await expect(read).toContainText('microchip')
  await expect(page).toHaveURL(/entry=/)
})

test('a change shows what was changed', async ({ page, signIn, openBrowser }) => {
  const writer = await signIn('veterinarian', await openBrowser())
  const { searchPatients } = await writer.call('SearchPatients', { query: 'moka', first: 1 })
  const input = { patientId: searchPatients[0].id, kind: 'phone', title: 'Llamada', body: 'Pregunta por su cita.' }
  const { writeNote } = await writer.call('WriteNote', { input })
  await signIn('compliance_officer')
  await page.goto(`/compliance/audit?recordId=${writeNote.id}&action=create`)
  await expect(entries(page)).toHaveCount(1)
  await entries(page).getByRole('button').click()
  const details = page.getByRole('dialog', { name: 'Entrada de auditoría' })
  await expect(details.getByRole('heading', { name: 'Cambió' })).toBeVisible()
  await expect(details).toContainText('Nota clínica · 1 registro')
  await expect(details).toContainText(writeNote.id)
  await expect(details).not.toContainText('Pregunta por su cita.')
})

test('filters stand in the address, Back restores them, and they can be cleared', async ({ page, signIn }) => {
  await signIn('compliance_officer')
  await page.goto('/compliance/audit')
  await choose(page, 'Acción', 'Cambio')
  await expect(page).toHaveURL('/compliance/audit?action=update')
  await expect(entries(page).first()).toContainText('Cambio')
  await choose(page, 'Registro', 'Cita')
  await expect(page).toHaveURL('/compliance/audit?action=update&type=Appointment')
  await expect(entries(page).first()).toContainText('Cita')
  await page.goBack()
  await expect(page).toHaveURL('/compliance/audit?action=update')
  await expect(page.getByRole('combobox', { name: 'Registro' })).toHaveValue('')
  await page.goForward()
  await expect(page.getByRole('combobox', { name: 'Registro' })).toHaveValue('Cita')
  await page.getByRole('searchbox', { name: 'Buscar' }).fill('zzzz')
  await expect(page).toHaveURL(/q=zzzz/)
  await expect(page.getByRole('main').getByRole('status')).toContainText('Ninguna entrada coincide')
  await page.goBack()
  await expect(page.getByRole('searchbox', { name: 'Buscar' })).toHaveValue('')
  await expect(entries(page).first()).toContainText('Cita')
  await page.getByRole('button', { name: 'Quitar filtros' }).click()
  await expect(page).toHaveURL('/compliance/audit')
})

test('days narrow the log, and older entries are a page away', async ({ page, signIn }) => {
  await signIn('compliance_officer')
  await page.goto('/compliance/audit?action=update')
  await expect(entries(page)).toHaveCount(50)
  const newest = await entries(page).first().getByRole('button').innerText()
  await page.getByRole('button', { name: 'Anteriores' }).click()
  await expect(page).toHaveURL(/after=/)
  await expect(entries(page).first().getByRole('button')).not.toHaveText(newest)
  await page.getByRole('button', { name: 'Más recientes' }).click()
  await expect(page).toHaveURL('/compliance/audit?action=update')
  await page.goto('/compliance/audit?to=2020-01-01')
  await expect(page.getByRole('main').getByRole('status')).toContainText('Ninguna entrada coincide')
})

test('a refused sign-in is in the log', async ({ page, signIn, openBrowser }) => {
  const stranger = await (await openBrowser()).newPage()
  await stranger.goto('/sign-in')
  await signInByForm(stranger, demoLogin('groomer').email, 'wrong-password-3')
  await expect(stranger.getByRole('alert')).toBeVisible()
  await signIn('compliance_officer')
  await page.goto('/compliance/audit?action=login&outcome=denied')
  await expect(entries(page).first()).toContainText('Inicio de sesión')
  await expect(entries(page).first()).toContainText('Denegado')
})
