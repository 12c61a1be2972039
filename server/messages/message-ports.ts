import type { Outcome } from '../../modules/communication/delivery.ts'

/** A mail as it leaves. */
export type Mail = {
  /** Of the message: a second try is the same mail to whoever has the first. */
  readonly id: string
  readonly to: string
  /** The clinic's name, under which people know the sender. */
  readonly fromName: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Null for people who work here. */
  readonly unsubscribeUrl: string | null
}

export type Sms = { readonly id: string; readonly to: string; readonly text: string }

/** Hands mail to a server. Answers how that ended; a failure is an answer as well. */
export type MailPort = { readonly send: (mail: Mail) => Promise<Outcome> }
/** Hands text messages to a provider. */
export type SmsPort = { readonly send: (sms: Sms) => Promise<Outcome> }

/** The ways out of an installation; null where none is configured. */
export type MessagePorts = { readonly mail: MailPort | null; readonly sms: SmsPort | null }
