import { z } from 'zod'
import { isUuid } from '../kernel/ids.ts'

const uuid = z.string().refine(isUuid, 'must be a UUID')
const instant = z.string().refine((text) => !Number.isNaN(Date.parse(text)) && text.endsWith('Z'), 'must be an instant')

/** What a message or a notification is about: ids and instants, never a name. What is missing leaves its place in the text empty. */
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
})
export type MessageParams = z.infer<typeof paramsSchema>

/** What a notification is about may be any record; the client knows by its kind what to do with the ids. */
export const notificationParamsSchema = z.record(z.string().regex(/^[a-z][A-Za-z]{1,39}$/), z.union([uuid, instant]))
export type NotificationParams = z.infer<typeof notificationParamsSchema>
