import { type AccessTable, can, creates, deletes, reads, signedIn, updates } from '../kernel/access-rules.ts'

export const access = {
  'Query.messages': { allow: can('message:read'), audit: reads('Message') },
  'Query.messageRules': { allow: can('message:read'), audit: reads('MessageRule', 'operational') },
  'Query.messageTemplates': { allow: can('message:read'), audit: reads('MessageTemplate', 'operational') },
  'Query.messagePreview': { allow: can('message:manage'), audit: reads('MessageTemplate', 'operational') },
  'Query.messageSettings': { allow: can('message:read'), audit: reads('MessageSettings', 'operational') },
  // Everybody reads what they themselves were told, and nobody else's.
  'Query.notifications': { allow: signedIn, audit: reads('Notification') },
  'Query.unreadNotificationCount': { allow: signedIn, audit: reads('Notification', 'operational') },
  'Mutation.createMessageRule': { allow: can('message:manage'), audit: creates('MessageRule', 'operational') },
  'Mutation.updateMessageRule': { allow: can('message:manage'), audit: updates('MessageRule', 'operational') },
  'Mutation.saveMessageTemplate': { allow: can('message:manage'), audit: updates('MessageTemplate', 'operational') },
  'Mutation.resetMessageTemplate': { allow: can('message:manage'), audit: deletes('MessageTemplate', 'operational') },
  'Mutation.setMessageSettings': { allow: can('message:manage'), audit: updates('MessageSettings', 'operational') },
  'Mutation.setClientPreference': { allow: can('client:update'), audit: updates('ClientPreference') },
  'Mutation.resendMessage': { allow: can('message:manage'), audit: creates('Message') },
  'Mutation.markNotificationsRead': { allow: signedIn, audit: updates('Notification') },
  'Message.*': { allow: can('message:read'), audit: reads('Message') },
  'MessageRule.*': { allow: can('message:read'), audit: reads('MessageRule', 'operational') },
  'MessageTemplate.*': { allow: can('message:read'), audit: reads('MessageTemplate', 'operational') },
  'MessagePreview.*': { allow: can('message:manage'), audit: reads('MessageTemplate', 'operational') },
  'MessageSettings.*': { allow: can('message:read'), audit: reads('MessageSettings', 'operational') },
  'MessageParam.*': { allow: signedIn, audit: reads('Notification') },
  'Notification.*': { allow: signedIn, audit: reads('Notification') },
  // Who was told of a visit may have lost the right to visits since.
  'Notification.appointment': { allow: can('appointment:read'), audit: reads('Notification') },
  'NotificationsRead.*': { allow: signedIn, audit: reads('Notification') },
  'ClientPreference.*': { allow: can('client:read'), audit: reads('ClientPreference') },
  'MessageRefusal.*': { allow: can('client:read'), audit: reads('ClientPreference') },
  'Client.preference': { allow: can('client:read'), audit: reads('ClientPreference') },
} as const satisfies AccessTable
