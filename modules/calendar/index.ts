// The door for sibling modules.
export { openCalendar } from './feed-calendar.ts'
export { renderCalendar } from './render-calendar.ts'
