import type { Page } from '@playwright/test'
import { TIME_ZONE } from '../../demo/clinic-data.ts'
import { addDays, instantAt, localDateOf } from '../../modules/kernel/time.ts'
import type { Api } from './api.ts'
import { bookVisit, emptyWorkday, PABLO } from './booking.ts'
import { closeTime } from './closures.ts'
import { expect, expectAccessible, expectNoOverflow, test } from './fixture.ts'

const at = (date: string, minute: number) => instantAt(date, minute, TIME_ZONE).instant.toISOString()

async function choosePatient(page: Page, typed: string, name: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('combobox', { name: 'Paciente' }).fill(typed)
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('button', { name: 'Elegir otro paciente' })).toBeVisible()
  await expect(dialog.getByText(name, { exact: true })).toBeVisible()
}

/** A type of visit that nobody can take today: what it needs is out of use until tomorrow is over. */
async function addTypeForLater(api: Api, name: string, kind: 'endoscopy'): Promise<void> {
  const today = localDateOf(new Date(), TIME_ZONE)
  const { createEquipment } = await api.call('CreateEquipment', { input: { name: `Equipo de ${name}`, kind } })
  await api.call('AddMaintenance', {
    input: { equipmentId: createEquipment.id, startsAt: at(addDays(today, -1), 0), endsAt: at(addDays(today, 2), 0), title: 'Revisión anual' },
  })
  const { createAppointmentType } = await api.call('CreateAppointmentType', {
    input: { code: name.toLowerCase(), name, durationMinutes: 30, positions: ['veterinarian'], equipmentKinds: [kind] },
  })
  expect(createAppointmentType.__typename).toBe('AppointmentType')
}

test('a walk-in whose patient is new is squeezed in with a reason, and everybody sees them wait on the board', async ({ page, signIn, openBrowser }) => {
  const reception = await openBrowser()
  await signIn('receptionist', reception)
  const board = await reception.newPage()
  await board.goto('/board')
  await board.getByRole('button', { name: 'Sin cita' }).click()
  await expect(board.getByRole('dialog', { name: 'Llegó sin cita' }).getByRole('combobox', { name: 'Paciente' })).toBeVisible()
  // Squeezing in is for those who may overbook.
  await expect(board.getByRole('checkbox', { name: 'Atender ya' })).toHaveCount(0)
  await board.keyboard.press('Escape')

  await signIn('veterinarian')
  await page.goto('/board')
  await page.getByRole('button', { name: 'Sin cita' }).click()
  const drawer = page.getByRole('dialog', { name: 'Llegó sin cita' })
  await drawer.getByRole('button', { name: 'Paciente nuevo…' }).click()
  await drawer.getByLabel('Nombre del paciente').fill('Centella')
  await drawer.getByRole('combobox', { name: 'Especie' }).click()
  await page.getByRole('option', { name: 'Perro' }).click()
  await drawer.getByLabel('Responsable', { exact: true }).fill('Amparo Ochoa Lugo')
  await drawer.getByRole('button', { name: 'Crear el paciente' }).click()
  await expect(drawer.getByText('Amparo Ochoa Lugo')).toBeVisible()
  await drawer.getByRole('radio', { name: /^Consulta/ }).click()
  await drawer.getByRole('checkbox', { name: 'Atender ya, aunque no haya lugar' }).check()
  const submit = drawer.getByRole('button', { name: 'Registrar llegada y atender ya' })
  await expect(submit).toBeDisabled()
  await drawer.getByRole('combobox', { name: 'Quién atiende' }).click()
  await page.getByRole('option').first().click()
  await drawer.getByLabel('Por qué se sobreagenda').fill('Atropellada, no puede esperar')
  await submit.click()
  await expect(page.getByText(/^Centella: llegada registrada, \d\d:\d\d con /)).toBeVisible()
  await expect(drawer).toHaveCount(0)
  for (const seen of [page, board]) await expect(seen.getByRole('region', { name: 'En espera', exact: true }).getByText('Centella')).toBeVisible()
})

test('when nobody is free for a walk-in, the next three slots are offered, and one is booked', async ({ page, signIn, openBrowser }) => {
  await addTypeForLater(await signIn('clinic_admin', await openBrowser()), 'Gastroscopia', 'endoscopy')
  await signIn('receptionist')
  await page.goto('/board')
  await page.getByRole('button', { name: 'Sin cita' }).click()
  const drawer = page.getByRole('dialog', { name: 'Llegó sin cita' })
  await choosePatient(page, 'nala', 'Nala')
  await drawer.getByRole('radio', { name: /^Gastroscopia/ }).click()
  await drawer.getByRole('button', { name: 'Registrar llegada' }).click()
  const nobody = drawer.getByRole('alert')
  await expect(nobody).toContainText('No hay nadie libre por el resto del día')
  await expect(nobody.getByRole('button')).toHaveCount(3)
  await expect(nobody.getByRole('link', { name: 'Agregar a la lista de espera' })).toBeVisible()
  await expectAccessible(page)
  await nobody.getByRole('button').first().click()
  await expect(page.getByText(/^Nala: cita agendada, /)).toBeVisible()
  await expect(drawer).toHaveCount(0)
})

