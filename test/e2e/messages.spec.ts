import type { Page } from '@playwright/test'
import type { Api } from './api.ts'
import { bookVisit, emptyWorkday, PABLO, SOFIA } from './booking.ts'
import { demoOrigin, expect, expectAccessible, expectNoOverflow, test } from './fixture.ts'
import { findRawTexts } from './page-texts.ts'

// A type that no other test books: what is planned for it is this file's.
const TYPE = 'Limpieza dental'

const rowOf = (page: Page, patient: string, channel: string) =>
  page.getByRole('group', { name: 'Mensajes de la clínica' }).getByRole('row').filter({ hasText: patient }).filter({ hasText: channel })

async function choose(page: Page, field: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: field }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

async function addRule(page: Page, { event, channel }: { event: string; channel: string }): Promise<void> {
  await page.getByRole('button', { name: 'Nueva regla' }).click()
  const drawer = page.getByRole('dialog', { name: 'Nueva regla' })
  await choose(page, 'Motivo', event)
  await choose(page, 'Tipo de cita', TYPE)
  await choose(page, 'Canal', channel)
  await drawer.getByRole('button', { name: 'Crear la regla' }).click()
  await expect(drawer).toHaveCount(0)
}

/** Somebody who may be written to at any hour: the clinic's quiet hours must not decide how this ends. */
async function writableAtAnyHour(api: Api, patient: string): Promise<void> {
  const { searchPatients } = await api.call('SearchPatients', { query: patient, first: 1 })
  const clientId = searchPatients[0].client.id
  const { client } = await api.call('ClientPreferences', { id: clientId })
  const input = { clientId, quietFrom: '03:00', quietUntil: '03:00', ...(client.preference ? { version: client.preference.version } : {}) }
  const { setClientPreference } = await api.call('SetClientPreference', { input })
  expect(setClientPreference.__typename).toBe('ClientPreference')
}

test('a rule for a type of visit writes to its owner and tells its veterinarian, and the log says what became of it', async ({ page, signIn, openBrowser }) => {
  // It waits for the planner and for what sends, each of which comes round when it does.
  test.slow()
  const hers = await openBrowser()
  await signIn('veterinarian', hers)
  const told = await hers.newPage()
  await told.goto('/my-day')
  await expect(told.getByRole('button', { name: /^Notificaciones/ })).toBeVisible()

  const api = await signIn('manager')
  await writableAtAnyHour(api, 'Canela')
  await page.goto('/settings/templates?tab=rules')
  const rules = page.getByRole('group', { name: 'Reglas' })
  await expect(rules.getByRole('row').filter({ hasText: 'Recordatorio, 1 día antes' })).toContainText('Todos los tipos de cita')
  for (const channel of ['Correo', 'Mensaje SMS', 'Notificación']) await addRule(page, { event: 'Cita agendada', channel })
  await expect(rules.getByRole('row').filter({ hasText: 'Cita agendada' }).filter({ hasText: TYPE })).toHaveCount(3)

  const { patientName } = await bookVisit(api, { date: emptyWorkday(17), time: '10:00', patient: 'Canela', type: TYPE, staff: SOFIA })
  await page.goto('/messages')
  // As it happens, without a reload.
  await expect(rowOf(page, patientName, 'Correo')).toContainText('Enviado', { timeout: 45_000 })
  await expect(rowOf(page, patientName, 'Notificación')).toContainText(SOFIA)
  await expect(rowOf(page, patientName, 'SMS')).toContainText('No se envió')
  await expectAccessible(page)

  await test.step('what was not sent says why, and can be sent again', async () => {
    await choose(page, 'Canal', 'Mensaje SMS')
    await expect(page).toHaveURL(/channel=sms/)
    await expect(rowOf(page, patientName, 'Correo')).toHaveCount(0)
    await rowOf(page, patientName, 'SMS').getByRole('button').click()
    const drawer = page.getByRole('dialog', { name: 'Mensaje' })
    await expect(drawer).toContainText('El servidor no tiene configurado este canal.')
    await expect(drawer.getByRole('link', { name: new RegExp(patientName) })).toBeVisible()
    expect(await findRawTexts(page)).toEqual([])
    await expectAccessible(page)
    await drawer.getByRole('button', { name: 'Enviar de nuevo' }).click()
    await expect(page.getByText('El mensaje se envía de nuevo')).toBeVisible()
    await drawer.getByRole('button', { name: 'Cerrar' }).click()
    await choose(page, 'Canal', 'Mensaje SMS')
    await expect(rowOf(page, patientName, 'SMS')).toHaveCount(2)
  })

  await test.step('the veterinarian hears of it where she is, reads it and is led to the visit', async () => {
    await expect(told.getByRole('button', { name: /^Notificaciones: \d+ sin leer$/ })).toBeVisible()
    await told.getByRole('button', { name: /^Notificaciones/ }).click()
    const item = told.getByRole('dialog', { name: 'Notificaciones' }).getByRole('listitem').filter({ hasText: patientName })
    await expect(item).toContainText('Le agendaron una cita')
    await expect(item).toContainText(TYPE)
    await expect(item).toContainText('Sin leer')
    await expectAccessible(told)
    await item.getByRole('link').click()
    await expect(told).toHaveURL(new RegExp(`/schedule\\?date=${emptyWorkday(17)}&open=`))
    await expect(told.getByRole('dialog', { name: `${patientName} · ${TYPE}` })).toBeVisible()
    await told.goto('/my-day')
    await told.getByRole('button', { name: /^Notificaciones/ }).click()
    await expect(item).toBeVisible()
    await expect(item).not.toContainText('Sin leer')
  })
})

