// The door for sibling modules.
export { isNumberOf } from './addresses.ts'
export { markNotificationsRead, type NewNotification, notifyUsers } from './notifications.ts'
export type { MessageParams, NotificationParams } from './params.ts'
export { type NewMessage, queueMessage, queueRequestNews, type RequestNews } from './queue.ts'
export { createMessageRule, type NewMessageRule } from './rules.ts'
