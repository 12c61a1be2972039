import type { Page } from '@playwright/test'
import { fromMinute } from '../../modules/kernel/time.ts'
import type { Account } from './accounts.ts'
import { EXTRA_ACCOUNTS } from './accounts.ts'
import type { Api } from './api.ts'
import { bookVisit, emptyWorkday } from './booking.ts'
import { expect, expectAccessible, expectNoOverflow, test } from './fixture.ts'
import { findRawTexts } from './page-texts.ts'

type Language = 'es-MX' | 'en'
type Variant = { language: Language; theme: 'light' | 'dark'; width: 1440 | 375 }
const ALL_VARIANTS: readonly Variant[] = (['es-MX', 'en'] as const).flatMap((language) =>
  (['light', 'dark'] as const).flatMap((theme) => ([1440, 375] as const).map((width) => ({ language, theme, width }))),
)

type Show = { page: Page; variant: Variant; signIn: (who: 'owner' | 'receptionist' | Account) => Promise<Api> }
type PageCase = {
  name: string
  installation?: 'empty'
  /** Texts by which the page is known to have come, in each language. */
  shows: Record<Language, string | RegExp>
  open: (show: Show) => Promise<void>
}

/** Signs the owner in, in the variant's language, which belongs to the account. */
function asOwner({ variant, signIn }: Show): Promise<Api> {
  return signIn(variant.language === 'en' ? EXTRA_ACCOUNTS.englishOwner : 'owner')
}

function at(path: string): PageCase['open'] {
  return async (show) => {
    await asOwner(show)
    await show.page.goto(path)
  }
}

function patient(tab: string): PageCase['open'] {
  return async (show) => {
    const api = await asOwner(show)
    const { daySchedule } = await api.call('DaySchedule', { date: '2025-12-20' })
    const seen = daySchedule.appointments.find((one: { status: string }) => one.status === 'CHECKED_OUT')
    await show.page.goto(`/patients/${seen.patient.id}?tab=${tab}`)
  }
}