test('an owner who wants no mail gets none, and the log says so', async ({ page, signIn }) => {
  const api = await signIn('manager')
  await writableAtAnyHour(api, 'Rocky')
  const { searchPatients } = await api.call('SearchPatients', { query: 'Rocky', first: 1 })
  await page.goto(`/patients/${searchPatients[0].id}`)
  const panel = page.getByRole('region', { name: 'Mensajes' })
  await expect(panel).toContainText('Español (México)')
  await panel.getByRole('button', { name: 'Cambiar…' }).click()
  const drawer = page.getByRole('dialog', { name: /^Cómo se escribe a/ })
  await drawer.getByRole('group', { name: 'Recibe por correo' }).getByRole('checkbox', { name: 'Citas agendadas, movidas o canceladas' }).uncheck()
  await choose(page, 'Idioma', 'English')
  await expectAccessible(page)
  await drawer.getByRole('button', { name: 'Guardar' }).click()
  await expect(drawer).toHaveCount(0)
  await expect(panel).toContainText('Todo menos citas agendadas, movidas o canceladas')
  await expect(panel).toContainText('English')
  await page.reload()
  await expect(panel).toContainText('Todo menos citas agendadas, movidas o canceladas')

  const { appointmentTypes } = await api.call('AppointmentTypes')
  const typeId = appointmentTypes.find(({ name }: { name: string }) => name === 'Cirugía').id
  await api.call('CreateMessageRule', { input: { event: 'BOOKED', channel: 'MAIL', appointmentTypeId: typeId } })
  const { patientName } = await bookVisit(api, { date: emptyWorkday(18), time: '12:00', patient: 'Rocky', type: 'Cirugía', staff: PABLO })
  await page.goto('/messages?status=suppressed&channel=mail')
  await rowOf(page, patientName, 'Correo').getByRole('button').click({ timeout: 45_000 })
  await expect(page.getByRole('dialog', { name: 'Mensaje' })).toContainText('El destinatario no quiere recibir estos mensajes por este canal.')
  await expect(page.getByRole('dialog', { name: 'Mensaje' })).toContainText('English')
})

test('a text that is edited shows in the preview, is kept, and the product’s comes back', async ({ page, signIn }) => {
  await signIn('manager')
  await page.goto('/settings/templates?code=booking_moved&channel=sms&language=en')
  const preview = page.getByRole('region', { name: 'Así se verá' })
  await expect(preview).toContainText('the visit of Firulais has moved')
  const body = page.getByRole('textbox', { name: 'Texto' })
  const given = await body.inputValue()
  await body.fill('New time, ')
  await page.getByRole('button', { name: /^Nombre del responsable/ }).click()
  await expect(body).toHaveValue('New time, {{clientName}}')
  await expect(preview).toContainText('New time, Lucía Hernández')
  await body.fill('New time, {{surname}}')
  await expect(preview).toContainText('Este mensaje no tiene estos datos: surname.')
  await page.getByRole('button', { name: 'Guardar el texto' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'El texto menciona «surname»' })).toBeVisible()
  await body.fill('New time, {{clientName}}: {{time}}.')
  await page.getByRole('button', { name: 'Guardar el texto' }).click()
  await expect(page.getByText('Se guardó el texto')).toBeVisible()
  await expect(page.getByText('Texto de la clínica')).toBeVisible()
  await page.reload()
  await expect(body).toHaveValue('New time, {{clientName}}: {{time}}.')
  await page.getByRole('button', { name: 'Restablecer…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Restablecer el texto' }).click()
  await expect(page.getByText('Se envía otra vez el texto del producto')).toBeVisible()
  await expect(body).toHaveValue(given)
  await expect(page.getByText('Texto del producto', { exact: true })).toBeVisible()
})