test('whoever waits is offered the slot that a cancellation frees; who accepts has the visit', async ({ page, signIn, openBrowser }) => {
  const date = emptyWorkday(16)
  const api = await signIn('receptionist', await openBrowser())
  const { id } = await bookVisit(api, { date, time: '10:00', patient: 'Rocky' })
  await bookVisit(api, { date, time: '10:30', patient: 'Nala' })
  await signIn('receptionist')
  // From a time that is taken, with what is known of the wish.
  await page.goto(`/schedule?date=${date}`)
  await page.getByRole('button', { name: `Agendar a las 09:30 con ${PABLO}` }).click({ position: { x: 60, y: 2 } })
  await choosePatient(page, 'frida', 'Frida')
  await page.getByRole('dialog').getByLabel('Hora', { exact: true }).fill('10:00')
  await page.getByRole('button', { name: 'Agendar', exact: true }).click()
  await page.getByRole('dialog').getByRole('alert').getByRole('link', { name: 'Agregar a la lista de espera' }).click()
  await expect(page).toHaveURL(/\/schedule\/waitlist\?/)
  const form = page.getByRole('dialog', { name: 'Agregar a la lista' })
  await expect(form.getByText('Frida')).toBeVisible()
  await expect(form.getByRole('combobox', { name: 'Con' })).toHaveValue(PABLO)
  await expect(form.getByLabel('Primer día')).toHaveValue(date)
  await form.getByLabel('Último día').fill(date)
  await form.getByLabel('Nota').fill('Puede llegar en media hora')
  await form.getByRole('button', { name: 'Agregar', exact: true }).click()
  await expect(page.getByText('Frida está en la lista de espera')).toBeVisible()
  const row = page.getByRole('group', { name: 'En la lista' }).getByRole('row').filter({ hasText: 'Puede llegar en media hora' })
  await expect(row).toContainText('En espera')

  // The offer comes without a reload.
  const { cancelAppointment } = await api.call('CancelAppointment', { input: { id, version: 1, reason: 'No puede venir' } })
  expect(cancelAppointment.status).toBe('CANCELLED')
  const offer = page.getByRole('region', { name: 'Horarios que se ofrecen' }).getByRole('article', { name: /^Frida/ })
  await expect(offer).toContainText('10:00–10:30')
  await expect(offer).toContainText(/Apartado \d+ h \d\d min más, hasta/)
  await expect(row).toContainText('Con oferta')
  await expectAccessible(page)
  await offer.getByRole('button', { name: 'Acepta: agendar' }).click()
  await expect(page.getByText(/^Frida: cita agendada, .* 10:00$/)).toBeVisible()
  await expect(offer).toHaveCount(0)
  await expect(row).toHaveCount(0)
  await page.getByRole('combobox', { name: 'Estado' }).click()
  await page.getByRole('option', { name: 'Agendada' }).click()
  await expect(page).toHaveURL(/status=booked/)
  await expect(row).toContainText('Agendada')
  await page.goto(`/schedule?date=${date}`)
  await expect(page.getByRole('region', { name: PABLO }).locator('[data-appointment]').filter({ hasText: 'Frida' })).toContainText('10:00–10:30')
})

test('an offer that is declined goes on to the next, who is withdrawn after a question', async ({ page, signIn, openBrowser }) => {
  const date = emptyWorkday(17)
  const api = await signIn('receptionist', await openBrowser())
  const { id } = await bookVisit(api, { date, time: '11:00', patient: 'Rocky' })
  const { appointmentTypes } = await api.call('AppointmentTypes')
  const typeId = appointmentTypes.find(({ name }: { name: string }) => name === 'Consulta').id
  for (const [query, priority] of [
    ['kiwi', 9],
    ['canela', 2],
  ] as const) {
    const { searchPatients } = await api.call('SearchPatients', { query, first: 1 })
    const input = { patientId: searchPatients[0].id, typeId, earliestOn: date, latestOn: date, priority }
    expect((await api.call('AddToWaitlist', { input })).addToWaitlist.status).toBe('WAITING')
  }
  await api.call('CancelAppointment', { input: { id, version: 1, reason: 'No puede venir' } })
  await signIn('receptionist')
  await page.goto('/schedule/waitlist')
  const offers = page.getByRole('region', { name: 'Horarios que se ofrecen' }).getByRole('article')
  await offers.filter({ hasText: 'Kiwi' }).getByRole('button', { name: 'No acepta…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Ofrecerlo a quien sigue' }).click()
  await expect(offers.filter({ hasText: 'Kiwi' })).toHaveCount(0)
  await expect(offers.filter({ hasText: 'Canela' })).toContainText('11:00–11:30')
  const rows = page.getByRole('group', { name: 'En la lista' }).getByRole('row')
  await rows.filter({ hasText: 'Canela' }).getByRole('button', { name: 'Retirar a Canela de la lista…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Retirar de la lista de espera' })
  await expect(dialog).toContainText('El horario que se le ofreció pasa a quien sigue.')
  await dialog.getByRole('button', { name: 'Retirar de la lista' }).click()
  await expect(rows.filter({ hasText: 'Canela' })).toHaveCount(0)
  await expect(offers.filter({ hasText: 'Canela' })).toHaveCount(0)
  await expect(rows.filter({ hasText: 'Kiwi' })).toContainText('En espera')
})

