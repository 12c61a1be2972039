import type { Locator, Page } from '@playwright/test'
import { TIME_ZONE } from '../../demo/clinic-data.ts'
import { localDateOf } from '../../modules/kernel/time.ts'
import type { Api } from './api.ts'
import { bookVisit, PABLO, SOFIA } from './booking.ts'
import { expect, expectNoOverflow, test } from './fixture.ts'

const today = () => localDateOf(new Date(), TIME_ZONE)

/** Books today, before the clinic opens, where the demo has nothing: who may overbook may book outside hours. Each test has an hour of its own. */
async function bookToday(api: Api, time: string, patient: string, room?: string): Promise<{ id: string; patientName: string; staff: string }> {
  const { daySchedule } = await api.call('DaySchedule', { date: today() })
  const names: string[] = daySchedule.staff.map((one: { staff: { name: string } }) => one.staff.name)
  const staff = names.find((name) => name === PABLO) ?? names.find((name) => name === SOFIA) ?? names[0] ?? ''
  return { ...(await bookVisit(api, { date: today(), time, patient, staff, ...(room === undefined ? {} : { room }) })), staff }
}

function tile(page: Page, lane: string, id: string): Locator {
  return page.getByRole('region', { name: lane, exact: true }).locator(`[data-appointment="${id}"]`)
}

async function step(api: Api, id: string, ...statuses: string[]): Promise<void> {
  for (const [index, status] of statuses.entries()) {
    const { setAppointmentStatus } = await api.call('SetAppointmentStatus', { input: { id, version: index + 1, status } })
    expect(setAppointmentStatus.status).toBe(status)
  }
}

test('a visit walks over the board by one button per step, with a timer from real moments, and a step is taken back', async ({ page, signIn, openBrowser }) => {
  const api = await signIn('veterinarian', await openBrowser())
  const { id, patientName } = await bookToday(api, '02:00', 'Bruno')
  await signIn('receptionist')
  await page.goto('/')
  await expect(page).toHaveURL('/board')
  await expect(tile(page, 'Por llegar', id)).toContainText('02:00')
  await tile(page, 'Por llegar', id)
    .getByRole('button', { name: `Registrar llegada: ${patientName}` })
    .click()
  await expect(tile(page, 'En espera', id)).toContainText('espera 0 min')
  await expect(tile(page, 'Por llegar', id)).toHaveCount(0)
  await page
    .getByRole('alert')
    .filter({ hasText: `${patientName}: En espera` })
    .getByRole('button', { name: 'Deshacer' })
    .click()
  await expect(tile(page, 'Por llegar', id)).toBeVisible()
  for (const [from, name, to] of [
    ['Por llegar', 'Registrar llegada', 'En espera'],
    ['En espera', 'Iniciar', 'En consulta'],
    ['En consulta', 'Terminar', 'Por salir'],
  ] as const) {
    await tile(page, from, id)
      .getByRole('button', { name: `${name}: ${patientName}` })
      .click()
    await expect(tile(page, to, id)).toBeVisible()
  }
  await tile(page, 'Por salir', id)
    .getByRole('button', { name: /: Bruno$/ })
    .click()
  await expect(page.locator(`[data-appointment="${id}"]`)).toHaveCount(0)
})

test('a patient who is expected is checked in from the palette with one click', async ({ page, signIn, openBrowser }) => {
  const api = await signIn('veterinarian', await openBrowser())
  const { id, patientName } = await bookToday(api, '05:40', 'Kiwi')
  await signIn('receptionist')
  await page.goto('/board')
  await expect(tile(page, 'Por llegar', id)).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('textbox').fill('kiwi')
  await page.getByRole('dialog').getByText(`Registrar llegada: ${patientName}`, { exact: true }).first().click()
  await expect(tile(page, 'En espera', id)).toBeVisible()
  await expect(
    page
      .getByRole('alert')
      .filter({ hasText: `${patientName}: En espera` })
      .getByRole('button', { name: 'Deshacer' }),
  ).toBeVisible()
})

test('an arrival that one person notes is on the board of another within two seconds, without a reload', async ({ page, signIn, openBrowser }) => {
  const api = await signIn('veterinarian', await openBrowser())
  const { id } = await bookToday(api, '02:30', 'Moka')
  await signIn('receptionist')
  await page.goto('/board')
  await expect(tile(page, 'Por llegar', id)).toBeVisible()
  await step(api, id, 'CHECKED_IN')
  await expect(tile(page, 'En espera', id)).toBeVisible({ timeout: 2_000 })
})

test('the board of one person is an address, and Back leads to everybody', async ({ page, signIn, openBrowser }) => {
  const api = await signIn('veterinarian', await openBrowser())
  const { id, staff } = await bookToday(api, '03:00', 'Max')
  await signIn('receptionist')
  await page.goto('/board')
  await expect(tile(page, 'Por llegar', id)).toBeVisible()
  await page.getByRole('combobox', { name: 'Citas de' }).click()
  await page.getByRole('option').filter({ hasNotText: staff }).first().click()
  await expect(page).toHaveURL(/\/board\?staff=/)
  await expect(page.locator(`[data-appointment="${id}"]`)).toHaveCount(0)
  await page.goBack()
  await expect(page).toHaveURL('/board')
  await expect(tile(page, 'Por llegar', id)).toBeVisible()
})