const PAGES: readonly PageCase[] = [
  { name: 'sign-in', shows: { 'es-MX': 'Entrar', en: 'Password' }, open: ({ page }) => page.goto('/sign-in').then(() => {}) },
  {
    name: 'set-up',
    installation: 'empty',
    shows: { 'es-MX': 'Crear la clínica', en: 'Create the clinic' },
    open: async ({ page }) => {
      await page.goto('/')
      await expect(page).toHaveURL('/setup')
    },
  },
  { name: 'today', shows: { 'es-MX': '$8,450.00', en: '$8,450.00' }, open: at('/today?date=2025-12-20') },
  { name: 'today, now', shows: { 'es-MX': 'Servicios prestados', en: 'Services provided' }, open: at('/today') },
  { name: 'schedule by staff', shows: { 'es-MX': 'Concluida', en: 'Checked out' }, open: at('/schedule?date=2025-12-20') },
  { name: 'schedule by room', shows: { 'es-MX': 'Concluida', en: 'Checked out' }, open: at('/schedule?date=2025-12-20&view=room') },
  {
    name: 'schedule, a visit',
    shows: { 'es-MX': 'Responsable', en: 'Owner' },
    open: async (show) => {
      const api = await asOwner(show)
      const { daySchedule } = await api.call('DaySchedule', { date: '2025-12-20' })
      await show.page.goto(`/schedule?date=2025-12-20&open=${daySchedule.appointments[0].id}`)
    },
  },
  {
    name: 'schedule, booking',
    shows: { 'es-MX': 'Tipo de cita', en: 'Type' },
    open: async (show) => {
      await asOwner(show)
      await show.page.goto(`/schedule?date=${emptyWorkday(8)}`)
      const book = show.variant.width === 375 ? /^(Agendar cita|Book appointment)$/ : /^(Agendar a las 10:00 con|Book at 10:00 with) Dr. Pablo/
      await show.page.getByRole('button', { name: book }).click()
    },
  },
  {
    name: 'schedule, moving',
    shows: { 'es-MX': 'Dejar como está', en: 'Leave it' },
    open: async (show) => {
      const api = await asOwner(show)
      const date = emptyWorkday(9)
      const { id } = await bookVisit(api, { date, time: fromMinute(540 + 30 * ALL_VARIANTS.indexOf(show.variant)), patient: 'Perla' })
      await show.page.goto(`/schedule?date=${date}&open=${id}`)
      await show.page.getByRole('button', { name: /^(Mover…|Move…)$/ }).click()
    },
  },
  { name: 'schedule by week', shows: { 'es-MX': 'Concluida', en: 'Checked out' }, open: at('/schedule?date=2025-12-20&view=week') },
  { name: 'schedule by month', shows: { 'es-MX': 'Diciembre de 2025', en: 'December 2025' }, open: at('/schedule?date=2025-12-20&view=month') },
  {
    name: 'schedule, finding a time',
    shows: { 'es-MX': /^Buscar desde/, en: /^Search from/ },
    open: async (show) => {
      await asOwner(show)
      await show.page.goto(`/schedule?date=${emptyWorkday(11)}`)
      await show.page.getByRole('button', { name: /^(Buscar horario|Find a time)$/ }).click()
      await show.page.getByRole('button', { name: /^(Buscar desde|Search from)/ }).click()
      await expect(
        show.page
          .getByRole('dialog')
          .getByRole('button', { name: /^10:00/ })
          .first(),
      ).toBeVisible()
      await show.page.getByRole('button', { name: /^(¿Por qué no a esta hora\?|Why not at this time\?)$/ }).click()
    },
  },
  {
    name: 'schedule, a new patient',
    shows: { 'es-MX': 'Crear el paciente', en: 'Create the patient' },
    open: async (show) => {
      await asOwner(show)
      await show.page.goto(`/schedule?date=${emptyWorkday(12)}`)
      await show.page
        .getByRole('main')
        .getByRole('button', { name: /^(Agendar cita|Book appointment)$/ })
        .click()
      await show.page.getByRole('button', { name: /^(Paciente nuevo…|New patient…)$/ }).click()
    },
  },
  {
    name: 'board',
    shows: { 'es-MX': /Por llegar|Hoy no se espera a nadie|Ya se atendió/, en: /Expected|Nobody is expected|Everybody has been/ },
    open: at('/board'),
  },
  { name: 'capacity', shows: { 'es-MX': 'Salas libres', en: 'Free rooms' }, open: at('/board/capacity') },
  { name: 'my day', shows: { 'es-MX': 'Concluida', en: /Checked out|not on the staff/ }, open: at('/my-day?date=2025-12-20') },
  {
    name: 'palette',
    shows: { 'es-MX': 'Balú', en: 'Balú' },
    open: async (show) => {
      await asOwner(show)
      await show.page.goto('/inventory/alerts?asOf=2025-12-27')
      await show.page.getByRole('button', { name: /^(Buscar…|Search…)/ }).click()
      await show.page.getByRole('dialog').getByRole('textbox').fill('balu')
    },
  },
  { name: 'patients', shows: { 'es-MX': 'Balú', en: 'Balú' }, open: at('/patients?q=balu') },
  { name: 'patient, notes', shows: { 'es-MX': /Firmada por/, en: /Signed by/ }, open: patient('notes') },
  { name: 'patient, appointments', shows: { 'es-MX': 'Concluida', en: 'Checked out' }, open: patient('appointments') },
  { name: 'patient, invoices', shows: { 'es-MX': 'Saldo', en: 'Balance' }, open: patient('invoices') },
  { name: 'inventory alerts', shows: { 'es-MX': 'Agotado', en: 'Out' }, open: at('/inventory/alerts?asOf=2025-12-27') },
  { name: 'time off', shows: { 'es-MX': 'Esperan una decisión', en: 'Waiting for a decision' }, open: at('/staff/time-off?whose=clinic') },
  { name: 'audit', shows: { 'es-MX': 'Inicio de sesión', en: 'Sign-in' }, open: at('/compliance/audit') },
  {
    name: 'audit, an entry',
    shows: { 'es-MX': 'Entrada de auditoría', en: 'Audit entry' },
    open: async (show) => {
      const api = await asOwner(show)
      await api.call('DaySchedule', { date: '2025-12-20' })
      await show.page.goto('/compliance/audit?q=DaySchedule')
      await show.page
        .getByRole('button', { name: /^(Abrir la entrada|Open the entry)/ })
        .first()
        .click()
    },
  },
  { name: 'audit, exports', shows: { 'es-MX': 'Solicitar la exportación', en: 'Request the export' }, open: at('/compliance/audit?show=exports') },
  {
    name: 'audit, who saw a patient',
    shows: { 'es-MX': 'Por persona', en: 'By person' },
    open: async (show) => {
      const api = await asOwner(show)
      const { searchPatients } = await api.call('SearchPatients', { query: 'balu', first: 1 })
      await show.page.goto(`/compliance/audit?subjectId=${searchPatients[0].id}`)
    },
  },
  { name: 'verification', shows: { 'es-MX': 'La bitácora continúa', en: 'Log continues' }, open: at('/compliance/verify') },
  {
    name: 'audit, refused',
    shows: { 'es-MX': 'Sin acceso', en: 'No access' },
    open: async ({ page, variant, signIn }) => {
      await signIn(variant.language === 'en' ? EXTRA_ACCOUNTS.englishReceptionist : 'receptionist')
      await page.goto('/compliance/audit')
    },
  },
  { name: 'nothing at this address', shows: { 'es-MX': 'Esta página no existe', en: 'There is no such page' }, open: at('/no-such-page') },
  {
    name: 'asking for a visit',
    shows: { 'es-MX': '¿Qué necesita?', en: 'What do you need?' },
    open: ({ page }) => page.goto('/book/chiron-demo').then(() => {}),
  },
  {
    name: 'asking for a visit, a time',
    shows: { 'es-MX': '¿Cuándo?', en: 'When?' },
    open: async ({ page }) => {
      await page.goto('/book/chiron-demo')
      await page.getByRole('button', { name: /^Limpieza dental/ }).click()
      await expect(page.getByRole('radiogroup', { name: /^(Día|Day)$/ })).toBeVisible()
    },
  },
  {
    name: 'asking for a visit, who comes',
    shows: { 'es-MX': '¿Quién viene?', en: 'Who is coming?' },
    open: async ({ page }) => {
      await page.goto('/book/chiron-demo')
      await page.getByRole('button', { name: /^Limpieza dental/ }).click()
      await page
        .getByRole('main')
        .getByRole('button', { name: /^\d\d:\d\d$/ })
        .first()
        .click()
    },
  },
  {
    name: 'asking for a visit, closed',
    shows: { 'es-MX': 'Esta página no recibe solicitudes', en: 'This page takes no requests' },
    open: ({ page }) => page.goto('/book/nobody').then(() => {}),
  },
  { name: 'online requests', shows: { 'es-MX': 'Canelo', en: 'Canelo' }, open: at('/schedule/requests') },
  {
    name: 'online requests, deciding',
    shows: { 'es-MX': '¿De quién es el animal?', en: 'Whose animal is it?' },
    open: async (show) => {
      await asOwner(show)
      await show.page.goto('/schedule/requests')
      await show.page.getByRole('button', { name: /Canelo$/ }).click()
    },
  },
]

