import { assertSender, parseSmtpUrl, type SmtpServer } from './config-audit.ts'
import { StartupError } from './startup-error.ts'

/** How messages to clients leave. Null: messages of this channel are suppressed, and their log says why. */
export type MessagingConfig = Readonly<{ mail: MailSettings | null; sms: SmsSettings | null }>

export type MailSettings = Readonly<{
  /** Bare address; each mail is sent under the name of its clinic. */
  from: string
  server: SmtpServer
}>

export type SmsSettings = Readonly<{
  accountSid: string
  authToken: string
  /** A number of the account, or the id of one of its messaging services. */
  from: string
  /** Where the provider is, when it is not where its own package says. */
  apiUrl: string | null
}>

type Environment = Readonly<
  Partial<Record<'SMTP_URL' | 'MAIL_FROM' | 'TWILIO_ACCOUNT_SID' | 'TWILIO_AUTH_TOKEN' | 'TWILIO_FROM' | 'TWILIO_API_URL', string | undefined>>
>

/**
 * Mail by SMTP_URL and MAIL_FROM, text messages by TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM. Throws StartupError, without
 * repeating a secret, for half a configuration and for values of another shape.
 */
export function parseMessaging(env: Environment): MessagingConfig {
  return { mail: parseMail(env), sms: parseSms(env) }
}

function parseMail({ SMTP_URL: url, MAIL_FROM: from }: Environment): MailSettings | null {
  if (url === undefined && from === undefined) return null
  if (url === undefined || from === undefined) throw new StartupError('SMTP_URL and MAIL_FROM belong together: set both or neither.')
  return { from: assertSender(from), server: parseSmtpUrl(url) }
}

function parseSms({
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: authToken,
  TWILIO_FROM: from,
  TWILIO_API_URL: apiUrl,
}: Environment): SmsSettings | null {
  if (accountSid === undefined && authToken === undefined && from === undefined) {
    if (apiUrl !== undefined) throw new StartupError('TWILIO_API_URL is set, but no account: set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM.')
    return null
  }
  if (accountSid === undefined || authToken === undefined || from === undefined)
    throw new StartupError('TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM belong together: set all or none.')
  if (!/^AC[0-9a-fA-F]{32}$/.test(accountSid)) throw new StartupError('TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits.')
  if (!/^(\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32})$/.test(from))
    throw new StartupError('TWILIO_FROM must be a number such as +525512345678, or MG and 32 hexadecimal digits.')
  return { accountSid, authToken, from, apiUrl: apiUrl ?? null }
}
