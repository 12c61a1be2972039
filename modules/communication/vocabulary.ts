/** Ways by which a message reaches somebody. Inside the product it is a notification; the others leave the installation. */
export const CHANNELS = ['in_app', 'mail', 'sms'] as const
export type Channel = (typeof CHANNELS)[number]

/** Channels whose messages have a text: what is told inside the product, the client writes itself. */
export const TEXT_CHANNELS = ['mail', 'sms'] as const
export type TextChannel = (typeof TEXT_CHANNELS)[number]

/** What a recipient may refuse, channel by channel. */
export const MESSAGE_KINDS = ['reminder', 'booking', 'waitlist', 'request'] as const
export type MessageKind = (typeof MESSAGE_KINDS)[number]

/** What happens to a visit that a rule speaks of. */
export const RULE_EVENTS = ['reminder', 'booked', 'moved', 'cancelled'] as const
export type RuleEvent = (typeof RULE_EVENTS)[number]

const MESSAGE_STATUSES = ['queued', 'sending', 'sent', 'delivered', 'failed', 'suppressed', 'cancelled'] as const
export type MessageStatus = (typeof MESSAGE_STATUSES)[number]

/** Messages that the product itself sends, by the code of their template. */
export const TEMPLATE_CODES = [
  'appointment_reminder',
  'booking_confirmed',
  'booking_moved',
  'booking_cancelled',
  'waitlist_offer',
  'request_received',
  'request_confirmed',
  'request_declined',
  'request_expired',
] as const
export type TemplateCode = (typeof TEMPLATE_CODES)[number]

const KINDS: Readonly<Record<TemplateCode, MessageKind>> = {
  appointment_reminder: 'reminder',
  booking_confirmed: 'booking',
  booking_moved: 'booking',
  booking_cancelled: 'booking',
  waitlist_offer: 'waitlist',
  request_received: 'request',
  request_confirmed: 'request',
  request_declined: 'request',
  request_expired: 'request',
}

const CODES: Readonly<Record<RuleEvent, TemplateCode>> = {
  reminder: 'appointment_reminder',
  booked: 'booking_confirmed',
  moved: 'booking_moved',
  cancelled: 'booking_cancelled',
}

/** The template of an event, unless its rule names another. */
export function codeOf(event: RuleEvent): TemplateCode {
  return CODES[event]
}

export function kindOf(code: TemplateCode): MessageKind {
  return KINDS[code]
}

export function isTemplateCode(code: string): code is TemplateCode {
  return TEMPLATE_CODES.some((known) => known === code)
}

/** Values with which texts are filled. `expires` is until when an offer holds. */
export const PLACEHOLDERS = ['clientName', 'clinicName', 'date', 'expires', 'patientName', 'staffName', 'time', 'typeName'] as const
export type Placeholder = (typeof PLACEHOLDERS)[number]

/** What the text of a code may name. An organisation's own codes are about visits. */
export function placeholdersOf(code: string): readonly Placeholder[] {
  return PLACEHOLDERS.filter((name) => name !== 'expires' || code === 'waitlist_offer')
}

function reader<const Name extends string>(names: readonly Name[], what: string): (text: string) => Name {
  return (text) => {
    const found = names.find((name) => name === text)
    if (found === undefined) throw new RangeError(`not a ${what}: ${text}`)
    return found
  }
}

// They read what the database holds, whose CHECKs know the same words.
export const toChannel = reader(CHANNELS, 'channel')
export const toTextChannel = reader(TEXT_CHANNELS, 'channel with texts')
export const toMessageKind = reader(MESSAGE_KINDS, 'kind of message')
export const toRuleEvent = reader(RULE_EVENTS, 'event of a rule')
export const toMessageStatus = reader(MESSAGE_STATUSES, 'status of a message')
