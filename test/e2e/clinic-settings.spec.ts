import { bookVisit, emptyWorkday } from './booking.ts'
import { expect, expectAccessible, expectNoOverflow, test } from './fixture.ts'

test('closing a day shows first whom it affects, refuses a booking, and opens again after a question', async ({ page, signIn }) => {
  const date = emptyWorkday(18)
  const api = await signIn('manager')
  await bookVisit(api, { date, time: '10:00', patient: 'Canela' })
  await page.goto(`/settings/clinic?year=${date.slice(0, 4)}`)
  await page.getByRole('button', { name: 'Cerrar la clínica…' }).click()
  const drawer = page.getByRole('dialog', { name: 'Cerrar la clínica' })
  await drawer.getByLabel('Motivo').fill('Fumigación')
  await drawer.getByLabel('Primer día').fill(date)
  await expect(drawer.getByLabel('Último día')).toHaveValue(date)
  await expect(drawer.getByText('1 cita queda afectada')).toBeVisible()
  await expect(drawer.getByRole('listitem')).toContainText('Canela')
  await expectAccessible(page)
  await drawer.getByRole('button', { name: 'Cerrar la clínica', exact: true }).click()
  await expect(page.getByText('El cierre quedó en la agenda')).toBeVisible()
  const row = page
    .getByRole('group', { name: /^Cierres de/ })
    .getByRole('row')
    .filter({ hasText: 'Fumigación' })
  await expect(row).toContainText('todo el día')

  await page.goto(`/schedule?date=${date}`)
  await page.getByRole('button', { name: 'Agendar cita' }).click()
  await page.getByRole('dialog').getByRole('combobox', { name: 'Paciente' }).fill('frida')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Elegir otro paciente' })).toBeVisible()
  await page.getByRole('dialog').getByLabel('Hora', { exact: true }).fill('12:00')
  await page.getByRole('button', { name: 'Agendar', exact: true }).click()
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('está cerrada de')

  await page.goto(`/settings/clinic?year=${date.slice(0, 4)}`)
  await row.getByRole('button', { name: /^Quitar el cierre: / }).click()
  const question = page.getByRole('dialog', { name: 'Quitar el cierre' })
  await expect(question).toContainText('Fumigación')
  await question.getByRole('button', { name: 'Volver a abrir' }).click()
  await expect(page.getByText('La clínica vuelve a abrir en ese tiempo')).toBeVisible()
  await expect(row).toHaveCount(0)
})

test('public holidays on which the clinic is open are closed at once, after a question', async ({ page, signIn }) => {
  await signIn('clinic_admin')
  // A year that is far away from every other test.
  await page.goto('/settings/clinic?year=2031')
  const holidays = page.getByRole('list', { name: 'Días festivos de 2031' }).getByRole('listitem')
  await expect(holidays.filter({ hasText: 'Navidad' })).toContainText('Abierta')
  const count = await holidays.count()
  await page.getByRole('button', { name: `Cerrar los ${count} festivos abiertos…` }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('status')).toHaveText('No hay citas en ese tiempo.')
  await dialog.getByRole('button', { name: `Cerrar ${count} días` }).click()
  await expect(page.getByText(`Se agregaron ${count} cierres`)).toBeVisible()
  await expect(holidays.filter({ hasText: 'Navidad' })).toContainText('Cerrada')
  await expect(page.getByRole('group', { name: 'Cierres de 2031' }).getByRole('row').filter({ hasText: 'Navidad' })).toBeVisible()
  await page.getByRole('button', { name: 'Año siguiente' }).click()
  await expect(page).toHaveURL(/year=2032/)
  await expect(page.getByRole('list', { name: 'Días festivos de 2032' })).toContainText('Abierta')
  await page.goBack()
  await expect(page.getByRole('list', { name: 'Días festivos de 2031' })).toContainText('Cerrada')
})

