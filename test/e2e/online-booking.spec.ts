import type { Page } from '@playwright/test'
import { TIME_ZONE } from '../../demo/clinic-data.ts'
import { instantAt, toMinute } from '../../modules/kernel/time.ts'
import { emptyWorkday } from './booking.ts'
import { demoOrigin, expect, expectAccessible, expectNoOverflow, test } from './fixture.ts'

const SLUG = 'chiron-demo'

/** Goes through the page as far as the form, as a stranger with a telephone. */
async function chooseTime(page: Page, { type, date, time }: { type: string; date: string; time: string }): Promise<void> {
  await page.goto(`/book/${SLUG}`)
  await page.getByRole('button', { name: new RegExp(`^${type}`) }).click()
  await expect(page).toHaveURL(/type=/)
  const days = page.getByRole('radiogroup', { name: 'Día' })
  const day = days.getByRole('radio', { name: nameOf(date) })
  await expect(days).toBeVisible()
  for (let turns = 0; turns < 5 && !(await day.isVisible()); turns += 1) {
    const before = page.url()
    await page.getByRole('button', { name: 'Después' }).click()
    await expect(page).not.toHaveURL(before)
    await expect(days).toBeVisible()
  }
  await day.click()
  await expect(day).toHaveAttribute('aria-checked', 'true')
  await page.getByRole('button', { name: time, exact: true }).click()
  await expect(page.getByRole('heading', { name: '¿Quién viene?' })).toBeFocused()
}

