import type { Locator, Page } from '@playwright/test'
import { TIME_ZONE } from '../../demo/clinic-data.ts'
import { addDays, instantAt, toMinute, weekdayOf } from '../../modules/kernel/time.ts'
import { bookVisit, emptyWorkday, PABLO, SOFIA } from './booking.ts'
import { closeTime } from './closures.ts'
import { expect, expectNoOverflow, test } from './fixture.ts'

const at = (date: string, time: string) => instantAt(date, toMinute(time), TIME_ZONE).instant.toISOString()

/** A Wednesday, so that its week has working days on both sides. */
function emptyWednesday(number: number): string {
  const date = emptyWorkday(20 + 5 * number)
  return addDays(date, 3 - weekdayOf(date))
}

/** "Mié 16 de dic", as the head of a column of the week says it. */
function dayName(date: string): RegExp {
  return new RegExp(`\\b${Number(date.slice(8))} de `)
}

function column(page: Page, name: string | RegExp): Locator {
  return page.getByRole('region', { name }).locator('[data-appointment]')
}

async function choosePatient(page: Page, text: string): Promise<void> {
  await expect(page.getByRole('combobox', { name: 'Paciente' })).toBeFocused()
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Elegir otro paciente' })).toBeVisible()
}

/** Pulls the lower edge of a visit down by minutes. */
async function pull(page: Page, visit: Locator, minutes: number): Promise<void> {
  const box = await visit.locator('[data-edge="end"]').boundingBox()
  if (!box) throw new Error('the visit has no lower edge')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x, y + minutes * 0.8, { steps: 3 })
  await page.mouse.move(x, y + minutes * 1.6, { steps: 3 })
  await page.mouse.up()
}

test('the week shows everybody or one person, moves a visit to another day, and opens a day', async ({ page, signIn }) => {
  const wednesday = emptyWednesday(0)
  const thursday = addDays(wednesday, 1)
  const api = await signIn('receptionist')
  const { patientName } = await bookVisit(api, { date: wednesday, time: '10:00', patient: 'Zeus' })
  const other = await bookVisit(api, { date: thursday, time: '09:30', patient: 'Frida', staff: SOFIA })
  await page.goto(`/schedule?date=${wednesday}`)
  await page.getByText('Semana', { exact: true }).click()
  await expect(page).toHaveURL(/view=week/)
  await expect(column(page, dayName(thursday))).toContainText(other.patientName)
  await page.getByRole('combobox', { name: 'De quién es la semana' }).click()
  await page.getByRole('option', { name: PABLO }).click()
  await expect(page).toHaveURL(/staff=/)
  await expect(column(page, dayName(thursday))).toHaveCount(0)
  const visit = column(page, dayName(wednesday))
  await visit
    .getByRole('button')
    .first()
    .hover({ position: { x: 20, y: 5 } })
  await page.mouse.down()
  await page.getByRole('button', { name: /^Agendar a las 12:00 el Jue/ }).hover({ position: { x: 40, y: 5 } })
  await page.mouse.up()
  await expect(column(page, dayName(thursday))).toContainText(`${patientName}`)
  await expect(column(page, dayName(thursday))).toContainText('12:00–12:30')
  await page.getByRole('button', { name: /^Jue/ }).first().click()
  await expect(page).toHaveURL(`/schedule?date=${thursday}`)
  await expect(column(page, PABLO)).toContainText(patientName)
  await page.goBack()
  await expect(page).toHaveURL(/view=week.*staff=|staff=.*view=week/)
  await expect(column(page, dayName(thursday))).toHaveCount(1)
})

test('the month counts visits and opens a day', async ({ page, signIn }) => {
  const date = emptyWednesday(1)
  const api = await signIn('receptionist')
  await bookVisit(api, { date, time: '10:00', patient: 'Simba' })
  await bookVisit(api, { date, time: '11:00', patient: 'Nala' })
  await page.goto(`/schedule?date=${date}&view=month`)
  const day = page.getByRole('table').getByRole('button', { name: new RegExp(`miércoles, ${Number(date.slice(8))} de .*2 citas`) })
  await expect(day).toBeVisible()
  await day.click()
  await expect(page).toHaveURL(`/schedule?date=${date}`)
  await expect(column(page, PABLO)).toHaveCount(2)
})

