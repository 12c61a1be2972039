import type { Page } from '@playwright/test'
import { TIME_ZONE } from '../../demo/clinic-data.ts'
import { addDays, fromMinute, localDateOf } from '../../modules/kernel/time.ts'
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

/** A page of the smaller clinic, where the demo has rosters. */
function atCoyoacan(path: string): PageCase['open'] {
  return async (show) => {
    const api = await asOwner(show)
    const { viewer } = await api.call('CurrentViewer')
    const { id } = viewer.clinics.find(({ name }: { name: string }) => name.endsWith('Coyoacán'))
    await show.page.addInitScript(`window.localStorage.setItem('chiron:clinic', '${id}')`)
    await show.page.goto(path)
  }
}

const NEXT_WEEK = addDays(localDateOf(new Date(), TIME_ZONE), 7)

function patient(tab: string): PageCase['open'] {
  return async (show) => {
    const api = await asOwner(show)
    const { daySchedule } = await api.call('DaySchedule', { date: '2025-12-20' })
    const seen = daySchedule.appointments.find((one: { status: string }) => one.status === 'CHECKED_OUT')
    await show.page.goto(`/patients/${seen.patient.id}?tab=${tab}`)
  }
}

function person(name: string, tab: string): PageCase['open'] {
  return async (show) => {
    const api = await asOwner(show)
    const { staff } = await api.call('StaffChoices', { query: name })
    await show.page.goto(`/staff/people/${staff.edges[0].node.id}?tab=${tab}`)
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
    name: 'schedule, a series',
    shows: { 'es-MX': /^Agendar \d cita/, en: /^Book \d appointment/ },
    open: async (show) => {
      await asOwner(show)
      await show.page.goto(`/schedule?date=${emptyWorkday(13)}`)
      await show.page
        .getByRole('main')
        .getByRole('button', { name: /^(Agendar cita|Book appointment)$/ })
        .click()
      const dialog = show.page.getByRole('dialog')
      await dialog.getByRole('combobox', { name: /^(Paciente|Patient)$/ }).fill('perla')
      await show.page.keyboard.press('Enter')
      await dialog.getByRole('switch', { name: /^(Repetir|Repeat)$/ }).click()
      await dialog.getByRole('button', { name: /^(Ver las citas|Show the appointments)$/ }).click()
    },
  },
  { name: 'waitlist', shows: { 'es-MX': 'Cojea de la pata trasera', en: 'Cojea de la pata trasera' }, open: at('/schedule/waitlist') },
  { name: 'waitlist, adding', shows: { 'es-MX': 'Último día', en: 'Last day' }, open: at('/schedule/waitlist?add=entry') },
  {
    name: 'board, a walk-in',
    shows: { 'es-MX': 'Por qué se sobreagenda', en: 'Why it is overbooked' },
    open: async (show) => {
      await asOwner(show)
      await show.page.goto('/board')
      await show.page.getByRole('button', { name: /^(Sin cita|Walk-in)$/ }).click()
      await show.page.getByRole('checkbox', { name: /^(Atender ya|See them now)/ }).check()
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
  { name: 'clinic settings', shows: { 'es-MX': 'Consultorio 1', en: 'Consultorio 1' }, open: at('/settings/clinic') },
  {
    name: 'clinic settings, closing',
    shows: { 'es-MX': /^(No hay citas en ese tiempo|\d+ citas? queda)/, en: /^(There are no appointments at that time|\d+ appointments? (is|are) affected)/ },
    open: async (show) => {
      await asOwner(show)
      await show.page.goto('/settings/clinic')
      await show.page.getByRole('button', { name: /^(Cerrar la clínica…|Close the clinic…)$/ }).click()
    },
  },
  { name: 'appointment types', shows: { 'es-MX': 'Vacunación', en: 'Vacunación' }, open: at('/settings/services') },
  { name: 'appointment types, a new one', shows: { 'es-MX': 'Persona: minutos antes', en: 'Person: minutes before' }, open: at('/settings/services?edit=new') },
  { name: 'staff', shows: { 'es-MX': 'Mateo Flores Ríos', en: 'Mateo Flores Ríos' }, open: at('/staff/people?left=yes') },
  {
    name: 'staff, a new person',
    shows: { 'es-MX': 'Registrar a la persona', en: 'Add the person' },
    open: async (show) => {
      await asOwner(show)
      await show.page.goto('/staff/people')
      await show.page.getByRole('button', { name: /^(Nueva persona|New person)$/ }).click()
    },
  },
  { name: 'staff, a profile', shows: { 'es-MX': 'Responsable directo', en: 'Manager' }, open: person('Sofía', 'profile') },
  { name: 'staff, hours', shows: { 'es-MX': 'Vigente', en: 'In force' }, open: person('Carmen', 'hours') },
  {
    name: 'staff, setting hours',
    shows: { 'es-MX': 'Guardar el horario', en: 'Save the hours' },
    open: async (show) => {
      await person('Carmen', 'hours')(show)
      await show.page.getByRole('button', { name: /^(Fijar horario|Set hours)$/ }).click()
    },
  },
  { name: 'staff, first and last days', shows: { 'es-MX': 'Agregar un paso', en: 'Add a step' }, open: person('Mateo', 'tasks') },
  { name: 'staff, credentials', shows: { 'es-MX': 'Radiología', en: 'Radiology' }, open: person('Sofía', 'credentials') },
  {
    name: 'staff, attendance',
    shows: { 'es-MX': 'Sin asistencia en estos siete días', en: 'No attendance in these seven days' },
    open: person('Inés', 'attendance'),
  },
  {
    name: 'staff, wellbeing',
    shows: { 'es-MX': 'Avisar que algo no va bien', en: 'This is between the person and their manager' },
    open: person('Sofía', 'wellbeing'),
  },
  {
    name: 'staff, the end of employment',
    shows: { 'es-MX': 'Con ese día termina', en: 'What ends with that day' },
    open: async (show) => {
      await person('Sofía', 'profile')(show)
      await show.page.getByRole('button', { name: /^(Dar de baja…|End employment…)$/ }).click()
    },
  },
  { name: 'credentials', shows: { 'es-MX': /^Venció hace/, en: /^Expired/ }, open: at('/staff/credentials') },
  { name: 'credentials, expiring', shows: { 'es-MX': /^Quedan/, en: /left$/ }, open: at('/staff/credentials?within=90') },
  {
    name: 'credentials, one',
    shows: { 'es-MX': 'Mostrar el número completo', en: 'Show the full number' },
    open: async (show) => {
      const api = await asOwner(show)
      const { credentials } = await api.call('Credentials', { first: 50 })
      const radiology = credentials.edges.find(({ node }: any) => node.type === 'radiology')
      await show.page.goto(`/staff/credentials?open=${radiology.node.id}`)
    },
  },
  { name: 'messages', shows: { 'es-MX': /^Para$|^Todavía no hay mensajes$/, en: /^To$|^No messages yet$/ }, open: at('/messages') },
  { name: 'templates, texts', shows: { 'es-MX': 'Así se verá', en: 'How it will look' }, open: at('/settings/templates') },
  { name: 'templates, rules', shows: { 'es-MX': 'Recordatorio, 1 día antes', en: 'Reminder, 1 day before' }, open: at('/settings/templates?tab=rules') },
  {
    name: 'templates, a rule',
    shows: { 'es-MX': 'Cuánto antes de la cita', en: 'How long before the visit' },
    open: async (show) => {
      await asOwner(show)
      await show.page.goto('/settings/templates?tab=rules')
      await show.page.getByRole('button', { name: /^(Nueva regla|New rule)$/ }).click()
    },
  },
  { name: 'templates, quiet hours', shows: { 'es-MX': 'Hay horas de silencio', en: 'There are quiet hours' }, open: at('/settings/templates?tab=hours') },
  {
    name: 'how to write to an owner',
    shows: { 'es-MX': 'Dar de baja de todo', en: 'Unsubscribe from everything' },
    open: async (show) => {
      await patient('notes')(show)
      await show.page
        .getByRole('region', { name: /^(Mensajes|Messages)$/ })
        .getByRole('button')
        .click()
    },
  },
  {
    name: 'notifications',
    shows: { 'es-MX': /^Notificaciones$/, en: /^Notifications$/ },
    open: async (show) => {
      await asOwner(show)
      await show.page.goto('/inventory/alerts?asOf=2025-12-27')
      await show.page.getByRole('button', { name: /^(Notificaciones|Notifications)/ }).click()
    },
  },
  {
    name: 'calendar addresses',
    shows: { 'es-MX': 'Direcciones que valen', en: 'Addresses in force' },
    open: async (show) => {
      await asOwner(show)
      await show.page.goto('/inventory/alerts?asOf=2025-12-27')
      const isPhone = show.variant.width === 375
      const account = isPhone ? show.page.getByRole('button', { name: /^(Cuenta de|Account of)/ }) : show.page.getByRole('complementary').getByRole('button')
      await account.click()
      await show.page.getByRole('menuitem', { name: /^(Mis calendarios…|My calendars…)$/ }).click()
    },
  },
  { name: 'roster', shows: { 'es-MX': 'Guardia de sábado', en: 'Guardia de sábado' }, open: atCoyoacan(`/staff/schedules?week=${NEXT_WEEK}`) },
  {
    name: 'roster, publishing',
    shows: { 'es-MX': 'Publicar ahora', en: 'Publish now' },
    open: atCoyoacan(`/staff/schedules?week=${addDays(NEXT_WEEK, 7)}&show=publish`),
  },
  {
    name: 'roster, templates',
    shows: { 'es-MX': 'Guardia de sábado', en: 'Guardia de sábado' },
    open: atCoyoacan(`/staff/schedules?week=${NEXT_WEEK}&show=templates`),
  },
  {
    name: 'roster, coverage needs',
    shows: { 'es-MX': 'Agregar requisito', en: 'Add need' },
    open: atCoyoacan(`/staff/schedules?week=${NEXT_WEEK}&show=needs`),
  },
  {
    name: 'roster, limits of work time',
    shows: { 'es-MX': 'Días seguidos', en: 'Days in a row' },
    open: atCoyoacan(`/staff/schedules?week=${NEXT_WEEK}&show=rule`),
  },
  {
    name: 'roster, a new shift',
    shows: { 'es-MX': 'Puesto que se necesita', en: 'Position needed' },
    open: async (show) => {
      await atCoyoacan(`/staff/schedules?week=${NEXT_WEEK}`)(show)
      await show.page
        .getByRole('button', { name: /^(Agregar turno|Add shift)$/ })
        .first()
        .click()
    },
  },
  { name: 'my shifts', shows: { 'es-MX': /Turnos abiertos|No tiene perfil/, en: /Open shifts|no staff profile/ }, open: atCoyoacan('/staff/shifts') },
  { name: 'shift swaps', shows: { 'es-MX': 'Estado', en: 'Status' }, open: at('/staff/swaps?status=all') },
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

/** One language and width of each page, taken in turn, in both themes; the full run adds the opposite, alone when the usual run has passed before. */
function viewsOf(index: number): readonly (readonly Variant[])[] {
  const views = [0, 3, 1, 2].map((view) => ALL_VARIANTS.filter(({ language, width }) => (language === 'en') === view > 1 && (width === 375) === view % 2 > 0))
  const run = process.env.CHIRON_TEST_FULL
  const opposite = index % 2 === 0 ? (index + 1) % 4 : (index + 3) % 4
  const chosen = run === undefined ? [index % 4] : run === 'beyond' ? [opposite] : [index % 4, opposite]
  return chosen.flatMap((place) => views.slice(place, place + 1))
}

async function expectSound(page: Page, { language, theme }: Variant): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('lang', language)
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme)
  await expect(page.getByRole('status', { name: /Cargando|Loading/ })).toHaveCount(0)
  // Colours that are half way to another theme have a contrast of their own.
  await page.evaluate(
    'Promise.allSettled(document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity).map((one) => one.finished)).then(() => {})',
  )
  await expectNoOverflow(page)
  expect(await findRawTexts(page), 'keys and codes instead of words').toEqual([])
  await expectAccessible(page)
}

for (const [index, { name, installation, shows, open }] of PAGES.entries())
  for (const [variant, ...others] of viewsOf(index)) {
    if (!variant) throw new Error('a page has a view')
    const { language, theme, width } = variant
    test.describe(name, () => {
      test.use({
        locale: language === 'en' ? 'en-US' : 'es-MX',
        colorScheme: theme,
        viewport: { width, height: width === 375 ? 812 : 900 },
        ...(installation ? { installation } : {}),
      })
      test(`in ${language}, ${width} px, light and dark`, async ({ page, signIn }) => {
        await open({ page, variant, signIn })
        await expect(page.getByText(shows[language]).filter({ visible: true }).first()).toBeVisible()
        await expect(page).toHaveTitle(/^.+ · Chiron$/)
        await expectSound(page, variant)
        for (const other of others) {
          await page.emulateMedia({ colorScheme: other.theme })
          await expectSound(page, other)
        }
      })
    })
  }
