import { createMessageRule, type NewMessage, type NewMessageRule, notifyUsers, queueMessage } from '../modules/communication/index.ts'
import type { SystemActor } from '../modules/kernel/actor.ts'
import { newId } from '../modules/kernel/ids.ts'
import type { Clock } from '../modules/kernel/time.ts'
import type { App } from '../server/app.ts'

/** A reminder by mail a day before every visit, or another rule. */
export async function addMessageRule(app: App, actor: SystemActor, rule: Partial<NewMessageRule> = {}, clock?: Clock): Promise<string> {
  const input: NewMessageRule = { event: 'reminder', channel: 'mail', ...(rule.event && rule.event !== 'reminder' ? {} : { leadMinutes: 1440 }), ...rule }
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => createMessageRule(tx, actor, input), clock)
  return id
}

/** A message to a client, to be sent at once. */
export async function addMessage(app: App, actor: SystemActor, message: Partial<NewMessage> & { clientId: string }, clock?: Clock): Promise<string> {
  const input: NewMessage = { channel: 'mail', templateCode: 'request_expired', params: {}, dedupeKey: `world/${newId()}`, ...message }
  const { id } = await app.asSystem(actor, 'cli', 'world', (tx) => queueMessage(tx, actor, input), clock)
  if (id === null) throw new Error('this message is there already')
  return id
}

export async function addNotification(app: App, actor: SystemActor, userId: string, params: Record<string, string> = {}): Promise<string> {
  const { ids } = await app.asSystem(actor, 'cli', 'world', (tx) => notifyUsers(tx, actor, { userIds: [userId], kind: 'appointment_reminder', params }))
  return ids[0] ?? ''
}
