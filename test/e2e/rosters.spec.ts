import type { Locator, Page } from '@playwright/test'
import { TIME_ZONE } from '../../demo/clinic-data.ts'
import { addDays, instantAt, localDateOf, toMinute, weekdayOf } from '../../modules/kernel/time.ts'
import type { Api } from './api.ts'
import { PABLO, SOFIA } from './booking.ts'
import { closeTime } from './closures.ts'
import { expect, expectAccessible, expectNoOverflow, test } from './fixture.ts'

/** The Monday of a week that is further ahead than any other test looks. Each test takes a number of its own. */
function mondayAhead(number: number): string {
  const date = addDays(localDateOf(new Date(), TIME_ZONE), 7 * (26 + number))
  return addDays(date, 1 - weekdayOf(date))
}

type Planned = { day: number; who: string | null; position?: string; start?: string; end?: string }

/** Plans and publishes shifts of a week through the API. */
async function publishShifts(manager: Api, monday: string, shifts: readonly Planned[]): Promise<void> {
  const { staff } = await manager.call('RosterPeople')
  for (const { day, who, position = 'veterinarian', start = '09:00', end = '14:00' } of shifts) {
    const staffId = who === null ? null : staff.edges.find(({ node }: any) => node.name === who).node.id
    const { planShift } = await manager.call('PlanShift', { input: { date: addDays(monday, day), staffId, position, start, end } })
    if (planShift.__typename !== 'RosterShift') throw new Error(`not planned: ${JSON.stringify(planShift)}`)
  }
  const { rosterWeek } = await manager.call('RosterWeek', { date: monday })
  const { publishRoster } = await manager.call('PublishRoster', { input: { id: rosterWeek.roster.id, version: rosterWeek.roster.version } })
  if (publishRoster.__typename !== 'RosterWeek') throw new Error(`not published: ${JSON.stringify(publishRoster)}`)
}

/** What the plan shows of a person on a day; null: the open shifts. */
function cell(page: Page, who: string | null, day: number): Locator {
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: who ?? 'Turnos abiertos' }) })
  return row.getByRole('cell').nth(day)
}

async function choose(within: Page | Locator, label: string, option: string | RegExp): Promise<void> {
  const page = 'page' in within ? within.page() : within
  await within.getByRole('combobox', { name: label }).click()
  await page.getByRole('option', { name: option }).click()
}

