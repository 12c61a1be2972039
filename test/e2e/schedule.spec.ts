import type { BrowserContext, Page } from '@playwright/test'
import { bookVisit, emptyWorkday, PABLO, SOFIA } from './booking.ts'
import { expect, expectNoOverflow, test } from './fixture.ts'

/** The visits in a person's or a room's column. */
function visits(page: Page, column: string) {
  return page.getByRole('region', { name: column }).locator('[data-appointment]')
}

/** Clicks the upper edge of an empty half hour: a click is read to ten minutes. */
async function clickSlot(page: Page, time: string, name: string): Promise<void> {
  await page.getByRole('button', { name: `Agendar a las ${time} con ${name}` }).click({ position: { x: 60, y: 2 } })
}

/** Types and presses Enter at once, faster than the search answers. */
async function choosePatient(page: Page, text: string, name: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('combobox', { name: 'Paciente' })).toBeFocused()
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('button', { name: 'Elegir otro paciente' })).toBeVisible()
  await expect(dialog.getByText(name, { exact: true })).toBeVisible()
}

/** Counts real clicks, not the keyboard's. */
async function countClicks(context: BrowserContext): Promise<void> {
  await context.addInitScript("window.clicks = 0; addEventListener('click', (event) => { if (event.detail > 0) window.clicks += 1 }, true)")
}

test('books an existing patient from an empty slot in three clicks plus typing', async ({ page, context, signIn }) => {
  await countClicks(context)
  await signIn('receptionist')
  await page.goto(`/schedule?date=${emptyWorkday(0)}`)
  await clickSlot(page, '11:00', PABLO)
  await choosePatient(page, 'firula', 'Firulais')
  await page.getByRole('radio', { name: /^Vacunación/ }).click()
  await page.getByRole('button', { name: 'Agendar', exact: true }).click()
  await expect(page.getByText(/^Firulais: cita agendada, .* 11:00$/)).toBeVisible()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(visits(page, PABLO)).toHaveCount(1)
  await expect(visits(page, PABLO)).toContainText('11:00–11:20 · Vacunación · Consultorio 1')
  expect(await page.evaluate<number>('window.clicks'), 'clicks').toBeLessThanOrEqual(3)
  await page.getByText('Por sala').click()
  await expect(page).toHaveURL(/view=room/)
  await expect(visits(page, 'Consultorio 1')).toContainText('Firulais')
})

test('a conflict stands inside the booking, names who is busy, and offers the next three free times', async ({ page, signIn }) => {
  const date = emptyWorkday(1)
  const api = await signIn('receptionist')
  await bookVisit(api, { date, time: '10:00', patient: 'Canela' })
  await page.goto(`/schedule?date=${date}`)
  await clickSlot(page, '09:30', PABLO)
  await choosePatient(page, 'rocky', 'Rocky')
  await page.getByRole('radio', { name: /^Cirugía/ }).click()
  await page.getByRole('button', { name: 'Agendar', exact: true }).click()
  const conflict = page.getByRole('dialog').getByRole('alert')
  await expect(conflict).toContainText('Ese horario no está libre')
  await expect(conflict).toContainText(`${PABLO} está ocupado de 10:00 a 10:30.`)
  await expect(conflict.getByRole('button')).toHaveText(['10:30', '10:40', '10:50'])
  await expect(visits(page, PABLO)).toHaveCount(1)
  await conflict.getByRole('button', { name: '10:40' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(visits(page, PABLO).filter({ hasText: 'Rocky' })).toContainText('10:40–12:10 · Cirugía')
})

test('a time outside the person’s shift is refused with the reason', async ({ page, signIn }) => {
  await signIn('receptionist')
  await page.goto(`/schedule?date=${emptyWorkday(2)}`)
  await clickSlot(page, '18:30', PABLO)
  await choosePatient(page, 'nala', 'Nala')
  await page.getByRole('button', { name: 'Agendar', exact: true }).click()
  await expect(page.getByRole('dialog').getByRole('alert')).toHaveText('Esa persona no trabaja en esta clínica durante todo ese horario. Elija otro.')
  await page.getByRole('dialog').getByLabel('Hora').fill('17:30')
  await page.getByRole('button', { name: 'Agendar', exact: true }).click()
  await expect(visits(page, PABLO)).toContainText('17:30–18:00')
})

test('moves a visit by keyboard alone, shows what stands in the way, and takes it back', async ({ page, signIn }) => {
  const date = emptyWorkday(3)
  const api = await signIn('receptionist')
  const { patientName: moved } = await bookVisit(api, { date, time: '12:00', patient: 'Simba' })
  await bookVisit(api, { date, time: '13:00', patient: 'Frida' })
  await page.goto(`/schedule?date=${date}`)
  const visit = visits(page, PABLO).filter({ hasText: moved })
  await visit.getByRole('button').first().focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Mover…' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: `Mover la cita de ${moved}` })
  await dialog.getByLabel('Hora').fill('13:00')
  await dialog.getByRole('button', { name: 'Mover' }).focus()
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('alert')).toContainText(`${PABLO} está ocupado de 13:00 a 13:30.`)
  await expect(dialog.getByRole('alert').getByRole('button')).toHaveText(['13:30', '13:40', '13:50'])
  await dialog.getByRole('button', { name: '13:30' }).focus()
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0)
  await expect(visit).toContainText('13:30–14:00')
  await page
    .getByRole('alert')
    .filter({ hasText: `${moved} pasó a las 13:30` })
    .getByRole('button', { name: 'Deshacer' })
    .focus()
  await page.keyboard.press('Enter')
  await expect(visit).toContainText('12:00–12:30')
})

