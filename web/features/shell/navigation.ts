import {
  IconArrowsExchange,
  IconBuildingHospital,
  IconCalendarEvent,
  IconCalendarQuestion,
  IconCalendarUser,
  IconCalendarWeek,
  IconCertificate,
  IconChartBar,
  IconClipboardList,
  IconHourglass,
  IconLayoutColumns,
  IconMail,
  IconMessage2Cog,
  IconPackage,
  IconPaw,
  IconPlaneDeparture,
  IconShieldCheck,
  IconShieldSearch,
  IconStethoscope,
  IconUsers,
} from '@tabler/icons-react'

import type { Viewer } from '../../session/viewer.ts'

/** The sections of the sidebar. */
export const SECTIONS = ['clinic', 'team', 'compliance', 'settings'] as const

/** The screens, in the order of the sidebar, each with its section and the right that opens it. */
export const SCREENS = [
  { section: 'clinic', to: '/today', name: 'today', permission: 'report:view', icon: IconChartBar },
  { section: 'clinic', to: '/board', name: 'board', permission: 'appointment:read', icon: IconLayoutColumns },
  { section: 'clinic', to: '/my-day', name: 'myDay', permission: 'medical-record:write', icon: IconStethoscope },
  { section: 'clinic', to: '/schedule', name: 'schedule', permission: 'appointment:read', icon: IconCalendarEvent },
  { section: 'clinic', to: '/schedule/requests', name: 'requests', permission: 'client:read', icon: IconCalendarQuestion },
  { section: 'clinic', to: '/schedule/waitlist', name: 'waitlist', permission: 'appointment:read', icon: IconHourglass },
  { section: 'clinic', to: '/patients', name: 'patients', permission: 'patient:read', icon: IconPaw },
  { section: 'clinic', to: '/inventory/alerts', name: 'inventory', permission: 'inventory:read', icon: IconPackage },
  { section: 'clinic', to: '/messages', name: 'messages', permission: 'message:read', icon: IconMail },
  { section: 'team', to: '/staff/time-off', name: 'timeOff', permission: 'time-off:read', icon: IconPlaneDeparture },
  { section: 'team', to: '/staff/people', name: 'people', permission: 'staff:read', icon: IconUsers },
  { section: 'team', to: '/staff/credentials', name: 'credentials', permission: 'credential:read', icon: IconCertificate },
  { section: 'team', to: '/staff/schedules', name: 'schedules', permission: 'staff:read', icon: IconCalendarWeek },
  { section: 'team', to: '/staff/shifts', name: 'shifts', permission: 'shift:trade', icon: IconCalendarUser },
  { section: 'team', to: '/staff/swaps', name: 'swaps', permission: 'shift:trade', icon: IconArrowsExchange },
  { section: 'compliance', to: '/compliance/audit', name: 'audit', permission: 'audit-log:view', icon: IconShieldSearch },
  { section: 'compliance', to: '/compliance/verify', name: 'verify', permission: 'audit-log:view', icon: IconShieldCheck },
  { section: 'settings', to: '/settings/clinic', name: 'clinicSettings', permission: 'schedule:manage', icon: IconBuildingHospital },
  { section: 'settings', to: '/settings/services', name: 'serviceSettings', permission: 'service:manage', icon: IconClipboardList },
  { section: 'settings', to: '/settings/templates', name: 'templates', permission: 'message:manage', icon: IconMessage2Cog },
] as const satisfies readonly { readonly section: (typeof SECTIONS)[number]; readonly [key: string]: unknown }[]

export type Screen = (typeof SCREENS)[number]

// Screens that are of use to whoever may see nothing but their own records, which only a member of the staff has.
const OF_ONES_OWN: ReadonlySet<Screen['to']> = new Set<Screen['to']>(['/staff/time-off', '/staff/credentials', '/staff/shifts', '/staff/swaps'])

function holdsForSelf(viewer: Viewer, permission: string): boolean {
  return viewer.staffId !== null && viewer.ownPermissions.includes(permission)
}

// Screens that show nothing but one's own work.
const FOR_STAFF: ReadonlySet<Screen['to']> = new Set<Screen['to']>(['/my-day', '/staff/shifts'])

export function screensOf(viewer: Viewer): Screen[] {
  // Who is no member of the staff has no visits and no shifts of their own.
  return SCREENS.filter(
    ({ to, permission }) =>
      (viewer.permissions.includes(permission) && (!FOR_STAFF.has(to) || viewer.staffId !== null)) || (OF_ONES_OWN.has(to) && holdsForSelf(viewer, permission)),
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
