import { type AccessTable, creates, reads, signedIn, updates } from '../kernel/access-rules.ts'

// Everybody has a roster of their own; the commands and the query narrow to it without schedule:manage.
export const access = {
  'Query.calendarFeeds': { allow: signedIn, audit: reads('CalendarFeed') },
  'Mutation.createCalendarFeed': { allow: signedIn, audit: creates('CalendarFeed') },
  'Mutation.revokeCalendarFeed': { allow: signedIn, audit: updates('CalendarFeed') },
  'CalendarFeed.*': { allow: signedIn, audit: reads('CalendarFeed') },
  'NewCalendarFeed.*': { allow: signedIn, audit: reads('CalendarFeed') },
} as const satisfies AccessTable
