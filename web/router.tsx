import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router'
import { readBookingSearch } from './features/booking/booking-search.ts'
import { readMessageSearch } from './features/communication/message-search.ts'
import { readTemplateSearch } from './features/communication/template-search.ts'
import { readAuditSearch } from './features/compliance/audit-search.ts'
import { readSchedulesSearch, readShiftsSearch, readSwapsSearch } from './features/rosters/roster-search.ts'
import { readWaitlistSearch } from './features/scheduling/waitlist-search.ts'
import { readClinicSettingsSearch, readServiceSettingsSearch } from './features/settings/settings-search.ts'
import { CrashState } from './features/shell/CrashState.tsx'
import { Home } from './features/shell/Home.tsx'
import { NotFoundPage } from './features/shell/NotFoundPage.tsx'
import { SignedIn } from './features/shell/SignedIn.tsx'
import { readCredentialSearch } from './features/staff/credential-search.ts'
import { readPeopleSearch, readPersonSearch } from './features/staff/people-search.ts'
import { readTimeOffSearch } from './features/staff/time-off-search.ts'
import { dateParam, oneOf, pathParam, textParam, uuidParam } from './search-params.ts'

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage, errorComponent: CrashState })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (raw): { next?: string } => ({ next: pathParam(raw, 'next') }),
  component: lazyRouteComponent(() => import('./features/access/SignInPage.tsx'), 'SignInPage'),
})

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('./features/access/SetupPage.tsx'), 'SetupPage'),
})

const booking = createRoute({
  getParentRoute: () => root,
  path: '/book/$slug',
  validateSearch: readBookingSearch,
  component: lazyRouteComponent(() => import('./features/booking/BookingPage.tsx'), 'BookingPage'),
})

const signedIn = createRoute({ getParentRoute: () => root, id: 'signed-in', component: SignedIn })

const home = createRoute({ getParentRoute: () => signedIn, path: '/', component: Home })

const today = createRoute({
  getParentRoute: () => signedIn,
  path: '/today',
  validateSearch: (raw): { date?: string; compare?: 'month' | 'day' } => ({
    date: dateParam(raw, 'date'),
    compare: oneOf(raw, 'compare', ['month', 'day']),
  }),
  component: lazyRouteComponent(() => import('./features/reporting/TodayPage.tsx'), 'TodayPage'),
})

const schedule = createRoute({
  getParentRoute: () => signedIn,
  path: '/schedule',
  validateSearch: (raw): { date?: string; view?: 'room' | 'week' | 'month'; staff?: string; room?: string; open?: string } => ({
    date: dateParam(raw, 'date'),
    view: oneOf(raw, 'view', ['room', 'week', 'month']),
    staff: uuidParam(raw, 'staff'),
    room: uuidParam(raw, 'room'),
    open: textParam(raw, 'open'),
  }),
  component: lazyRouteComponent(() => import('./features/scheduling/SchedulePage.tsx'), 'SchedulePage'),
})

const waitlist = createRoute({
  getParentRoute: () => signedIn,
  path: '/schedule/waitlist',
  validateSearch: readWaitlistSearch,
  component: lazyRouteComponent(() => import('./features/scheduling/WaitlistPage.tsx'), 'WaitlistPage'),
})

const requests = createRoute({
  getParentRoute: () => signedIn,
  path: '/schedule/requests',
  validateSearch: (raw): { status?: 'confirmed' | 'declined' | 'expired'; open?: string } => ({
    status: oneOf(raw, 'status', ['confirmed', 'declined', 'expired']),
    open: textParam(raw, 'open'),
  }),
  component: lazyRouteComponent(() => import('./features/scheduling/RequestsPage.tsx'), 'RequestsPage'),
})

const board = createRoute({
  getParentRoute: () => signedIn,
  path: '/board',
  validateSearch: (raw): { staff?: string; open?: string } => ({ staff: uuidParam(raw, 'staff'), open: textParam(raw, 'open') }),
  component: lazyRouteComponent(() => import('./features/scheduling/BoardPage.tsx'), 'BoardPage'),
})

const capacity = createRoute({
  getParentRoute: () => signedIn,
  path: '/board/capacity',
  component: lazyRouteComponent(() => import('./features/scheduling/CapacityPage.tsx'), 'CapacityPage'),
})

const myDay = createRoute({
  getParentRoute: () => signedIn,
  path: '/my-day',
  validateSearch: (raw): { date?: string; open?: string } => ({ date: dateParam(raw, 'date'), open: textParam(raw, 'open') }),
  component: lazyRouteComponent(() => import('./features/scheduling/MyDayPage.tsx'), 'MyDayPage'),
})

