import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from '@tanstack/react-router'
import { readBookingSearch } from './features/booking/booking-search.ts'
import { readAuditSearch } from './features/compliance/audit-search.ts'
import { CrashState } from './features/shell/CrashState.tsx'
import { Home } from './features/shell/Home.tsx'
import { NotFoundPage } from './features/shell/NotFoundPage.tsx'
import { SignedIn } from './features/shell/SignedIn.tsx'
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

const screens = [home, today, board, capacity, myDay, schedule, requests, patients, patient, inventoryAlerts, audit, verify, timeOff]
const routeTree = root.addChildren([signIn, setup, booking, signedIn.addChildren(screens)])

export const router = createRouter({ routeTree, defaultPreload: 'intent', scrollRestoration: true })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