test('a visit grows by its lower edge, shrinks in the dialog by keyboard, and takes both back', async ({ page, signIn }) => {
  const date = emptyWednesday(2)
  const api = await signIn('receptionist')
  const { patientName } = await bookVisit(api, { date, time: '10:00', patient: 'Coco' })
  await page.goto(`/schedule?date=${date}`)
  const visit = column(page, PABLO)
  await expect(visit).toContainText('10:00–10:30')
  await pull(page, visit, 30)
  await expect(visit).toContainText('10:00–11:00')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page
    .getByRole('alert')
    .filter({ hasText: `${patientName} ahora termina a las 11:00` })
    .getByRole('button', { name: 'Deshacer' })
    .click()
  await expect(visit).toContainText('10:00–10:30')
  await visit.getByRole('button').first().focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Mover…' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: `Mover la cita de ${patientName}` })
  await dialog.getByLabel('Minutos').fill('50')
  await dialog.getByRole('button', { name: 'Mover' }).focus()
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0)
  await expect(visit).toContainText('10:00–10:50')
})

test('a visit that would grow into the next one is refused, with what stands in the way', async ({ page, signIn }) => {
  const date = emptyWednesday(3)
  const api = await signIn('receptionist')
  const { patientName } = await bookVisit(api, { date, time: '10:00', patient: 'Rocky' })
  await bookVisit(api, { date, time: '10:40', patient: 'Luna' })
  await page.goto(`/schedule?date=${date}`)
  await pull(page, column(page, PABLO).filter({ hasText: patientName }), 30)
  const alert = page.getByRole('dialog').getByRole('alert')
  await expect(alert).toContainText(`${PABLO} está ocupado de 10:40 a 11:10.`)
  await expect(page.getByRole('dialog').getByLabel('Minutos')).toHaveValue('60')
  await expect(alert.getByRole('button')).toHaveText(['11:10', '11:20', '11:30'])
})

test('time off, maintenance and closures stand in the day with words, and refuse a booking by name with the next three times', async ({ page, signIn }) => {
  const date = emptyWednesday(4)
  await closeTime({ kind: 'time_off', staff: PABLO }, at(date, '10:00'), at(date, '12:00'))
  await closeTime({ kind: 'maintenance', room: 'Consultorio 1' }, at(date, '13:00'), at(date, '14:00'), 'Pintura')
  await closeTime({ kind: 'closure' }, at(date, '16:00'), at(date, '20:00'), 'Inventario anual')
  await signIn('receptionist')
  await page.goto(`/schedule?date=${date}`)
  await expect(page.getByRole('region', { name: PABLO }).getByRole('note')).toHaveText([/Ausencia/, /Inventario anual/])
  await page.getByRole('button', { name: `Agendar a las 11:00 con ${PABLO}` }).click({ position: { x: 120, y: 2 } })
  await choosePatient(page, 'canela')
  await page.getByRole('button', { name: 'Agendar', exact: true }).click()
  const dialog = page.getByRole('dialog')
  const alert = dialog.getByRole('alert')
  await expect(alert).toContainText(`${PABLO} está ausente de 10:00 a 12:00.`)
  await expect(alert.getByRole('button')).toHaveText(['12:00', '12:10', '12:20'])
  await dialog.getByRole('textbox', { name: 'Hora' }).fill('13:00')
  await expect(dialog.getByRole('combobox', { name: 'Sala' })).toHaveValue('Consultorio 1')
  await page.getByRole('button', { name: 'Agendar', exact: true }).click()
  await expect(alert).toContainText('Consultorio 1 está en mantenimiento de 13:00 a 14:00.')
  await dialog.getByRole('textbox', { name: 'Hora' }).fill('16:30')
  await page.getByRole('button', { name: 'Agendar', exact: true }).click()
  await expect(alert).toContainText('Clínica Veterinaria Centro está cerrada de 16:00 a 20:00.')
  await page.keyboard.press('Escape')
  await page.getByText('Por sala').click()
  await expect(page.getByRole('region', { name: 'Consultorio 1' }).getByRole('note')).toHaveText([/Pintura/, /Inventario anual/])
  await page.setViewportSize({ width: 375, height: 720 })
  await expect(page.getByText(`${PABLO}: Ausencia, 10:00–12:00`)).toBeVisible()
  await expect(page.getByText('Inventario anual, 16:00–20:00')).toBeVisible()
  await expectNoOverflow(page)
})

test('a search finds the mornings of one weekday, and a click fills the booking', async ({ page, signIn }) => {
  const date = emptyWednesday(5)
  const friday = addDays(date, 2)
  await signIn('receptionist')
  await page.goto(`/schedule?date=${date}`)
  await page.getByRole('button', { name: 'Buscar horario' }).click()
  const dialog = page.getByRole('dialog', { name: 'Agendar cita' })
  await dialog.getByText('vie', { exact: true }).click()
  await dialog.getByLabel('Desde').fill('10:00')
  await dialog.getByLabel('Hasta').fill('12:00')
  await dialog.getByRole('button', { name: /^Buscar desde/ }).click()
  const found = dialog.getByRole('region', { name: new RegExp(`^viernes, ${Number(friday.slice(8))} de `) })
  await expect(found.getByRole('button')).toHaveText([/^10:00/, /^10:30/, /^11:00/, /^11:30/])
  await expect(dialog.getByRole('region', { name: /^(lunes|martes|miércoles|jueves|sábado|domingo)/ })).toHaveCount(0)
  await found.getByRole('button', { name: /^11:00/ }).click()
  await expect(dialog.getByRole('textbox', { name: 'Hora' })).toHaveValue('11:00')
  await dialog.getByRole('combobox', { name: 'Paciente' }).focus()
  await choosePatient(page, 'thor')
  await dialog.getByRole('button', { name: 'Agendar', exact: true }).click()
  await expect(page.getByText(/^Thor: cita agendada, .* 11:00$/)).toBeVisible()
})