test('quiet hours are kept', async ({ page, signIn }) => {
  await signIn('owner')
  await page.goto('/settings/templates?tab=hours')
  await page.getByLabel('Desde').fill('22:15')
  await page.getByLabel('Hasta').fill('07:45')
  await page.getByRole('button', { name: 'Guardar las horas' }).click()
  await expect(page.getByText('Se guardaron las horas de silencio')).toBeVisible()
  await page.reload()
  await expect(page.getByLabel('Desde')).toHaveValue('22:15')
  await expect(page.getByLabel('Hasta')).toHaveValue('07:45')
})

test('reception sees the log and changes nothing of it; whoever lacks the right is told so', async ({ page, signIn, openBrowser }) => {
  await signIn('receptionist')
  await page.goto('/messages')
  await expect(page.getByRole('heading', { level: 1, name: 'Mensajes' })).toBeVisible()
  await expect(page.getByRole('main').getByText('Sin acceso')).toHaveCount(0)
  await page.goto('/settings/templates')
  await expect(page.getByRole('main').getByRole('status')).toContainText('Sin acceso')
  const his = await openBrowser()
  await signIn('groomer', his)
  const refused = await his.newPage()
  await refused.goto('/messages')
  await expect(refused.getByRole('main').getByRole('status')).toContainText('Sin acceso')
})

test('a calendar’s address answers until it is revoked', async ({ page, signIn }) => {
  await signIn('veterinarian')
  await page.goto('/my-day')
  await page.getByRole('complementary').getByRole('button').click()
  await page.getByRole('menuitem', { name: 'Mis calendarios…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Calendarios para otros programas' })
  await dialog.getByRole('button', { name: 'Crear la dirección' }).click()
  await expect(dialog.getByRole('status')).toContainText('Se muestra solo esta vez')
  await expectAccessible(page)
  const url = new URL(await dialog.getByLabel('Dirección del calendario').inputValue())
  const read = () => fetch(`${demoOrigin()}${url.pathname}`)
  const answer = await read()
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/calendar; charset=utf-8'])
  expect(await answer.text()).toMatch(/^BEGIN:VCALENDAR\r\n/)
  await dialog.getByRole('button', { name: 'Ya la copié' }).click()
  await expect(dialog.getByLabel('Dirección del calendario')).toHaveCount(0)
  const feed = dialog.getByRole('listitem').filter({ hasText: SOFIA })
  await expect(feed).toContainText('Turnos y citas')
  await feed.getByRole('button', { name: /^Anular la dirección/ }).click()
  await expectAccessible(page)
  await feed.getByRole('button', { name: 'Anular la dirección', exact: true }).click()
  await expect(page.getByText(`La dirección de ${SOFIA} ya no vale`)).toBeVisible()
  await expect(feed).toHaveCount(0)
  expect((await read()).status).toBe(404)
})

test('whoever plans makes the calendar of a room, on a phone as well', async ({ page, signIn }) => {
  await page.setViewportSize({ width: 375, height: 812 })
  await signIn('manager')
  await page.goto('/schedule')
  await page.getByRole('button', { name: /^Cuenta de/ }).click()
  await page.getByRole('menuitem', { name: 'Mis calendarios…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Calendarios para otros programas' })
  await choose(page, 'Calendario de', 'Quirófano')
  await dialog.getByRole('button', { name: 'Crear la dirección' }).click()
  await expect(dialog.getByRole('status')).toContainText('La dirección de Quirófano')
  await expectNoOverflow(page)
  await dialog.getByRole('button', { name: 'Ya la copié' }).click()
  await expect(dialog.getByRole('listitem').filter({ hasText: 'Quirófano' })).toContainText('Citas de la sala')
})