test('a manager plans a week from a template, sees what it lacks, moves a shift and takes that back, and publishes', async ({ page, signIn, openBrowser }) => {
  const monday = mondayAhead(0)
  await signIn('manager')
  await page.goto(`/staff/schedules?week=${monday}`)
  await page.getByRole('button', { name: 'Ajustes' }).click()
  await page.getByRole('menuitem', { name: 'Plantillas de turno' }).click()
  await expect(page).toHaveURL(/show=templates/)
  await page.getByRole('button', { name: 'Nueva plantilla' }).click()
  const drawer = page.getByRole('dialog')
  await drawer.getByLabel('Nombre').fill('Guardia nocturna')
  await drawer.getByLabel('Clave').fill('NOCHE')
  await drawer.getByLabel(/^Desde/).fill('20:00')
  await drawer.getByLabel(/^Hasta( \*)?$/).fill('23:00')
  await drawer.getByRole('button', { name: 'Guardar' }).click()
  await expect(drawer.getByRole('article', { name: 'Guardia nocturna' })).toContainText('20:00–23:00')
  await page.keyboard.press('Escape')
  await expect(drawer).toHaveCount(0)

  await page.getByRole('button', { name: 'Ajustes' }).click()
  await page.getByRole('menuitem', { name: 'Cobertura necesaria' }).click()
  await page.getByRole('button', { name: 'Agregar requisito' }).click()
  await drawer.getByRole('checkbox', { name: 'Martes' }).check()
  await drawer.getByLabel(/^Desde/).fill('20:00')
  await drawer.getByLabel(/^Hasta( \*)?$/).fill('23:00')
  await drawer.getByLabel('Hasta antes del').fill(addDays(monday, 7))
  await drawer.getByRole('button', { name: 'Guardar' }).click()
  await expect(drawer.getByRole('region', { name: 'Martes' })).toContainText('Medicina veterinaria, 20:00–23:00: 1 persona')
  await page.keyboard.press('Escape')
  await expect(drawer).toHaveCount(0)

  const coverage = page
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name: 'Cobertura' }) })
    .getByRole('cell')
    .nth(1)
  await expect(coverage).toContainText('Falta 1')
  await expect(coverage).toContainText('0 de 1')
  await page.getByRole('button', { name: 'Aplicar plantilla' }).first().click()
  await choose(drawer, 'Plantilla', /^Guardia nocturna/)
  await drawer.getByRole('checkbox', { name: /^Martes/ }).check()
  await drawer.getByRole('checkbox', { name: /^Jueves/ }).check()
  await drawer.getByRole('button', { name: 'Agregar los turnos' }).click()
  await expect(drawer).toHaveCount(0)
  await expect(page.getByText('Borrador', { exact: true })).toBeVisible()
  await expect(cell(page, null, 1)).toContainText('20:00–23:00')
  await expect(coverage).toContainText('Falta 1')

  await cell(page, null, 1)
    .getByRole('button', { name: /20:00–23:00/ })
    .click()
  const dialog = page.getByRole('dialog', { name: 'Cambiar turno' })
  await choose(dialog, 'Persona', SOFIA)
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Guardar el turno' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(cell(page, SOFIA, 1)).toContainText('Guardia nocturna')
  await expect(coverage).toContainText('Cubierta')
  await expect(coverage).toContainText('1 de 1')

  await cell(page, null, 3)
    .getByRole('button', { name: /20:00–23:00/ })
    .dragTo(cell(page, PABLO, 2))
  await expect(cell(page, PABLO, 2)).toContainText('Guardia nocturna')
  await expect(cell(page, null, 3).getByRole('button', { name: /20:00–23:00/ })).toHaveCount(0)
  await page.getByRole('button', { name: 'Deshacer' }).click()
  await expect(cell(page, null, 3)).toContainText('Guardia nocturna')
  await expect(cell(page, PABLO, 2)).not.toContainText('Guardia nocturna')

  // Nobody but planners sees a draft.
  const hers = await openBrowser()
  await signIn('veterinarian', hers)
  const watching = await hers.newPage()
  await watching.goto(`/staff/schedules?week=${monday}`)
  await expect(watching.getByText('Esta semana no tiene turnos')).toBeVisible()
  await expect(watching.getByRole('button', { name: 'Agregar turno' })).toHaveCount(0)

  await page.getByRole('button', { name: 'Publicar…' }).click()
  await expect(page).toHaveURL(/show=publish/)
  await expect(drawer.getByRole('region', { name: 'Cambia para 1 persona' })).toContainText(`${SOFIA}`)
  await expect(drawer.getByRole('region', { name: 'Cambia para 1 persona' })).toContainText('20:00–23:00 en lugar de 09:00–14:00')
  await expect(drawer.getByRole('note')).toContainText('1 turno abierto')
  await expectAccessible(page)
  await drawer.getByRole('button', { name: 'Publicar ahora' }).click()
  await expect(drawer).toHaveCount(0)
  await expect(page.getByText('Publicado', { exact: true })).toBeVisible()
  await watching.reload()
  await expect(cell(watching, SOFIA, 1)).toContainText('Guardia nocturna')
})

