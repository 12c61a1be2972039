/** Ways by which a message reaches somebody. Inside the product it is a notification; the others leave the installation. */
export const CHANNELS = ['in_app', 'mail', 'sms'] as const
export type Channel = (typeof CHANNELS)[number]

/** Channels whose messages have a text: what is told inside the product, the client writes itself. */
export const TEXT_CHANNELS = ['mail', 'sms'] as const
export type TextChannel = (typeof TEXT_CHANNELS)[number]

/** What a client may refuse, channel by channel. */
export const CLIENT_KINDS = ['reminder', 'booking', 'waitlist', 'request'] as const
export type ClientKind = (typeof CLIENT_KINDS)[number]

/** Of what a person who works here may want no mail. */
export const STAFF_KINDS = ['credential', 'roster', 'swap', 'time_off'] as const
export type StaffKind = (typeof STAFF_KINDS)[number]

const MESSAGE_KINDS = [...CLIENT_KINDS, ...STAFF_KINDS] as const
export type MessageKind = (typeof MESSAGE_KINDS)[number]

/** What happens to a visit that a rule speaks of. */
export const RULE_EVENTS = ['reminder', 'booked', 'moved', 'cancelled'] as const
export type RuleEvent = (typeof RULE_EVENTS)[number]

const MESSAGE_STATUSES = ['queued', 'sending', 'sent', 'delivered', 'failed', 'suppressed', 'cancelled'] as const
export type MessageStatus = (typeof MESSAGE_STATUSES)[number]

/** Messages to clients that the product itself sends, by the code of their template. */
export const CLIENT_CODES = [
  'appointment_reminder',
  'booking_confirmed',
  'booking_moved',
  'booking_cancelled',
  'waitlist_offer',
  'request_confirmed',
  'request_declined',
  'request_expired',
] as const
export type ClientCode = (typeof CLIENT_CODES)[number]

/** Those to people who work here. */
export const STAFF_CODES = [
  'credential_expiring',
  'roster_published',
  'roster_changed',
  'swap_asked',
  'swap_accepted',
  'swap_approved',
  'swap_refused',
  'time_off_approved',
  'time_off_refused',
] as const
export type StaffCode = (typeof STAFF_CODES)[number]

export const TEMPLATE_CODES = [...CLIENT_CODES, ...STAFF_CODES] as const
export type TemplateCode = (typeof TEMPLATE_CODES)[number]

const KINDS: Readonly<Record<TemplateCode, MessageKind>> = {
  appointment_reminder: 'reminder',
  booking_confirmed: 'booking',
  booking_moved: 'booking',
  booking_cancelled: 'booking',
  waitlist_offer: 'waitlist',
  request_confirmed: 'request',
  request_declined: 'request',
  request_expired: 'request',
  credential_expiring: 'credential',
  roster_published: 'roster',
  roster_changed: 'roster',
  swap_asked: 'swap',
  swap_accepted: 'swap',
  swap_approved: 'swap',
  swap_refused: 'swap',
  time_off_approved: 'time_off',
  time_off_refused: 'time_off',
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

export function isStaffCode(code: string): code is StaffCode {
  return STAFF_CODES.some((known) => known === code)
}

/**
 * Values with which texts are filled. `expires` is until when an offer holds; in texts to people who work here `date` is a day, the first one
 * or a Monday, `until` the last one and `staffName` the colleague.
 */
export const PLACEHOLDERS = [
  'clientName',
  'clinicName',
  'credentialType',
  'date',
  'expires',
  'patientName',
  'reason',
  'recipientName',
  'shifts',
  'staffName',
  'time',
  'typeName',
  'until',
] as const
export type Placeholder = (typeof PLACEHOLDERS)[number]

const OF_VISITS: readonly Placeholder[] = ['clientName', 'clinicName', 'date', 'patientName', 'staffName', 'time', 'typeName']
const OF_STAFF: Readonly<Record<StaffKind, readonly Placeholder[]>> = {
  credential: ['clinicName', 'credentialType', 'date', 'recipientName'],
  roster: ['clinicName', 'date', 'recipientName', 'shifts'],
  swap: ['clinicName', 'reason', 'recipientName', 'shifts', 'staffName'],
  time_off: ['clinicName', 'date', 'reason', 'recipientName', 'until'],
}

// They go to addresses that nobody has looked at: whoever typed one there may have typed anything for a name.
const NAMELESS: readonly string[] = ['request_declined', 'request_expired'] satisfies ClientCode[]
const TYPED: readonly Placeholder[] = ['clientName', 'patientName']

/** What the text of a code may name. An organisation's own codes are about visits. */
export function placeholdersOf(code: string): readonly Placeholder[] {
  const kind = isTemplateCode(code) ? STAFF_KINDS.find((known) => known === kindOf(code)) : undefined
  const known = kind === undefined ? OF_VISITS : OF_STAFF[kind]
  const isTold = (name: Placeholder) => !NAMELESS.includes(code) || !TYPED.includes(name)
  return PLACEHOLDERS.filter((name) => isTold(name) && (known.includes(name) || (name === 'expires' && code === 'waitlist_offer')))
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
