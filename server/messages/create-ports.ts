import type { MessagingConfig } from '../config-messages.ts'
import type { MessagePorts } from './message-ports.ts'
import { SmtpMail } from './smtp-mail.ts'
import { TwilioSms } from './twilio-sms.ts'

/** The ways out that are configured. */
export function createMessagePorts({ mail, sms }: MessagingConfig): MessagePorts {
  return { mail: mail === null ? null : new SmtpMail(mail), sms: sms === null ? null : new TwilioSms(sms) }
}