test('“Why not?” names all that stands in the way of a time, and offers others', async ({ page, signIn }) => {
  const date = emptyWednesday(6)
  const api = await signIn('receptionist')
  await bookVisit(api, { date, time: '10:00', patient: 'Kira', room: 'Consultorio 1' })
  await page.goto(`/schedule?date=${date}`)
  await page.getByRole('button', { name: `Agendar a las 09:30 con ${PABLO}` }).click({ position: { x: 120, y: 2 } })
  const dialog = page.getByRole('dialog', { name: 'Agendar cita' })
  await dialog.getByRole('button', { name: '¿Por qué no a esta hora?' }).click()
  await expect(dialog.getByRole('status').filter({ hasText: 'Ese horario está libre.' })).toBeVisible()
  await dialog.getByRole('textbox', { name: 'Hora' }).fill('10:10')
  await dialog.getByRole('button', { name: '¿Por qué no a esta hora?' }).click()
  const answer = dialog.getByRole('status').filter({ hasText: 'Ese horario no se puede agendar' })
  await expect(answer.getByRole('listitem')).toHaveText([`${PABLO}: tiene otra cita, 10:00 – 10:30`, 'Consultorio 1: tiene otra cita, 10:00 – 10:30'])
  await answer.getByRole('button').last().click()
  await expect(dialog.getByRole('textbox', { name: 'Hora' })).not.toHaveValue('10:10')
})

test('a client and a patient who are new are created on the way to the booking', async ({ page, signIn }) => {
  const date = emptyWednesday(7)
  await signIn('receptionist')
  await page.goto(`/schedule?date=${date}`)
  await page.getByRole('button', { name: `Agendar a las 12:00 con ${PABLO}` }).click({ position: { x: 120, y: 2 } })
  const dialog = page.getByRole('dialog', { name: 'Agendar cita' })
  await expect(dialog.getByRole('combobox', { name: 'Paciente' })).toBeFocused()
  await page.keyboard.type('Pimienta')
  await dialog.getByRole('button', { name: 'Paciente nuevo…' }).click()
  await expect(dialog.getByLabel('Nombre del paciente')).toHaveValue('Pimienta')
  await dialog.getByRole('combobox', { name: 'Especie' }).click()
  await page.getByRole('option', { name: 'Perro' }).click()
  await dialog.getByLabel('Responsable', { exact: true }).fill('Aurora Villaseñor Tello')
  await dialog.getByLabel('Teléfono del responsable').fill('55 2345 9876')
  await dialog.getByRole('button', { name: 'Crear el paciente' }).click()
  await expect(dialog.getByRole('button', { name: 'Elegir otro paciente' })).toBeVisible()
  await expect(dialog).toContainText('Aurora Villaseñor Tello')
  await dialog.getByRole('button', { name: 'Agendar', exact: true }).click()
  await expect(column(page, PABLO)).toContainText('Pimienta')
  await page.goto('/patients?q=pimienta')
  await expect(page.getByRole('link', { name: /Pimienta/ })).toContainText('Aurora Villaseñor Tello')
})

test.describe('on a phone', () => {
  test.use({ viewport: { width: 375, height: 720 } })

  test('the week is an agenda by day and the month keeps its numbers, both without overflow', async ({ page, signIn }) => {
    const date = emptyWednesday(8)
    const api = await signIn('receptionist')
    const { patientName } = await bookVisit(api, { date, time: '10:00', patient: 'Oreo' })
    await page.goto(`/schedule?date=${date}&view=week`)
    const day = page.getByRole('region', { name: dayName(date) })
    await expect(day.getByRole('listitem')).toContainText(`10:0010:30${patientName}`)
    await expectNoOverflow(page)
    await expect(page.getByRole('main').getByRole('button', { name: 'Agendar cita' })).toBeInViewport()
    await page.getByText('Mes', { exact: true }).click()
    await expect(page.getByRole('table').getByRole('button', { name: new RegExp(`miércoles, ${Number(date.slice(8))} de .*1 cita`) })).toBeVisible()
    await expectNoOverflow(page)
  })
})