test('a veterinarian sees own shifts, claims an open one, swaps another, and the plan shows it', async ({ page, signIn, openBrowser }) => {
  const monday = mondayAhead(1)
  const carmen = await openBrowser()
  const manager = await signIn('manager', carmen)
  await publishShifts(manager, monday, [
    { day: 0, who: SOFIA },
    { day: 4, who: PABLO },
    { day: 2, who: null, start: '15:00', end: '19:00' },
    { day: 2, who: null, position: 'groomer', start: '10:00', end: '13:00' },
  ])
  await signIn('veterinarian')
  await page.goto(`/staff/shifts?from=${monday}`)
  const own = page.getByRole('region', { name: 'Mis próximos turnos' })
  const open = page.getByRole('region', { name: 'Turnos abiertos' })
  const dayOf = (day: number) => `${Number(addDays(monday, day).slice(8))} de`
  await expect(own.getByRole('article').filter({ hasText: `Lunes, ${dayOf(0)}` })).toContainText('09:00–14:00')
  const grooming = open
    .getByRole('article')
    .filter({ hasText: `Miércoles, ${dayOf(2)}` })
    .filter({ hasText: '10:00–13:00' })
  await expect(grooming).toContainText('Se necesita otro puesto que el suyo.')
  await expect(grooming.getByRole('button')).toHaveCount(0)
  const free = open
    .getByRole('article')
    .filter({ hasText: `Miércoles, ${dayOf(2)}` })
    .filter({ hasText: '15:00–19:00' })
  await free.getByRole('button', { name: /^Tomar/ }).click()
  await expect(free).toHaveCount(0)
  await expect(own.getByRole('article').filter({ hasText: `Miércoles, ${dayOf(2)}` })).toContainText('15:00–19:00')

  await own
    .getByRole('article')
    .filter({ hasText: `Lunes, ${dayOf(0)}` })
    .getByRole('button', { name: /^Pedir intercambio/ })
    .click()
  const ask = page.getByRole('dialog', { name: 'Pedir intercambio' })
  await choose(ask, 'A quién', PABLO)
  await choose(ask, 'A cambio de', /09:00–14:00/)
  await ask.getByLabel('Motivo (opcional)').fill('Boda en la familia')
  await expectAccessible(page)
  await ask.getByRole('button', { name: 'Enviar la solicitud' }).click()
  await expect(ask).toHaveCount(0)
  await expect(own.getByRole('article').filter({ hasText: `Lunes, ${dayOf(0)}` })).toContainText('Intercambio pedido')

  const his = await openBrowser()
  await signIn('owner', his)
  const answering = await his.newPage()
  await answering.goto('/staff/swaps')
  const asked = (on: Page) => on.getByRole('article').filter({ hasText: 'Boda en la familia' })
  await expect(asked(answering)).toContainText(`${SOFIA} cede su turno a ${PABLO}`)
  await expect(asked(answering).getByRole('button', { name: 'Aprobar…' })).toHaveCount(0)
  await asked(answering).getByRole('button', { name: 'Aceptar' }).click()
  await expect(asked(answering)).toContainText('Espera aprobación')

  const deciding = await carmen.newPage()
  await deciding.goto('/staff/swaps?status=accepted')
  await asked(deciding).getByRole('button', { name: 'Aprobar…' }).click()
  await deciding.getByRole('dialog').getByRole('button', { name: 'Aprobar el intercambio' }).click()
  await expect(asked(deciding)).toHaveCount(0)
  await deciding.goto(`/staff/schedules?week=${monday}`)
  await expect(cell(deciding, PABLO, 0)).toContainText('09:00–14:00')
  await expect(cell(deciding, SOFIA, 4)).toContainText('09:00–14:00')
  await expect(cell(deciding, SOFIA, 0).locator('[data-shift]')).toHaveCount(0)
  await page.reload()
  await expect(own.getByRole('article').filter({ hasText: `Viernes, ${dayOf(4)}` })).toContainText('09:00–14:00')
})

