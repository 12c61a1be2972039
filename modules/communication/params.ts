import { z } from 'zod'
import { isUuid } from '../kernel/ids.ts'
import { isLocalDate } from '../kernel/time.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')
const instant = z.string().refine((text) => !Number.isNaN(Date.parse(text)) && text.endsWith('Z'), 'must be an instant')
const day = z.string().refine(isLocalDate, 'must be a day')

/** What a message or a notification is about: ids, instants and days, never a name. What is missing leaves its place in the text empty. */
export const paramsSchema = z.strictObject({
  appointmentId: uuid.optional(),
  patientId: uuid.optional(),
  typeId: uuid.optional(),
  staffId: uuid.optional(),
  /** What somebody has asked for online. */
  requestId: uuid.optional(),
  /** Start of the visit. */
  startsAt: instant.optional(),
  /** Until when an offer holds. */
  expiresAt: instant.optional(),
  credentialId: uuid.optional(),
  rosterId: uuid.optional(),
  shiftId: uuid.optional(),
  swapId: uuid.optional(),
  timeOffId: uuid.optional(),
  /** Last day of a credential, as it was when the message was queued. */
  expiresOn: day.optional(),
  /** Monday of a roster. */
  weekStart: day.optional(),
})
export type MessageParams = z.infer<typeof paramsSchema>

/** What a notification is about may be any record; the client knows by its kind what to do with the ids. */
export const notificationParamsSchema = z.record(z.string().regex(/^[a-z][A-Za-z]{1,39}$/), z.union([uuid, instant, day]))
export type NotificationParams = z.infer<typeof notificationParamsSchema>
