import type { Page } from '@playwright/test'
import { type Account, EXTRA_ACCOUNTS } from './accounts.ts'
import { expect, test } from './fixture.ts'

/** The two conversations of the requirements, as the pages must show them: figure for figure, and nothing besides. */
type Texts = {
  who: 'owner' | Account
  figures: Record<string, readonly string[]>
  dayBefore: { choice: string; text: string }
  services: { name: string; cells: readonly string[] }
  products: { name: string; cells: readonly string[] }
  chart: { name: string; row: string }
  alerts: { name: string; lines: readonly string[] }
  stock: { name: string; cells: readonly string[] }[]
}

const SPANISH: Texts = {
  who: 'owner',
  figures: {
    'Ingresos sin IVA': ['$8,450.00 MXN', '+12% frente al sábado, 13 de diciembre ($7,545.00)', 'Impuestos $1,118.40 · total $9,568.40'],
    Servicios: ['$4,200.00', '6 consultas'],
    Productos: ['$4,250.00', '8 ventas'],
    Citas: ['6 de 7', 'atendidas · sin cancelaciones'],
    Inasistencias: ['1', 'no llegaron a su cita'],
  },
  dayBefore: { choice: 'Día anterior', text: '+12% frente al viernes, 19 de diciembre ($7,545.00)' },
  services: { name: 'Servicios prestados', cells: ['Consultas generales', '3', 'Vacunaciones', '2', 'Cirugías', '1'] },
  products: {
    name: 'Productos más vendidos',
    cells: ['Royal Canin', '3', '$2,550.00', 'Frontline Plus', '4', '$1,100.00', 'Dog toys', '5', '$600.00'],
  },
  chart: { name: 'Ingresos por día', row: 'sáb 20 de dic $8,450.00' },
  alerts: {
    name: 'Alertas de inventario (2)',
    lines: ['Frontline Plus Large Dog Bajo Quedan 2, umbral 5', 'Vacuna antirrábica · R2024-15 Por caducar Caduca el 15 ene 2026 (en 26 días)'],
  },
  stock: [
    { name: 'Agotados', cells: ['Hills Prescription Diet k/d HD-KD', 'Alimento', '0 bultos', '2 bultos', 'Agotado'] },
    {
      name: 'Existencias bajas',
      cells: [
        ...['Frontline Plus Large Dog FP-L', 'Antiparasitario', '2 pipetas', '5 pipetas', 'Bajo'],
        ...['Royal Canin Gastrointestinal RC-GI', 'Alimento', '3 bultos', '5 bultos', 'Bajo'],
      ],
    },
    {
      name: 'Por caducar en 30 días',
      cells: [
        ...['Vacuna antirrábica VAC-RAB', 'R2024-15', '15 ene 2026', '8 dosis', '19 días'],
        ...['Ketamina 100 mg/mL, 10 mL KET-10', 'K2024-08', '20 ene 2026', '6 pza.', '24 días'],
      ],
    },
  ],
}

const ENGLISH: Texts = {
  who: EXTRA_ACCOUNTS.englishOwner,
  figures: {
    'Revenue before tax': ['$8,450.00 MXN', '+12% compared with Saturday, December 13 ($7,545.00)', 'Tax $1,118.40 · total $9,568.40'],
    Services: ['$4,200.00', '6 visits'],
    Products: ['$4,250.00', '8 orders'],
    Appointments: ['6 of 7', 'completed · none cancelled'],
    'No-shows': ['1', 'did not come'],
  },
  dayBefore: { choice: 'Day before', text: '+12% compared with Friday, December 19 ($7,545.00)' },
  services: { name: 'Services provided', cells: ['Check-ups', '3', 'Vaccinations', '2', 'Surgeries', '1'] },
  products: SPANISH.products,
  chart: { name: 'Revenue by day', row: 'Sat, Dec 20 $8,450.00' },
  alerts: {
    name: 'Stock alerts (2)',
    lines: ['Frontline Plus Large Dog Low 2 left, threshold 5', 'Vacuna antirrábica · R2024-15 Expiring Expires Jan 15, 2026 (in 26 days)'],
  },
  stock: [
    { name: 'Out of stock', cells: ['Hills Prescription Diet k/d HD-KD', 'Food', '0 bags', '2 bags', 'Out'] },
    {
      name: 'Low stock',
      cells: [
        ...['Frontline Plus Large Dog FP-L', 'Parasiticide', '2 pipettes', '5 pipettes', 'Low'],
        ...['Royal Canin Gastrointestinal RC-GI', 'Food', '3 bags', '5 bags', 'Low'],
      ],
    },
    {
      name: 'Expiring within 30 days',
      cells: [
        ...['Vacuna antirrábica VAC-RAB', 'R2024-15', 'Jan 15, 2026', '8 doses', '19 days'],
        ...['Ketamina 100 mg/mL, 10 mL KET-10', 'K2024-08', 'Jan 20, 2026', '6 units', '24 days'],
      ],
    },
  ],
}
ENGLISH.products = { ...SPANISH.products, name: 'Top products' }

for (const [language, texts] of Object.entries({ Spanish: SPANISH, English: ENGLISH })) {
  test(`the summary of 20 December 2025, in ${language}`, async ({ page, signIn }) => {
    await signIn(texts.who)
    await page.goto('/today?date=2025-12-20')
    for (const [name, lines] of Object.entries(texts.figures)) await expect(figure(page, name)).toHaveText(`${name} ${lines.join(' ')}`, INNER)
    await expectCells(page, texts.services)
    await expectCells(page, texts.products)
    await expect(page.getByRole('group', { name: texts.chart.name }).getByRole('row', { name: texts.chart.row })).toBeVisible()
    const alerts = page.getByRole('region', { name: texts.alerts.name })
    for (const line of texts.alerts.lines) await expect(alerts).toContainText(line, INNER)
    await page.getByText(texts.dayBefore.choice, { exact: true }).click()
    await expect(page).toHaveURL('/today?date=2025-12-20&compare=day')
    await expect(page.getByText(texts.dayBefore.text)).toBeVisible()
  })

  test(`the inventory alert as of 27 December 2025, in ${language}`, async ({ page, signIn }) => {
    await signIn(texts.who)
    await page.goto('/inventory/alerts?asOf=2025-12-27')
    for (const table of texts.stock) await expectCells(page, table)
  })
}

test('the next day of the summary is one click away, in the address, and Back returns', async ({ page, signIn }) => {
  await signIn('owner')
  await page.goto('/today?date=2025-12-20')
  await page.getByRole('button', { name: 'Día siguiente' }).click()
  await expect(page).toHaveURL('/today?date=2025-12-21')
  await expect(page.getByText('Domingo, 21 de diciembre de 2025')).toBeVisible()
  await page.goBack()
  await expect(page.getByText('Sábado, 20 de diciembre de 2025')).toBeVisible()
  await expect(figure(page, 'Ingresos sin IVA')).toContainText('$8,450.00')
})

const INNER = { useInnerText: true } as const

/** One of the figures at the head of the summary. */
function figure(page: Page, name: string) {
  return page.locator('dl > div').filter({ has: page.getByRole('term').filter({ hasText: new RegExp(`^${name}$`) }) })
}

async function expectCells(page: Page, { name, cells }: { name: string; cells: readonly string[] }): Promise<void> {
  await expect(page.getByRole('group', { name, exact: true }).getByRole('cell')).toHaveText([...cells], INNER)
}
