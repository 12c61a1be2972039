import { demoLogin, EXTRA_ACCOUNTS } from './accounts.ts'
import { expect, signInByForm, test } from './fixture.ts'

const ROLES = [
  { role: 'super_admin', lands: '/today', hasGraphiql: true },
  { role: 'owner', lands: '/today', hasGraphiql: true },
  { role: 'clinic_admin', lands: '/today', hasGraphiql: true },
  { role: 'manager', lands: '/schedule', hasGraphiql: false },
  { role: 'veterinarian', lands: '/my-day', hasGraphiql: false },
  { role: 'assistant', lands: '/my-day', hasGraphiql: false },
  { role: 'receptionist', lands: '/board', hasGraphiql: false },
  { role: 'groomer', lands: '/schedule', hasGraphiql: false },
  { role: 'compliance_officer', lands: '/compliance/audit', hasGraphiql: false },
] as const
type Role = (typeof ROLES)[number]['role']

const ALL = ROLES.map(({ role }): Role => role)
const without = (...roles: Role[]) => ALL.filter((role) => !roles.includes(role))

/** What is offered, in the order of the sidebar: the link's text, the page's title, and the roles that it is for. */
const SCREENS: readonly { link: string; title: string; roles: readonly Role[] }[] = [
  { link: 'Hoy', title: 'Resumen del día', roles: ['super_admin', 'owner', 'clinic_admin', 'manager'] },
  { link: 'Tablero', title: 'Tablero', roles: without('compliance_officer') },
  { link: 'Mi día', title: 'Mi día', roles: ['owner', 'veterinarian', 'assistant'] },
  { link: 'Agenda', title: 'Agenda', roles: without('compliance_officer') },
  { link: 'Solicitudes', title: 'Solicitudes en línea', roles: without('compliance_officer', 'groomer') },
  { link: 'Lista de espera', title: 'Lista de espera', roles: without('compliance_officer') },
  { link: 'Pacientes', title: 'Pacientes', roles: without('compliance_officer') },
  { link: 'Inventario', title: 'Alertas de inventario', roles: without('groomer') },
  { link: 'Mensajes', title: 'Mensajes', roles: ['super_admin', 'owner', 'clinic_admin', 'manager', 'receptionist'] },
  { link: 'Ausencias', title: 'Ausencias', roles: ALL },
  { link: 'Personal', title: 'Personal', roles: ALL },
  { link: 'Credenciales', title: 'Credenciales', roles: ALL },
  { link: 'Rol de turnos', title: 'Rol de turnos', roles: ALL },
  { link: 'Mis turnos', title: 'Mis turnos', roles: without('super_admin') },
  { link: 'Intercambios', title: 'Intercambios de turno', roles: ALL },
  { link: 'Auditoría', title: 'Auditoría', roles: ['super_admin', 'owner', 'clinic_admin', 'compliance_officer'] },
  { link: 'Verificar', title: 'Verificación', roles: ['super_admin', 'owner', 'clinic_admin', 'compliance_officer'] },
  { link: 'Clínica', title: 'Clínica', roles: ['super_admin', 'owner', 'clinic_admin', 'manager'] },
  { link: 'Tipos de cita', title: 'Tipos de cita', roles: ['super_admin', 'owner', 'clinic_admin', 'manager'] },
  { link: 'Plantillas', title: 'Plantillas y recordatorios', roles: ['super_admin', 'owner', 'clinic_admin', 'manager'] },
]

for (const { role, lands, hasGraphiql } of ROLES)
  test(`${role} signs in, lands on ${lands} and may open every screen that is offered`, async ({ page }) => {
    await page.goto('/')
    await expect(page).toHaveURL('/sign-in')
    await signInByForm(page, demoLogin(role).email)
    await expect(page).toHaveURL(lands)
    const links = page.getByRole('navigation', { name: 'Principal' }).getByRole('link')
    const screens = SCREENS.filter(({ roles }) => roles.includes(role))
    await expect(links).toHaveText(screens.map(({ link }) => link))
    for (const { link, title } of screens) {
      await links.filter({ hasText: link }).click()
      await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible()
      await expect(page.getByRole('status', { name: 'Cargando…' })).toHaveCount(0)
      await expect(page.getByText('Sin acceso')).toHaveCount(0)
      await expect(page.getByRole('alert')).toHaveCount(0)
    }
    await page.getByRole('complementary').getByRole('button').click()
    await expect(page.getByRole('menuitem', { name: 'Cerrar sesión', exact: true })).toBeVisible()
    await expect(page.getByRole('menuitem', { name: 'GraphiQL' })).toHaveCount(hasGraphiql ? 1 : 0)
  })