test('a tile opens its visit, which moves by keyboard from the board', async ({ page, signIn, openBrowser }) => {
  const api = await signIn('veterinarian', await openBrowser())
  const { id, patientName } = await bookToday(api, '03:30', 'Toby')
  await signIn('veterinarian')
  await page.goto('/board')
  await tile(page, 'Por llegar', id).getByRole('button').first().focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/open=/)
  await page.getByRole('button', { name: 'Mover…' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: `Mover la cita de ${patientName}` })
  await dialog.getByLabel('Hora').fill('04:10')
  await dialog.getByRole('button', { name: 'Mover' }).focus()
  await page.keyboard.press('Enter')
  await expect(dialog).toHaveCount(0)
  await expect(page.locator(`[data-appointment="${id}"]`)).toContainText('04:10')
})

test('capacity names the room in use and the person with a patient, and follows changes', async ({ page, signIn, openBrowser }) => {
  const api = await signIn('veterinarian', await openBrowser())
  const { id, patientName, staff } = await bookToday(api, '05:00', 'Lola', 'Quirófano')
  await signIn('owner')
  await page.goto('/board')
  await page.getByRole('link', { name: 'Capacidad' }).click()
  await expect(page).toHaveURL('/board/capacity')
  const room = page.getByRole('region', { name: 'Salas' }).getByRole('listitem').filter({ hasText: 'Quirófano' })
  await expect(room).not.toContainText(patientName)
  await step(api, id, 'CHECKED_IN', 'IN_PROGRESS')
  await expect(room).toContainText(`${patientName} con ${staff}`, { timeout: 2_000 })
  await expect(page.getByText('Espera más larga')).toBeVisible()
})

test('a veterinarian lands on their day: visits in order with the next step, gaps, and notes to sign', async ({ page, signIn }) => {
  await signIn('veterinarian')
  await page.goto('/')
  await expect(page).toHaveURL('/my-day')
  await expect(page.getByRole('heading', { level: 1, name: 'Mi día' })).toBeVisible()
  const notes = page.getByRole('region', { name: 'Notas por firmar' })
  await expect(notes.getByRole('listitem').first()).toBeVisible()
  await page.goto('/my-day?date=2025-12-20')
  const visits = page.getByRole('list', { name: 'Mis citas' })
  await expect(visits.getByRole('listitem').nth(1)).toBeVisible()
  const times = (await visits.getByRole('listitem').allTextContents()).map((text) => text.slice(0, 5))
  expect(times.length).toBeGreaterThan(1)
  expect(times).toEqual(times.toSorted())
  await expect(visits.getByText('Libre', { exact: true }).first()).toBeVisible()
  await notes.getByRole('link').first().click()
  await expect(page).toHaveURL(/\/patients\/.*tab=notes/)
})

test('a role without appointments is told so, and a server that does not answer can be asked again, however much changes meanwhile', async ({
  page,
  signIn,
  openBrowser,
  watch,
}) => {
  await signIn('compliance_officer')
  await page.goto('/board')
  await expect(page.getByText('Sin acceso')).toBeVisible()
  const other = await openBrowser()
  await signIn('receptionist', other)
  const elsewhere = await other.newPage()
  watch.allow(/Failed to load resource/)
  await elsewhere.goto('/patients')
  await elsewhere.route('**/graphql', (route) => (route.request().postData()?.includes('"date"') ? route.abort() : route.continue()))
  await elsewhere.getByRole('link', { name: 'Tablero' }).click()
  const writer = await signIn('veterinarian', await openBrowser())
  const { id } = await bookToday(writer, '06:20', 'Max')
  let isWriting = true
  const writing = (async () => {
    for (let version = 1; isWriting; version += 1) {
      const { setAppointmentStatus } = await writer.call('SetAppointmentStatus', { input: { id, version, status: version % 2 ? 'CONFIRMED' : 'SCHEDULED' } })
      expect(setAppointmentStatus.__typename).toBe('Appointment')
    }
  })()
  try {
    await expect(elsewhere.getByRole('alert')).toContainText('Sin conexión con el servidor')
  } finally {
    isWriting = false
    await writing
  }
  // Asked while nothing answers yet, for a reading that is under way already would answer first.
  await elsewhere.getByRole('button', { name: 'Reintentar' }).click()
  await elsewhere.unroute('**/graphql')
  await expect(elsewhere.getByRole('region', { name: 'Por llegar' }).or(elsewhere.getByText('Hoy no se espera a nadie'))).toBeVisible()
})

test.describe('on a phone', () => {
  test.use({ viewport: { width: 375, height: 720 } })

  for (const [path, action] of [
    ['/board', 'Agendar cita'],
    ['/board/capacity', null],
    ['/my-day', null],
  ] as const)
    test(`${path} scrolls in one direction, with its action in reach`, async ({ page, signIn }) => {
      await signIn('veterinarian')
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.getByRole('status', { name: 'Cargando…' })).toHaveCount(0)
      await expectNoOverflow(page)
      if (action !== null) await expect(page.getByRole('button', { name: action })).toBeInViewport()
    })
})