test('a weekly series over a closure tells the skipped one and why, books another time for it, and its rest is cancelled', async ({ page, signIn }) => {
  const date = emptyWorkday(19)
  const second = addDays(date, 7)
  await closeTime({ kind: 'closure' }, at(second, 16 * 60), at(second, 17 * 60), 'Capacitación')
  await signIn('receptionist')
  await page.goto(`/schedule?date=${date}`)
  await page.getByRole('button', { name: `Agendar a las 16:30 con ${PABLO}` }).click({ position: { x: 60, y: 2 } })
  const drawer = page.getByRole('dialog', { name: 'Agendar cita' })
  await choosePatient(page, 'lola', 'Lola')
  await drawer.getByRole('radio', { name: /^Consulta/ }).click()
  await drawer.getByRole('switch', { name: 'Repetir' }).check()
  await drawer.getByLabel('Número de citas').fill('3')
  await drawer.getByRole('button', { name: 'Ver las citas' }).click()
  await expect(drawer.getByText('3 citas, se omite 1')).toBeVisible()
  const visits = drawer.getByRole('list', { name: 'Citas de la serie' }).getByRole('listitem')
  await expect(visits).toHaveCount(3)
  await expect(visits.nth(1)).toContainText('Se omite')
  await expect(visits.nth(1)).toContainText(': está cerrada')
  await expect(visits.nth(1)).toContainText(/Libre: .*17:00/)
  await expectAccessible(page)
  await drawer.getByRole('button', { name: 'Agendar 2 citas' }).click()
  await expect(page.getByText('Lola: 2 citas agendadas')).toBeVisible()
  const left = drawer.getByRole('list', { name: 'Estas no se agendaron' }).getByRole('listitem')
  await expect(left).toHaveCount(1)
  await left.getByRole('button', { name: /17:00$/ }).click()
  await expect(left).toContainText(/Agendada: .*17:00/)
  await drawer.getByRole('button', { name: 'Listo' }).click()

  const mine = page.locator('[data-appointment]').filter({ hasText: 'Lola' })
  await mine.click()
  const series = page.getByRole('dialog').getByRole('region', { name: 'Serie' })
  await expect(series).toContainText(/^.*Cada semana: \S+, 3 veces/)
  await series.getByText('Citas de la serie').click()
  await expect(series.getByText(': está cerrada')).toBeVisible()
  await series.getByRole('button', { name: 'Cancelar las siguientes…' }).click()
  await series.getByLabel('Desde el').fill(addDays(date, 1))
  await series.getByLabel('Motivo de la cancelación').fill('Ya no necesita terapia')
  await expect(series).toContainText('Se cancela 1 cita de la serie')
  await series.getByRole('button', { name: 'Cancelar las siguientes', exact: true }).click()
  await expect(page.getByText('La serie terminó')).toBeVisible()
  await expect(series).toContainText('Cancelada')
  await expect(series.getByRole('button', { name: 'Cancelar las siguientes…' })).toHaveCount(0)
  await page.goto(`/schedule?date=${addDays(date, 14)}`)
  await expect(page.getByRole('region', { name: PABLO })).toBeVisible()
  await expect(page.locator('[data-appointment]').filter({ hasText: 'Lola' })).toHaveCount(0)
})

test('a phone holds the waitlist, and its form', async ({ page, signIn }) => {
  await page.setViewportSize({ width: 375, height: 812 })
  await signIn('receptionist')
  await page.goto('/schedule/waitlist')
  await expect(page.getByRole('group', { name: 'En la lista' }).getByRole('row')).not.toHaveCount(0)
  await expectNoOverflow(page)
  await page.getByRole('button', { name: 'Agregar a la lista' }).click()
  await expect(page.getByRole('dialog').getByLabel('Último día')).toBeVisible()
  await expectNoOverflow(page)
})
