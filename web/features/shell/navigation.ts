import {
  IconCalendarEvent,
  IconCalendarQuestion,
  IconChartBar,
  IconLayoutColumns,
  IconPackage,
  IconPaw,
  IconPlaneDeparture,
  IconShieldCheck,
  IconShieldSearch,
  IconStethoscope,
} from '@tabler/icons-react'

import type { Viewer } from '../../session/viewer.ts'

/** The screens, in the order of the sidebar, each with the right that opens it. */
export const SCREENS = [
  { to: '/today', name: 'today', permission: 'report:view', icon: IconChartBar },
  { to: '/board', name: 'board', permission: 'appointment:read', icon: IconLayoutColumns },
  { to: '/my-day', name: 'myDay', permission: 'medical-record:write', icon: IconStethoscope },
  { to: '/schedule', name: 'schedule', permission: 'appointment:read', icon: IconCalendarEvent },
  { to: '/schedule/requests', name: 'requests', permission: 'appointment:read', icon: IconCalendarQuestion },
  { to: '/patients', name: 'patients', permission: 'patient:read', icon: IconPaw },
  { to: '/inventory/alerts', name: 'inventory', permission: 'inventory:read', icon: IconPackage },
  { to: '/staff/time-off', name: 'timeOff', permission: 'time-off:read', icon: IconPlaneDeparture },
  { to: '/compliance/audit', name: 'audit', permission: 'audit-log:view', icon: IconShieldSearch },
  { to: '/compliance/verify', name: 'verify', permission: 'audit-log:view', icon: IconShieldCheck },
] as const

export type Screen = (typeof SCREENS)[number]

// Screens that are of use to whoever may see nothing but their own records, which only a member of the staff has.
const OF_ONES_OWN: ReadonlySet<Screen['to']> = new Set<Screen['to']>(['/staff/time-off'])

function holdsForSelf(viewer: Viewer, permission: string): boolean {
  return viewer.staffId !== null && viewer.ownPermissions.includes(permission)
}

export function screensOf(viewer: Viewer): Screen[] {
  // Who is no member of the staff has no visits of their own.
  return SCREENS.filter(
    ({ to, permission }) =>
      (viewer.permissions.includes(permission) && (to !== '/my-day' || viewer.staffId !== null)) || (OF_ONES_OWN.has(to) && holdsForSelf(viewer, permission)),
  )
}

/** Where a role's day begins. A role without a place of its own gets the first screen that it may open. */
export function landingOf(viewer: Viewer): Screen['to'] | null {
  const screens = screensOf(viewer)
  const open = (to: Screen['to']) => screens.some((screen) => screen.to === to)
  if (viewer.roles.some((role) => /owner|admin/.test(role)) && open('/today')) return '/today'
  if (viewer.roles.some((role) => role.includes('compliance')) && open('/compliance/audit')) return '/compliance/audit'
  if (viewer.roles.some((role) => /veterinarian|assistant/.test(role)) && open('/my-day')) return '/my-day'
  if (viewer.roles.some((role) => role.includes('reception')) && open('/board')) return '/board'
  if (open('/schedule')) return '/schedule'
  return screens[0]?.to ?? null
}
