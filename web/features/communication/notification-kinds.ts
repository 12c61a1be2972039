import { IconBell, IconCalendarEvent, IconCertificate, IconClockHour4, IconInbox, IconPlaneDeparture, IconTransfer } from '@tabler/icons-react'
import type { Screen } from '../shell/navigation.ts'

/**
 * What a notification looks like and, when it is about no visit, which screen it leads to: the first of these, by its name in the sidebar,
 * that the reader may open. Its words are in the texts `codes:notification`, by its kind. A kind that stands in neither place is told in general words.
 */
const SUBJECTS = [
  { of: /^(appointment|booking)_(?!request)/, icon: IconCalendarEvent, screens: [] },
  { of: /^(booking_)?request/, icon: IconInbox, screens: ['requests', 'schedule'] },
  { of: /^waitlist_/, icon: IconClockHour4, screens: ['waitlist', 'schedule'] },
  { of: /^time_off_/, icon: IconPlaneDeparture, screens: ['timeOff'] },
  { of: /^credential_/, icon: IconCertificate, screens: ['credentials'] },
  { of: /swap/, icon: IconTransfer, screens: ['swaps', 'shifts'] },
  { of: /^(roster|shift)_/, icon: IconCalendarEvent, screens: ['shifts', 'schedules'] },
] as const satisfies readonly { of: RegExp; icon: unknown; screens: readonly string[] }[]

export function iconOf(kind: string): typeof IconBell {
  return SUBJECTS.find(({ of }) => of.test(kind))?.icon ?? IconBell
}

/** The screen of a kind among those that the reader may open. */
export function screenOf(kind: string, open: readonly Screen[]): Screen['to'] | null {
  const names: readonly string[] = SUBJECTS.find(({ of }) => of.test(kind))?.screens ?? []
  const found = names.map((name) => open.find((screen) => screen.name === name)).find((screen) => screen !== undefined)
  return found?.to ?? null
}