const nameOf = (date: string) =>
  new Intl.DateTimeFormat('es-MX', { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short' }).format(new Date(`${date}T00:00:00Z`))
const startOf = (date: string, time: string) => instantAt(date, toMinute(time), TIME_ZONE).instant.toISOString()

async function fill(page: Page, { contact, phone, animal }: { contact: string; phone: string; animal: string }): Promise<void> {
  await page.getByLabel('Su nombre').fill(contact)
  await page.getByLabel('Teléfono').fill(phone)
  await page.getByLabel('Nombre del animal').fill(animal)
  await page.getByRole('combobox', { name: 'Especie' }).fill('Perro')
  await page.getByRole('option', { name: /^Perro/ }).click()
  await page.getByLabel('Raza (si la sabe)').fill('mestizo')
  await page.getByLabel('¿Qué le pasa? (opcional)').fill('Se rasca mucho')
}

test('a stranger asks with a phone, reception records client and patient and confirms, and the visit is on the schedule', async ({
  page,
  signIn,
  openBrowser,
}) => {
  const date = emptyWorkday(14)
  const strangers = await openBrowser()
  const phone = await strangers.newPage()
  await phone.setViewportSize({ width: 375, height: 812 })
  await chooseTime(phone, { type: 'Vacunación', date, time: '10:00' })
  await expectNoOverflow(phone)
  await phone.getByRole('button', { name: 'Enviar la solicitud' }).click()
  await expect(phone.getByRole('alert')).toContainText('Faltan datos')
  await fill(phone, { contact: 'Rosa Quiroz', phone: '55 9090 1212', animal: 'Relámpago' })
  await expectAccessible(phone)
  await phone.getByRole('button', { name: 'Enviar la solicitud' }).click()
  await expect(phone.getByText('Su solicitud fue enviada')).toBeVisible()
  await expect(phone.getByText('La clínica le confirmará la cita a 55 9090 1212')).toBeVisible()
  await expectNoOverflow(phone)

  await signIn('receptionist')
  await page.goto('/schedule')
  await page.getByRole('navigation').getByRole('link', { name: 'Solicitudes' }).click()
  await page.getByRole('button', { name: 'Decidir…: Relámpago' }).click()
  await expect(page).toHaveURL(/open=/)
  const drawer = page.getByRole('dialog', { name: 'Solicitud de cita' })
  await expect(drawer.getByText('Se rasca mucho')).toBeVisible()
  await expect(drawer.getByRole('button', { name: 'Confirmar la cita' })).toBeDisabled()
  await drawer.getByRole('button', { name: 'Paciente nuevo…' }).click()
  await expect(drawer.getByLabel('Nombre del paciente')).toHaveValue('Relámpago')
  await drawer.getByRole('button', { name: 'Crear el paciente' }).click()
  await drawer.getByRole('button', { name: 'Confirmar la cita' }).click()
  await expect(page.getByText('Se agendó la cita de Relámpago')).toBeVisible()
  await expect(drawer).toHaveCount(0)
  await expect(page.getByRole('button', { name: /Relámpago$/ })).toHaveCount(0)
  await page.getByRole('tab', { name: 'Confirmadas' }).click()
  await expect(page).toHaveURL(/status=confirmed/)
  await page.getByRole('button', { name: 'Ver: Relámpago' }).click()
  await drawer.getByRole('link', { name: /^Relámpago/ }).click()
  await expect(page).toHaveURL(new RegExp(`/schedule\\?.*${date}`))
  await expect(page.locator('[data-appointment]').filter({ hasText: 'Relámpago' })).toContainText('10:00–10:20')
})

test('whoever comes too late is offered what comes next, keeps what they have typed, and reception declines with a reason', async ({
  page,
  signIn,
  openBrowser,
}) => {
  const date = emptyWorkday(15)
  const strangers = await openBrowser()
  const phone = await strangers.newPage()
  await phone.setViewportSize({ width: 375, height: 812 })
  await chooseTime(phone, { type: 'Limpieza dental', date, time: '15:00' })
  await fill(phone, { contact: 'Nora Lira', phone: '55 7070 3434', animal: 'Ceniza' })
  // Meanwhile the desk gives the time to somebody else: one person alone is there in the afternoon.
  const api = await signIn('receptionist')
  const { appointmentTypes } = await api.call('AppointmentTypes')
  const { openSlots } = await api.call('OpenSlots', { input: { typeId: appointmentTypes[0].id, from: date, until: date, earliest: '15:00', limit: 1 } })
  const { searchPatients } = await api.call('SearchPatients', { query: 'Balú', first: 1 })
  const input = { patientId: searchPatients[0].id, typeId: appointmentTypes[0].id, staffId: openSlots[0].staff.id, startsAt: startOf(date, '15:00') }
  expect((await api.call('BookAppointment', { input })).bookAppointment.__typename).toBe('Appointment')
  await phone.getByRole('button', { name: 'Enviar la solicitud' }).click()
  const alert = phone.getByRole('alert')
  await expect(alert).toContainText('Este horario ya no está disponible')
  const next = alert.getByRole('group', { name: 'Los siguientes horarios libres' }).getByRole('button')
  await expect(next).toHaveCount(3)
  await next.first().click()
  await expect(phone.getByLabel('Nombre del animal')).toHaveValue('Ceniza')
  await phone.getByRole('button', { name: 'Enviar la solicitud' }).click()
  await expect(phone.getByText('Su solicitud fue enviada')).toBeVisible()

  await page.goto('/schedule/requests')
  await page.getByRole('button', { name: 'Decidir…: Ceniza' }).click()
  const drawer = page.getByRole('dialog', { name: 'Solicitud de cita' })
  await drawer.getByRole('button', { name: 'Rechazar…' }).click()
  await expect(drawer.getByRole('button', { name: 'Rechazar la solicitud' })).toBeDisabled()
  await drawer.getByLabel('Motivo').fill('No hacemos limpiezas esa tarde')
  await drawer.getByRole('button', { name: 'Rechazar la solicitud' }).click()
  await expect(page.getByText('Se rechazó la solicitud de Ceniza')).toBeVisible()
  await page.goto('/schedule/requests?status=declined')
  await page.getByRole('button', { name: 'Ver: Ceniza' }).click()
  await expect(drawer.getByText('No hacemos limpiezas esa tarde')).toBeVisible()
})

test('whoever may, sets the page up, opens and closes it; reception sees where it is', async ({ page, signIn, openBrowser }) => {
  await signIn('receptionist')
  await page.goto('/schedule/requests')
  const section = page.getByRole('region', { name: 'Página pública' })
  await expect(section.getByText(`${demoOrigin()}/book/${SLUG}`)).toBeVisible()
  await expect(section.getByRole('switch')).toHaveCount(0)
  await expect(section.getByRole('button', { name: 'Configurar' })).toHaveCount(0)

  // At the other clinic, whose page no other test looks at.
  const theirs = await openBrowser()
  await signIn('owner', theirs)
  const own = await theirs.newPage()
  await own.goto('/schedule/requests')
  await own.getByRole('button', { name: 'Clínica activa: Clínica Veterinaria Centro. Cambiar' }).click()
  await own.getByRole('menuitem', { name: 'Clínica Veterinaria Coyoacán' }).click()
  await expect(own.getByText('La clínica todavía no tiene página de solicitudes.')).toBeVisible()
  await own.getByRole('button', { name: 'Configurar' }).click()
  const dialog = own.getByRole('dialog', { name: 'Configurar' })
  await dialog.getByLabel('Dirección').fill(SLUG)
  await dialog.getByRole('button', { name: 'Guardar' }).click()
  await expect(dialog.getByRole('alert')).toBeVisible()
  await dialog.getByLabel('Dirección').fill('chiron-demo-coyoacan')
  await dialog.getByRole('button', { name: 'Guardar' }).click()
  await expect(dialog).toHaveCount(0)
  const visit = await theirs.newPage()
  await visit.goto('/book/chiron-demo-coyoacan')
  await expect(visit.getByText('Esta página no recibe solicitudes')).toBeVisible()
  await own.getByRole('switch', { name: 'Recibe solicitudes' }).click()
  await expect(own.getByRole('link', { name: 'Ver la página' })).toHaveAttribute('href', '/book/chiron-demo-coyoacan')
  await visit.reload()
  await expect(visit.getByRole('heading', { name: 'Solicitar una cita en Clínica Veterinaria Coyoacán' })).toBeVisible()
  await own.getByRole('switch', { name: 'Recibe solicitudes' }).click()
  await expect(own.getByRole('link', { name: 'Ver la página' })).toHaveCount(0)
})