test('a wrong password and an unknown person get the same answer, and the right one still works', async ({ page }) => {
  await page.goto('/sign-in')
  for (const [email, password] of [
    ['nobody@demo.example', 'wrong-password-1'],
    [demoLogin('assistant').email, 'wrong-password-2'],
  ] as const) {
    await signInByForm(page, email, password)
    await expect(page.getByRole('alert')).toHaveText('El correo o la contraseña no son correctos.')
  }
  await signInByForm(page, demoLogin('assistant').email)
  await expect(page).toHaveURL('/my-day')
})

test('signing out says so, shows nothing on Back and sends the next person to their own start', async ({ page, signIn }) => {
  await signIn('manager')
  await page.goto('/today?date=2025-12-20')
  await page.getByRole('link', { name: 'Pacientes' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Pacientes' })).toBeVisible()
  await page.getByRole('complementary').getByRole('button').click()
  await page.getByRole('menuitem', { name: 'Cerrar sesión', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Iniciar sesión' })).toBeVisible()
  await expect(page.getByRole('status')).toHaveText('La sesión está cerrada.')
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'Iniciar sesión' })).toBeVisible()
  await expect(page).toHaveURL('/sign-in')
  await signInByForm(page, demoLogin('groomer').email)
  await expect(page).toHaveURL('/schedule')
})

test('after signing out, another role does not land where the first one was', async ({ page, signIn }) => {
  await signIn('owner')
  await page.goto('/compliance/audit')
  await page.getByRole('complementary').getByRole('button').click()
  await page.getByRole('menuitem', { name: 'Cerrar sesión', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Iniciar sesión' })).toBeVisible()
  await signInByForm(page, demoLogin('receptionist').email)
  await expect(page).toHaveURL('/board')
})

test('reception is refused the audit log, and told who holds the right', async ({ page, signIn }) => {
  await signIn('receptionist')
  await page.goto('/compliance/audit')
  const refusal = page.getByRole('main').getByRole('status')
  await expect(refusal).toContainText('Sin acceso')
  await expect(refusal).toContainText('Falta el permiso «Ver la auditoría».')
  await expect(refusal).toContainText('Cumplimiento')
  await expect(page.getByRole('table')).toHaveCount(0)
})

test('the language is chosen in the shell and stays with the account', async ({ page, signIn, openBrowser }) => {
  await signIn(EXTRA_ACCOUNTS.switchesLanguage)
  await page.goto('/today?date=2025-12-20')
  await page.getByRole('button', { name: 'Idioma' }).click()
  await page.getByRole('menuitem', { name: 'English' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Daily summary')
  await expect(page).toHaveTitle('Daily summary · Chiron')
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Daily summary')
  const elsewhere = await openBrowser()
  await signIn(EXTRA_ACCOUNTS.switchesLanguage, elsewhere)
  const other = await elsewhere.newPage()
  await other.goto('/today?date=2025-12-20')
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Daily summary')
})

test('the theme is chosen in the shell and survives a reload', async ({ page, signIn }) => {
  await signIn('owner')
  await page.goto('/inventory/alerts')
  const root = page.locator('html')
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'light')
  await page.getByRole('button', { name: 'Tema' }).click()
  await page.getByRole('menuitem', { name: 'Oscuro' }).click()
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'dark')
  await page.reload()
  await expect(root).toHaveAttribute('data-mantine-color-scheme', 'dark')
})

test('another clinic is one choice away and shows its own day', async ({ page, signIn }) => {
  await signIn('owner')
  await page.goto('/today?date=2025-12-20')
  await expect(page.getByText('$8,450.00').first()).toBeVisible()
  await page.getByRole('button', { name: 'Clínica activa: Clínica Veterinaria Centro. Cambiar' }).click()
  await page.getByRole('menuitem', { name: 'Clínica Veterinaria Coyoacán' }).click()
  await expect(page.getByRole('button', { name: 'Clínica activa: Clínica Veterinaria Coyoacán. Cambiar' })).toBeVisible()
  await expect(page.getByText('$8,450.00')).toHaveCount(0)
  await page.reload()
  await expect(page.getByRole('button', { name: 'Clínica activa: Clínica Veterinaria Coyoacán. Cambiar' })).toBeVisible()
})
