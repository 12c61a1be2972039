// The door for sibling modules.
export { createCalendarFeed, revokeCalendarFeed } from './commands.ts'
export { openCalendar } from './feed-calendar.ts'
export { renderCalendar } from './render-calendar.ts'
