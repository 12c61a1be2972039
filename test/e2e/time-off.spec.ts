import type { Page } from '@playwright/test'
import { bookVisit, emptyWorkday, PABLO, SOFIA } from './booking.ts'
import { expect, expectAccessible, expectNoOverflow, test } from './fixture.ts'

async function ask(page: Page, date: string, reason: string): Promise<void> {
  await page.goto('/staff/time-off')
  await page.getByRole('button', { name: 'Solicitar ausencia' }).first().click()
  const drawer = page.getByRole('dialog', { name: 'Solicitar ausencia' })
  await drawer.getByLabel('Primer día').fill(date)
  await expect(drawer.getByLabel('Último día')).toHaveValue(date)
  await drawer.getByLabel('Motivo').fill(reason)
  await drawer.getByRole('button', { name: 'Enviar la solicitud' }).click()
  await expect(page.getByText('Se envió su solicitud')).toBeVisible()
  await expect(drawer).toHaveCount(0)
}

/** A line of one's own requests. */
function row(page: Page, reason: string) {
  return page.getByRole('group', { name: 'Mis solicitudes' }).getByRole('row').filter({ hasText: reason })
}

test('approving over three visits lists them, moves one to a colleague, tells what stays, and closes the time at once', async ({
  page,
  signIn,
  openBrowser,
}) => {
  const date = emptyWorkday(11)
  const hers = await openBrowser()
  const api = await signIn('veterinarian', hers)
  for (const [time, patient] of [
    ['10:00', 'Canela'],
    ['11:00', 'Rocky'],
    ['12:00', 'Nala'],
  ] as const)
    await bookVisit(api, { date, time, patient, staff: SOFIA })
  const asking = await hers.newPage()
  await ask(asking, date, 'Mudanza')
  await expect(row(asking, 'Mudanza')).toContainText('En espera')
  // Whoever has rights over nothing but their own decides about nobody.
  await expect(asking.getByRole('button', { name: 'Aprobar…' })).toHaveCount(0)

  await signIn('manager')
  await page.goto('/staff/time-off')
  const request = page.getByRole('article').filter({ hasText: SOFIA }).filter({ hasText: 'Mudanza' })
  await request.getByRole('button', { name: 'Aprobar…' }).click()
  await expect(page).toHaveURL(/approve=/)
  const drawer = page.getByRole('dialog', { name: 'Aprobar ausencia' })
  const visits = drawer.getByRole('region', { name: '3 citas afectadas' }).getByRole('radiogroup')
  await expect(visits).toHaveCount(3)
  for (const [index, text] of ['10:00–10:30 · Canela · Consulta', '11:00–11:30 · Rocky · Consulta', '12:00–12:30 · Nala · Consulta'].entries()) {
    await expect(visits.nth(index)).toHaveAccessibleName(new RegExp(text))
    await expect(visits.nth(index).getByRole('radio', { name: 'Dejar como está' })).toBeChecked()
  }
  await expectAccessible(page)
  await visits
    .first()
    .getByRole('radio', { name: `A la misma hora con ${PABLO}` })
    .check()
  await expect(drawer.getByText('Se mueven: 1. Quedan como están: 2.')).toBeVisible()
  await drawer.getByRole('button', { name: 'Aprobar la ausencia' }).click()
  const left = drawer.getByRole('region', { name: 'Aún agendadas en ese tiempo' }).getByRole('listitem')
  await expect(left).toHaveCount(2)
  await expect(left.first()).toContainText('Rocky')
  await expect(left.last()).toContainText('Nala')
  await drawer.getByRole('button', { name: 'Cerrar' }).last().click()
  await expect(drawer).toHaveCount(0)
  await expect(request).toHaveCount(0)
  await asking.reload()
  await expect(row(asking, 'Mudanza')).toContainText('Aprobada')

  await page.goto(`/schedule?date=${date}`)
  await expect(page.getByRole('region', { name: PABLO }).locator('[data-appointment]').filter({ hasText: 'Canela' })).toContainText('10:00–10:30')
  await page.getByRole('button', { name: `Agendar a las 13:00 con ${SOFIA}` }).click({ position: { x: 60, y: 2 } })
  await page.getByRole('dialog').getByRole('combobox', { name: 'Paciente' }).fill('frida')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Agendar', exact: true }).click()
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText(`${SOFIA} está ausente de`)
})

test('a refusal needs a reason, which the person reads; a request can be withdrawn after a question', async ({ page, signIn, openBrowser }) => {
  const hers = await openBrowser()
  await signIn('veterinarian', hers)
  const asking = await hers.newPage()
  await ask(asking, emptyWorkday(12), 'Trámite en el banco')
  await ask(asking, emptyWorkday(13), 'Cita con el dentista')

  await signIn('manager')
  await page.goto('/staff/time-off')
  await page.getByRole('article').filter({ hasText: 'Trámite en el banco' }).getByRole('button', { name: 'Rechazar…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Rechazar ausencia' })
  await expect(dialog.getByRole('button', { name: 'Rechazar la solicitud' })).toBeDisabled()
  await dialog.getByLabel('Motivo, que la persona verá').fill('Ese día es el inventario')
  await dialog.getByRole('button', { name: 'Rechazar la solicitud' }).click()
  await expect(page.getByText(`Se rechazó la solicitud de ${SOFIA}`)).toBeVisible()
  await asking.reload()
  await expect(row(asking, 'Trámite en el banco')).toContainText('Motivo: Ese día es el inventario')

  await row(asking, 'Cita con el dentista')
    .getByRole('button', { name: /^Cancelar/ })
    .click()
  await asking.getByRole('dialog').getByRole('button', { name: 'Cancelar la ausencia' }).click()
  await expect(row(asking, 'Cita con el dentista')).toContainText('Cancelada')
  await asking.getByRole('combobox', { name: 'Estado' }).click()
  await asking.getByRole('option', { name: 'Rechazada' }).click()
  await expect(asking).toHaveURL(/status=refused/)
  await expect(row(asking, 'Cita con el dentista')).toHaveCount(0)
  await expect(row(asking, 'Trámite en el banco')).toBeVisible()
  await asking.goBack()
  await expect(row(asking, 'Cita con el dentista')).toBeVisible()
})

test('every member of the staff gets there by the sidebar, and a phone holds the page', async ({ page, signIn }) => {
  await page.setViewportSize({ width: 375, height: 812 })
  await signIn('receptionist')
  await page.goto('/schedule')
  // The bar at the bottom has room for a few; the others are behind its last button.
  await page.getByRole('navigation').getByRole('button', { name: 'Más' }).click()
  await page.getByRole('dialog').getByRole('link', { name: 'Ausencias' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Ausencias' })).toBeVisible()
  await expect(page.getByRole('region', { name: /^Mis saldos de/ }).getByRole('listitem')).not.toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Solicitar ausencia' }).first()).toBeVisible()
  await expectNoOverflow(page)
})