test('a refusal says why; a request can be withdrawn and a shift given back; the filter is in the address', async ({ page, signIn, openBrowser }) => {
  const monday = mondayAhead(2)
  const carmen = await openBrowser()
  await publishShifts(await signIn('manager', carmen), monday, [
    { day: 0, who: SOFIA },
    { day: 1, who: SOFIA },
  ])
  await signIn('veterinarian')
  await page.goto(`/staff/shifts?from=${monday}`)
  const shift = (day: string) => page.getByRole('region', { name: 'Mis próximos turnos' }).getByRole('article').filter({ hasText: day })
  for (const [day, reason] of [
    ['Lunes', 'Curso de dermatología'],
    ['Martes', 'Mudanza de mi hermana'],
  ] as const) {
    await shift(day)
      .first()
      .getByRole('button', { name: /^Pedir intercambio/ })
      .click()
    const ask = page.getByRole('dialog', { name: 'Pedir intercambio' })
    await ask.getByLabel('Motivo (opcional)').fill(reason)
    await ask.getByRole('button', { name: 'Enviar la solicitud' }).click()
    await expect(ask).toHaveCount(0)
  }
  const deciding = await carmen.newPage()
  await deciding.goto('/staff/swaps')
  await deciding.getByRole('article').filter({ hasText: 'Curso de dermatología' }).getByRole('button', { name: 'Rechazar…' }).click()
  const dialog = deciding.getByRole('dialog', { name: 'Rechazar el intercambio' })
  await expect(dialog.getByRole('button', { name: 'Rechazar el intercambio' })).toBeDisabled()
  await dialog.getByLabel('Motivo, que la persona verá').fill('Nadie más puede ese día')
  await dialog.getByRole('button', { name: 'Rechazar el intercambio' }).click()
  await expect(dialog).toHaveCount(0)

  await page.goto('/staff/swaps')
  const swap = (reason: string) => page.getByRole('article').filter({ hasText: reason })
  await swap('Mudanza de mi hermana').getByRole('button', { name: 'Retirar…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Retirar la solicitud' }).click()
  await expect(swap('Mudanza de mi hermana')).toHaveCount(0)
  await choose(page, 'Estado', 'Rechazado')
  await expect(page).toHaveURL(/status=refused/)
  await expect(swap('Curso de dermatología')).toContainText('Respuesta: Nadie más puede ese día')
  await choose(page, 'Estado', 'Retirado')
  await expect(swap('Mudanza de mi hermana')).toBeVisible()
  await expect(swap('Curso de dermatología')).toHaveCount(0)
  await page.goBack()
  await expect(swap('Curso de dermatología')).toBeVisible()

  await page.goto(`/staff/shifts?from=${monday}`)
  await shift('Martes')
    .first()
    .getByRole('button', { name: /^Devolver/ })
    .click()
  await page.getByRole('dialog').getByRole('button', { name: 'Devolver el turno' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(
    page
      .getByRole('region', { name: 'Turnos abiertos' })
      .getByRole('article')
      .filter({ hasText: `Martes, ${Number(addDays(monday, 1).slice(8))} de` }),
  ).toBeVisible()
})

test('absences and closures are marked, and a shift during one says so; the keyboard opens it', async ({ page, signIn }) => {
  const monday = mondayAhead(4)
  const at = (day: number, time: string) => instantAt(addDays(monday, day), toMinute(time), TIME_ZONE).instant.toISOString()
  await closeTime({ kind: 'time_off', staff: PABLO }, at(1, '09:00'), at(1, '13:00'))
  await closeTime({ kind: 'closure' }, at(3, '16:00'), at(3, '18:00'), 'Inventario anual')
  const manager = await signIn('manager')
  await publishShifts(manager, monday, [
    { day: 1, who: PABLO, start: '12:00', end: '18:00' },
    { day: 2, who: PABLO, start: '12:00', end: '18:00' },
  ])
  await page.goto(`/staff/schedules?week=${monday}`)
  await expect(cell(page, PABLO, 1)).toContainText('Ausente, 09:00–13:00')
  await expect(cell(page, PABLO, 1).getByRole('button', { name: /12:00–18:00/ })).toContainText('Coincide con una ausencia')
  await expect(cell(page, PABLO, 2)).not.toContainText('Ausente')
  await expect(cell(page, PABLO, 2).getByRole('button', { name: /12:00–18:00/ })).not.toContainText('Coincide')
  await expect(page.getByRole('columnheader').nth(4)).toContainText('Inventario anual, 16:00–18:00')
  await cell(page, PABLO, 1)
    .getByRole('button', { name: /12:00–18:00/ })
    .press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Cambiar turno' })
  await dialog.getByRole('button', { name: 'Quitar…' }).click()
  await expect(dialog).toContainText('El turno queda cancelado')
  await dialog.getByRole('button', { name: 'Quitar el turno' }).click()
  await expect(cell(page, PABLO, 1)).toContainText('Cancelado')
  await expect(cell(page, PABLO, 1).getByRole('button', { name: /12:00–18:00/ })).toHaveCount(0)
})

test('a phone lists the plan by day, where a shift is added without dragging', async ({ page, signIn }) => {
  const monday = mondayAhead(3)
  await page.setViewportSize({ width: 375, height: 812 })
  await signIn('manager')
  await page.goto(`/staff/schedules?week=${monday}`)
  const wednesday = page.getByRole('region', { name: /^Miércoles/ })
  await expect(wednesday).toContainText('Horario habitual 09:00–14:00')
  await wednesday.getByRole('button', { name: /^Agregar turno/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Agregar turno' })
  await choose(dialog, 'Persona', SOFIA)
  await dialog.getByLabel(/^Desde/).fill('15:00')
  await dialog.getByLabel(/^Hasta( \*)?$/).fill('01:00')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Agregar', exact: true }).click()
  await expect(dialog).toHaveCount(0)
  const added = wednesday.getByRole('button', { name: /15:00–01:00 del día siguiente/ })
  await expect(added).toBeVisible()
  await expectNoOverflow(page)
  await added.click()
  await page.getByRole('dialog').getByRole('button', { name: 'Quitar…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Quitar el turno' }).click()
  await expect(added).toHaveCount(0)
})