/** Every pair of (page, language, theme, width) is visited: two opposite variants of each page, taken in turn. */
function variantsOf(index: number): readonly Variant[] {
  if (process.env.CHIRON_TEST_FULL) return ALL_VARIANTS
  // The last variant of the list is the opposite of the first, the last but one of the second, and so on.
  return ALL_VARIANTS.filter((_, place) => place === index % 4 || place === 7 - (index % 4))
}

for (const [index, { name, installation, shows, open }] of PAGES.entries())
  for (const variant of variantsOf(index)) {
    const { language, theme, width } = variant
    test.describe(name, () => {
      test.use({
        locale: language === 'en' ? 'en-US' : 'es-MX',
        colorScheme: theme,
        viewport: { width, height: width === 375 ? 812 : 900 },
        ...(installation ? { installation } : {}),
      })
      test(`in ${language}, ${theme}, ${width} px`, async ({ page, signIn }) => {
        await open({ page, variant, signIn })
        await expect(page.getByText(shows[language]).filter({ visible: true }).first()).toBeVisible()
        await expect(page.locator('html')).toHaveAttribute('lang', language)
        await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme)
        await expect(page).toHaveTitle(/^.+ · Chiron$/)
        await expect(page.getByRole('status', { name: /Cargando|Loading/ })).toHaveCount(0)
        await expectNoOverflow(page)
        expect(await findRawTexts(page), 'keys and codes instead of words').toEqual([])
        await expectAccessible(page)
      })
    })
  }
