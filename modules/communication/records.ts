import type { ClientPreference, Message, MessageRule, MessageSettings, MessageTemplate, Notification } from '../../prisma/client/client.ts'
import { defineRecords } from '../kernel/records.ts'

export const messages = defineRecords<Message>(
  {
    id: 'plain',
    organisationId: 'plain',
    clinicId: 'plain',
    recipientId: 'plain',
    clientId: 'plain',
    userId: 'plain',
    bookingRequestId: 'plain',
    channel: 'plain',
    kind: 'plain',
    templateCode: 'plain',
    locale: 'plain',
    params: 'plain',
    appointmentId: 'plain',
    ruleId: 'plain',
    notBefore: 'instant',
    notAfter: 'instant',
    status: 'plain',
    attempts: 'plain',
    claimedAt: 'instant',
    sentAt: 'instant',
    providerId: 'plain',
    errorCode: 'plain',
    dedupeKey: 'plain',
    createdAt: 'instant',
    updatedAt: 'instant',
  },
  {
    type: 'Message',
    key: 'id',
    fields: [
      'appointmentId',
      'attempts',
      'bookingRequestId',
      'channel',
      'clientId',
      'errorCode',
      'kind',
      'locale',
      'notAfter',
      'notBefore',
      'params',
      'providerId',
      'ruleId',
      'sentAt',
      'status',
      'templateCode',
      'userId',
    ],
  },
)

export const messageRules = defineRecords<MessageRule>(
  {
    id: 'plain',
    organisationId: 'plain',
    clinicId: 'plain',
    event: 'plain',
    appointmentTypeId: 'plain',
    channel: 'plain',
    leadMinutes: 'plain',
    locale: 'plain',
    templateCode: 'plain',
    isActive: 'plain',
    activeSince: 'instant',
    version: 'plain',
    createdAt: 'instant',
    updatedAt: 'instant',
  },
  { type: 'MessageRule', key: 'id', fields: ['activeSince', 'appointmentTypeId', 'channel', 'event', 'isActive', 'leadMinutes', 'locale', 'templateCode'] },
)

export const messageTemplates = defineRecords<MessageTemplate>(
  {
    id: 'plain',
    organisationId: 'plain',
    code: 'plain',
    channel: 'plain',
    locale: 'plain',
    subject: 'plain',
    body: 'plain',
    version: 'plain',
    createdAt: 'instant',
    updatedAt: 'instant',
  },
  { type: 'MessageTemplate', key: 'id', fields: ['body', 'channel', 'code', 'locale', 'subject'] },
)

export const notifications = defineRecords<Notification>(
  {
    id: 'plain',
    organisationId: 'plain',
    clinicId: 'plain',
    userId: 'plain',
    kind: 'plain',
    params: 'plain',
    messageId: 'plain',
    readAt: 'instant',
    createdAt: 'instant',
  },
  { type: 'Notification', key: 'id', fields: ['kind', 'messageId', 'params', 'readAt', 'userId'] },
)

export const clientPreferences = defineRecords<ClientPreference>(
  {
    clientId: 'plain',
    organisationId: 'plain',
    refusals: 'plain',
    quietFromMinute: 'plain',
    quietUntilMinute: 'plain',
    version: 'plain',
    createdAt: 'instant',
    updatedAt: 'instant',
  },
  { type: 'ClientPreference', key: 'clientId', fields: ['quietFromMinute', 'quietUntilMinute', 'refusals'] },
)

export const messageSettings = defineRecords<MessageSettings>(
  {
    clinicId: 'plain',
    organisationId: 'plain',
    quietFromMinute: 'plain',
    quietUntilMinute: 'plain',
    version: 'plain',
    createdAt: 'instant',
    updatedAt: 'instant',
  },
  { type: 'MessageSettings', key: 'clinicId', fields: ['quietFromMinute', 'quietUntilMinute'] },
)