test('a machine is added, is taken out of use for a day, and is archived; a manager only looks at what the clinic has', async ({
  page,
  signIn,
  openBrowser,
}) => {
  const name = 'Láser terapéutico'
  const date = emptyWorkday(21)
  await signIn('clinic_admin')
  await page.goto(`/settings/clinic?year=${date.slice(0, 4)}`)
  await page.getByRole('button', { name: 'Agregar equipo' }).click()
  const drawer = page.getByRole('dialog')
  await drawer.getByLabel('Nombre').fill(name)
  await drawer.getByRole('combobox', { name: 'Tipo' }).click()
  await page.getByRole('option', { name: 'Láser' }).click()
  await drawer.getByLabel('Número de serie').fill('LT-204')
  await drawer.getByRole('button', { name: 'Guardar' }).click()
  await expect(page.getByText(`${name}: guardado`)).toBeVisible()
  const machine = page.getByRole('group', { name: 'Equipo', exact: true }).getByRole('row').filter({ hasText: name })
  await expect(machine).toContainText('Serie LT-204')

  await page.getByRole('button', { name: 'Agregar mantenimiento…' }).click()
  await drawer.getByRole('combobox', { name: 'Sala o equipo' }).click()
  await page.getByRole('option', { name }).click()
  await drawer.getByLabel('Primer día').fill(date)
  await expect(drawer.getByText('No hay citas en ese tiempo.')).toBeVisible()
  await drawer.getByRole('button', { name: 'Poner fuera de uso' }).click()
  const window = page
    .getByRole('group', { name: /^Mantenimiento en/ })
    .getByRole('row')
    .filter({ hasText: name })
  await expect(window).toContainText('todo el día')
  await window.getByRole('button', { name: /^Quitar el mantenimiento de Láser/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Volver a usar' }).click()
  await expect(window).toHaveCount(0)

  await machine.getByRole('button', { name: `Cambiar ${name}` }).click()
  await drawer.getByRole('button', { name: 'Archivar' }).click()
  await expect(machine).toHaveCount(0)
  await page.getByRole('switch', { name: 'Mostrar equipo archivado' }).check()
  await expect(page).toHaveURL(/archived=shown/)
  await expect(machine).toContainText('Archivado')

  const managers = await openBrowser()
  await signIn('manager', managers)
  const looking = await managers.newPage()
  await looking.goto('/settings/clinic')
  await expect(looking.getByRole('group', { name: 'Salas' }).getByRole('row')).not.toHaveCount(0)
  await expect(looking.getByRole('button', { name: 'Cerrar la clínica…' })).toBeVisible()
  await expect(looking.getByRole('button', { name: 'Agregar sala' })).toHaveCount(0)
})

test('a type of visit is added with what it needs, is offered in a booking, changes, and is archived', async ({ page, signIn }) => {
  const name = 'Retiro de puntos'
  await signIn('manager')
  await page.goto('/settings/services')
  await page.getByRole('button', { name: 'Agregar tipo' }).click()
  await expect(page).toHaveURL(/edit=new/)
  const drawer = page.getByRole('dialog')
  await drawer.getByLabel('Nombre').fill(name)
  await expect(drawer.getByLabel('Código')).toHaveAttribute('placeholder', 'retiro-de-puntos')
  await drawer.getByLabel('Duración en minutos').fill('15')
  await drawer.getByRole('combobox', { name: 'Quién atiende' }).click()
  await page.getByRole('option', { name: 'Medicina veterinaria' }).click()
  await drawer.getByLabel('Sala: minutos después').fill('5')
  await drawer.getByRole('switch', { name: 'Se puede pedir en línea' }).check()
  await drawer.getByRole('button', { name: 'Guardar' }).click()
  await expect(page.getByText(`${name}: guardado`)).toBeVisible()
  const row = page.getByRole('group', { name: 'Tipos de cita' }).getByRole('row').filter({ hasText: name })
  await expect(row).toContainText('15 min')
  await expect(row).toContainText('Medicina veterinaria')
  await row.getByRole('button', { name: `Cambiar ${name}` }).click()
  await expect(drawer.getByLabel('Sala: minutos después')).toHaveValue('5')
  await expect(drawer.getByLabel('Código')).toHaveCount(0)
  await drawer.getByLabel('Duración en minutos').fill('20')
  await drawer.getByRole('button', { name: 'Guardar' }).click()
  await expect(row).toContainText('20 min')

  await page.goto(`/schedule?date=${emptyWorkday(21)}`)
  await page.getByRole('button', { name: 'Agendar cita' }).click()
  await expect(page.getByRole('dialog').getByRole('radio', { name: /^Retiro de puntos/ })).toBeVisible()
  await page.goto('/settings/services')
  await row.getByRole('button', { name: `Cambiar ${name}` }).click()
  await drawer.getByRole('button', { name: 'Archivar' }).click()
  await expect(row).toHaveCount(0)
})

test('the settings are refused to the reception, which is told the right that is missing', async ({ page, signIn }) => {
  await signIn('receptionist')
  for (const [path, right] of [
    ['/settings/clinic', 'Falta el permiso «Administrar horarios».'],
    ['/settings/services', 'Falta el permiso «Administrar servicios».'],
  ] as const) {
    await page.goto(path)
    const refusal = page.getByRole('main').getByRole('status')
    await expect(refusal).toContainText('Sin acceso')
    await expect(refusal).toContainText(right)
    await expect(page.getByRole('main').getByRole('table')).toHaveCount(0)
  }
})

test('a phone holds the settings, and what closes the clinic', async ({ page, signIn }) => {
  await page.setViewportSize({ width: 375, height: 812 })
  await signIn('manager')
  for (const [path, list] of [
    ['/settings/services', 'Tipos de cita'],
    ['/settings/clinic', 'Salas'],
  ] as const) {
    await page.goto(path)
    await expect(page.getByRole('group', { name: list }).getByRole('row')).not.toHaveCount(0)
    await expectNoOverflow(page)
  }
  await page.getByRole('button', { name: 'Cerrar la clínica…' }).click()
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Cerrar la clínica', exact: true })).toBeVisible()
  await expectNoOverflow(page)
})
