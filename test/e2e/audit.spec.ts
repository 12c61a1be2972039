import { readFile } from 'node:fs/promises'
import type { Locator, Page } from '@playwright/test'
import { demoLogin } from './accounts.ts'
import { expect, expectAccessible, expectNoOverflow, signInByForm, test } from './fixture.ts'

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

test('who saw a patient: by person, with what they read, and each entry names records and fields', async ({ page, signIn, openBrowser }) => {
  const elsewhere = await openBrowser()
  const api = await signIn('veterinarian', elsewhere)
  const { searchPatients } = await api.call('SearchPatients', { query: 'hachi', first: 1 })
  const [patient] = searchPatients
  const reading = await elsewhere.newPage()
  await reading.goto(`/patients/${patient.id}`)
  await expect(reading.getByRole('heading', { level: 1, name: patient.name })).toBeVisible()
  // The log is not for everybody who may see the patient.
  await expect(reading.getByRole('link', { name: '¿Quién vio esto?' })).toHaveCount(0)

  await signIn('owner')
  await page.goto(`/patients/${patient.id}`)
  await page.getByRole('link', { name: '¿Quién vio esto?', exact: true }).click()
  await expect(page).toHaveURL(`/compliance/audit?subjectId=${patient.id}`)
  await expect(page.getByRole('heading', { level: 1, name: '¿Quién vio esto?' })).toBeVisible()
  const person = page.getByRole('region', { name: 'Por persona' }).getByRole('row').filter({ hasText: SOFIA })
  await expect(person).toContainText('Medicina veterinaria')
  await person.getByRole('link', { name: SOFIA }).click()
  await expect(page).toHaveURL(/userId=/)
  await page.getByRole('searchbox', { name: 'Buscar' }).fill('PatientRecord')
  await expect(page).toHaveURL(/q=PatientRecord/)
  const entry = entries(page).first()
  await expect(entry).toContainText(SOFIA)
  await expect(entry).toContainText('Lectura')
  await expect(entry).toContainText('Correcto')
  await expect(entry).toContainText(`Paciente ${patient.name}`)
  await entry.getByRole('button').click()
  const details = page.getByRole('dialog', { name: 'Entrada de auditoría' })
  await expect(details.getByRole('heading', { name: 'Leyó' })).toBeVisible()
  await expect(details).toContainText('127.0.0.1')
  await expect(details).toContainText(`Paciente · ${patient.name}`)
  await expect(details).toContainText(patient.id)
  await expect(details).toContainText('microchip')
  await expect(page).toHaveURL(/entry=/)
  await expectAccessible(page)
})

test('a change shows what stood there before and after, its proof can be taken away, and its session followed', async ({ page, signIn, openBrowser }) => {
  const writer = await signIn('veterinarian', await openBrowser())
  const { searchPatients } = await writer.call('SearchPatients', { query: 'moka', first: 1 })
  const input = { patientId: searchPatients[0].id, kind: 'phone', title: 'Llamada de Moka', body: 'Pregunta por su cita.' }
  const { writeNote } = await writer.call('WriteNote', { input })
  // The officer may not read clinical notes: values are withheld, names of fields are not.
  await signIn('compliance_officer')
  await page.goto(`/compliance/audit?recordId=${writeNote.id}&action=create`)
  await expect(entries(page)).toHaveCount(1)
  await entries(page).getByRole('button').click()
  const details = page.getByRole('dialog', { name: 'Entrada de auditoría' })
  await expect(details.getByRole('heading', { name: 'Cambió' })).toBeVisible()
  await expect(details).toContainText('por eso no se muestran los valores')
  await expect(details).not.toContainText('Pregunta por su cita.')
  const [proof] = await Promise.all([page.waitForEvent('download'), saveProof(details)])
  expect(proof.suggestedFilename()).toMatch(/^chiron-proof-[0-9a-f-]{36}\.json$/)
  const bundle = JSON.parse(await readFile(await proof.path(), 'utf8'))
  expect(bundle).toMatchObject({
    v: 1,
    entries: expect.arrayContaining([expect.objectContaining({ body: expect.stringContaining(writeNote.id) })]),
    logs: [{ head: expect.anything() }],
  })
  await details.getByRole('link', { name: 'Toda la sesión' }).click()
  await expect(page).toHaveURL(/^[^?]+\/compliance\/audit\?sessionId=[0-9a-f-]{36}$/)
  await expect(page.getByRole('search')).toContainText('Sesión:')
  await expect(entries(page).first()).toContainText(SOFIA)
  await page.getByRole('button', { name: 'Quitar el filtro Sesión' }).click()
  await expect(page).toHaveURL('/compliance/audit')

  // Whoever may read the notes sees the values.
  await signIn('owner')
  // Right after the demo was loaded, thousands of images wait to be encrypted first.
  await expect(async () => {
    await page.goto(`/compliance/audit?recordId=${writeNote.id}&action=create`)
    await entries(page).getByRole('button').click()
    await expect(details.locator('ins', { hasText: 'Pregunta por su cita.' }).first()).toBeVisible({ timeout: 3_000 })
  }).toPass({ timeout: 40_000 })
})