test('drags a visit to another time and person', async ({ page, signIn }) => {
  const date = emptyWorkday(4)
  const api = await signIn('receptionist')
  const { patientName } = await bookVisit(api, { date, time: '09:30', patient: 'Zeus' })
  await page.goto(`/schedule?date=${date}`)
  await visits(page, PABLO)
    .getByRole('button')
    .first()
    .hover({ position: { x: 20, y: 5 } })
  await page.mouse.down()
  await page.getByRole('button', { name: `Agendar a las 11:00 con ${SOFIA}` }).hover({ position: { x: 40, y: 5 } })
  await page.mouse.up()
  await expect(visits(page, SOFIA)).toContainText(patientName)
  await expect(visits(page, SOFIA)).toContainText('11:00–11:30')
  await expect(visits(page, PABLO)).toHaveCount(0)
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('takes the next step with one click, and back with Undo', async ({ page, signIn }) => {
  const date = emptyWorkday(5)
  const api = await signIn('receptionist')
  const { patientName } = await bookVisit(api, { date, time: '09:00', patient: 'Coco' })
  await page.goto(`/schedule?date=${date}`)
  const visit = visits(page, PABLO)
  await expect(visit).toContainText('Programada')
  await visit.getByRole('button', { name: `Registrar llegada: ${patientName}` }).click()
  await expect(visit).toContainText('En espera')
  await expect(visit.getByRole('button', { name: `Iniciar: ${patientName}` })).toBeVisible()
  const toast = page.getByRole('alert').filter({ hasText: `${patientName}: En espera` })
  await toast.getByRole('button', { name: 'Deshacer' }).click()
  await expect(visit).toContainText('Programada')
  await expect(toast).toHaveCount(0)
  await page.reload()
  await expect(visit).toContainText('Programada')
})

test('cancels with a reason, which stays with the visit and frees its time', async ({ page, signIn }) => {
  const date = emptyWorkday(6)
  const api = await signIn('receptionist')
  const { patientId, patientName } = await bookVisit(api, { date, time: '12:30', patient: 'Kira' })
  await page.goto(`/schedule?date=${date}`)
  await visits(page, PABLO).getByRole('button', { name: patientName }).first().click()
  const drawer = page.getByRole('dialog', { name: `${patientName} · Consulta` })
  await drawer.getByRole('button', { name: 'Cancelar cita…' }).click()
  await expect(drawer.getByRole('button', { name: 'Cancelar la cita' })).toBeDisabled()
  await drawer.getByLabel('Motivo de la cancelación').fill('El propietario sale de viaje')
  await drawer.getByRole('button', { name: 'Cancelar la cita' }).click()
  await expect(drawer).toContainText('Cancelada')
  await expect(drawer).toContainText('El propietario sale de viaje')
  await drawer.getByRole('button', { name: 'Cerrar' }).click()
  await expect(visits(page, PABLO)).toHaveCount(0)
  await expect(page.getByRole('button', { name: `Agendar a las 12:30 con ${PABLO}` })).toBeVisible()
  await page.goto(`/patients/${patientId}?tab=appointments`)
  await expect(page.getByRole('row').filter({ hasText: 'Cancelada' }).first()).toBeVisible()
})

test.describe('on a phone', () => {
  test.use({ viewport: { width: 375, height: 720 } })

  test('the schedule is an agenda, with booking and the next step in reach', async ({ page, signIn }) => {
    const date = emptyWorkday(7)
    const api = await signIn('receptionist')
    const late = await bookVisit(api, { date, time: '13:00', patient: 'Oreo', type: 'Vacunación' })
    const early = await bookVisit(api, { date, time: '09:20', patient: 'Pelusa', staff: SOFIA })
    await page.goto(`/schedule?date=${date}`)
    const items = page.getByRole('main').getByRole('listitem')
    await expect(items).toContainText([`09:2009:50${early.patientName}`, `13:0013:20${late.patientName}`])
    await expectNoOverflow(page)
    await items.first().getByRole('button', { name: 'Registrar llegada' }).click()
    await expect(items.first()).toContainText('En espera')
    await page.getByRole('main').getByRole('button', { name: 'Agendar cita' }).click()
    const drawer = page.getByRole('dialog', { name: 'Agendar cita' })
    await choosePatient(page, 'thor', 'Thor')
    await drawer.getByLabel('Hora').fill('10:30')
    await expect(drawer.getByRole('button', { name: 'Agendar', exact: true })).toBeInViewport()
    await drawer.getByRole('button', { name: 'Agendar', exact: true }).click()
    await expect(items).toContainText(['09:20', '10:30', '13:00'])
    await expectNoOverflow(page)
  })
})

test('a status that one person changes is on the screen of another within two seconds, without a reload', async ({ page, signIn, openBrowser }) => {
  const date = emptyWorkday(10)
  const api = await signIn('receptionist')
  const { id } = await bookVisit(api, { date, time: '10:00', patient: 'Firulais' })
  const other = await openBrowser()
  const veterinarian = await signIn('veterinarian', other)
  const elsewhere = await other.newPage()
  await elsewhere.goto(`/schedule?date=${date}`)
  await expect(visits(elsewhere, PABLO)).toContainText('Programada')
  await page.goto(`/schedule?date=${date}`)
  await expect(visits(page, PABLO)).toContainText('Programada')
  const { setAppointmentStatus } = await veterinarian.call('SetAppointmentStatus', { input: { id, status: 'CONFIRMED', version: 1 } })
  expect(setAppointmentStatus.status).toBe('CONFIRMED')
  await Promise.all([page, elsewhere].map((one) => expect(visits(one, PABLO)).toContainText('Confirmada', { timeout: 2_000 })))
})