const patients = createRoute({
  getParentRoute: () => signedIn,
  path: '/patients',
  validateSearch: (raw): { q?: string } => ({ q: textParam(raw, 'q') }),
  component: lazyRouteComponent(() => import('./features/patients/PatientsPage.tsx'), 'PatientsPage'),
})

const patient = createRoute({
  getParentRoute: () => signedIn,
  path: '/patients/$id',
  validateSearch: (raw): { tab?: 'notes' | 'appointments' | 'invoices' } => ({ tab: oneOf(raw, 'tab', ['notes', 'appointments', 'invoices']) }),
  component: lazyRouteComponent(() => import('./features/patients/PatientPage.tsx'), 'PatientPage'),
})

const inventoryAlerts = createRoute({
  getParentRoute: () => signedIn,
  path: '/inventory/alerts',
  validateSearch: (raw): { asOf?: string } => ({ asOf: dateParam(raw, 'asOf') }),
  component: lazyRouteComponent(() => import('./features/inventory/InventoryAlertsPage.tsx'), 'InventoryAlertsPage'),
})

const audit = createRoute({
  getParentRoute: () => signedIn,
  path: '/compliance/audit',
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import('./features/compliance/AuditPage.tsx'), 'AuditPage'),
})

const verify = createRoute({
  getParentRoute: () => signedIn,
  path: '/compliance/verify',
  component: lazyRouteComponent(() => import('./features/compliance/VerifyPage.tsx'), 'VerifyPage'),
})

const timeOff = createRoute({
  getParentRoute: () => signedIn,
  path: '/staff/time-off',
  validateSearch: readTimeOffSearch,
  component: lazyRouteComponent(() => import('./features/staff/TimeOffPage.tsx'), 'TimeOffPage'),
})

const clinicSettings = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings/clinic',
  validateSearch: readClinicSettingsSearch,
  component: lazyRouteComponent(() => import('./features/settings/ClinicSettingsPage.tsx'), 'ClinicSettingsPage'),
})

const serviceSettings = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings/services',
  validateSearch: readServiceSettingsSearch,
  component: lazyRouteComponent(() => import('./features/settings/ServiceSettingsPage.tsx'), 'ServiceSettingsPage'),
})

const people = createRoute({
  getParentRoute: () => signedIn,
  path: '/staff/people',
  validateSearch: readPeopleSearch,
  component: lazyRouteComponent(() => import('./features/staff/PeoplePage.tsx'), 'PeoplePage'),
})

const person = createRoute({
  getParentRoute: () => signedIn,
  path: '/staff/people/$id',
  validateSearch: readPersonSearch,
  component: lazyRouteComponent(() => import('./features/staff/PersonPage.tsx'), 'PersonPage'),
})

const credentials = createRoute({
  getParentRoute: () => signedIn,
  path: '/staff/credentials',
  validateSearch: readCredentialSearch,
  component: lazyRouteComponent(() => import('./features/staff/CredentialsPage.tsx'), 'CredentialsPage'),
})

const messages = createRoute({
  getParentRoute: () => signedIn,
  path: '/messages',
  validateSearch: readMessageSearch,
  component: lazyRouteComponent(() => import('./features/communication/MessagesPage.tsx'), 'MessagesPage'),
})

const templates = createRoute({
  getParentRoute: () => signedIn,
  path: '/settings/templates',
  validateSearch: readTemplateSearch,
  component: lazyRouteComponent(() => import('./features/communication/TemplatesPage.tsx'), 'TemplatesPage'),
})

const staffSchedules = createRoute({
  getParentRoute: () => signedIn,
  path: '/staff/schedules',
  validateSearch: readSchedulesSearch,
  component: lazyRouteComponent(() => import('./features/rosters/SchedulesPage.tsx'), 'SchedulesPage'),
})

const staffShifts = createRoute({
  getParentRoute: () => signedIn,
  path: '/staff/shifts',
  validateSearch: readShiftsSearch,
  component: lazyRouteComponent(() => import('./features/rosters/ShiftsPage.tsx'), 'ShiftsPage'),
})

const staffSwaps = createRoute({
  getParentRoute: () => signedIn,
  path: '/staff/swaps',
  validateSearch: readSwapsSearch,
  component: lazyRouteComponent(() => import('./features/rosters/SwapsPage.tsx'), 'SwapsPage'),
})

const screens = [
  home,
  today,
  board,
  capacity,
  myDay,
  schedule,
  requests,
  waitlist,
  patients,
  patient,
  inventoryAlerts,
  audit,
  verify,
  timeOff,
  clinicSettings,
  serviceSettings,
  people,
  person,
  credentials,
  messages,
  templates,
  staffSchedules,
  staffShifts,
  staffSwaps,
]
const routeTree = root.addChildren([signIn, setup, booking, signedIn.addChildren(screens)])

export const router = createRouter({ routeTree, defaultPreload: 'intent', scrollRestoration: true })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