/** An entry is provable once it is under a checkpoint, about a second after it was written. */
async function saveProof(details: Locator): Promise<void> {
  await expect(async () => {
    await details.getByRole('button', { name: 'Guardar la prueba' }).click()
    await expect(details.getByText('todavía no está bajo un punto de control')).toHaveCount(0, { timeout: 1_000 })
  }).toPass()
}

test('an entry that the list does not show opens by its address', async ({ page, signIn }) => {
  const api = await signIn('compliance_officer')
  const { auditEntries } = await api.call('AuditEntries', { filter: { action: 'create' }, last: 1, before: null })
  const [{ node }] = auditEntries.edges
  await page.goto(`/compliance/audit?action=login&entry=${node.id}`)
  const details = page.getByRole('dialog', { name: 'Entrada de auditoría' })
  await expect(details).toContainText(node.id)
  await expect(details).toContainText(node.operation)
  await page.goto('/compliance/audit?entry=0190aaaa-0000-7000-8000-00000000ffff')
  await expect(details).toContainText('No se encuentra esta entrada')
})

test('an export is asked for with a reason, says when it is ready, and downloads once it is', async ({ page, signIn }) => {
  await signIn('compliance_officer')
  await page.goto('/compliance/audit?action=login')
  await page.getByRole('button', { name: 'Exportar' }).click()
  await expect(page).toHaveURL('/compliance/audit?action=login&show=exports')
  const drawer = page.getByRole('dialog', { name: 'Exportar la bitácora' })
  await expect(drawer).toContainText('Exporta lo que muestra el filtro actual.')
  const request = drawer.getByRole('button', { name: 'Solicitar la exportación' })
  await expect(request).toBeDisabled()
  await drawer.getByRole('textbox', { name: 'Motivo' }).fill('Inspección anual')
  await drawer.getByText('CSV', { exact: true }).first().click()
  await request.click()
  await expect(drawer).toContainText('Inspección anual')
  await drawer.getByRole('button', { name: 'Cerrar' }).click()
  await expect(page.getByText('La exportación está lista.')).toBeVisible({ timeout: 60_000 })
  await page.getByRole('button', { name: 'Exportar' }).click()
  await expectAccessible(page)
  const [download] = await Promise.all([page.waitForEvent('download'), drawer.getByRole('button', { name: 'Descargar' }).first().click()])
  const text = await readFile(await download.path(), 'utf8')
  expect(download.suggestedFilename()).toMatch(/\.csv$/)
  expect(text.split('\r\n').length).toBeGreaterThan(2)
  expect(text).toContain('login')
  await page.goto('/compliance/audit?action=export&q=requestAuditExport')
  await expect(entries(page).first()).toContainText('Inspección anual')
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
  const second = await entries(page).first().getByRole('button').innerText()
  await page.getByRole('button', { name: 'Anteriores' }).click()
  await expect(entries(page).first().getByRole('button')).not.toHaveText(second)
  await page.getByRole('button', { name: 'Siguientes' }).click()
  await expect(page).toHaveURL(/before=/)
  await expect(entries(page).first().getByRole('button')).toHaveText(second)
  await expect(entries(page)).toHaveCount(50)
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

test.describe('on a phone', () => {
  test.use({ viewport: { width: 375, height: 812 } })
  test('entries are cards, filters unfold, and nothing overflows', async ({ page, signIn }) => {
    await signIn('compliance_officer')
    await page.goto('/compliance/audit?action=update')
    const cards = page.getByRole('list', { name: 'Auditoría' }).getByRole('listitem')
    await expect(cards.first()).toContainText('Cambio')
    await expectNoOverflow(page)
    await page.getByRole('button', { name: 'Filtros (1)' }).click()
    await choose(page, 'Resultado', 'Correcto')
    await expect(page).toHaveURL(/outcome=ok/)
    await expectAccessible(page)
    await cards.first().getByRole('button').click()
    await expect(page.getByRole('dialog', { name: 'Entrada de auditoría' })).toContainText('Antes y después')
    await expectNoOverflow(page)
  })
})
