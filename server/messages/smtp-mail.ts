import type { Outcome } from '../../modules/communication/delivery.ts'
import type { MailSettings } from '../config-messages.ts'
import { openTransport } from '../smtp-transport.ts'
import { errorCode } from '../startup-error.ts'
import type { Mail, MailPort } from './message-ports.ts'

/** Mail through an SMTP server, one connection for each. */
export class SmtpMail implements MailPort {
  readonly #settings: MailSettings

  constructor(settings: MailSettings) {
    this.#settings = settings
  }

  async send(mail: Mail): Promise<Outcome> {
    const { from, server } = this.#settings
    const transport = openTransport(server)
    const messageId = `<${mail.id}@${from.slice(from.indexOf('@') + 1)}>`
    try {
      await transport.sendMail({
        from: { name: mail.fromName, address: from },
        to: { name: '', address: mail.to },
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        messageId,
        headers: {
          // No holiday replies, please.
          'Auto-Submitted': 'auto-generated',
          ...(mail.unsubscribeUrl === null
            ? {}
            : // RFC 8058: mail programs show a button of their own, which posts.
              { 'List-Unsubscribe': `<${mail.unsubscribeUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
        },
      })
      return { kind: 'sent', providerId: messageId }
    } catch (error) {
      return outcomeOf(error)
    } finally {
      transport.close()
    }
  }
}

const AWAY: Readonly<Record<string, string>> = { EAUTH: 'MAIL_AUTH', ETLS: 'MAIL_TLS' }

/** By codes alone: what mail servers say contains addresses. A refusal of 5xx is final; whatever may pass is tried again. */
function outcomeOf(error: unknown): Outcome {
  const code = errorCode(error) ?? ''
  const reply = typeof error === 'object' && error !== null && 'responseCode' in error ? Number(error.responseCode) : Number.NaN
  const away = AWAY[code]
  // A server that does not know us may know us tomorrow: its settings are ours to mend.
  if (away !== undefined) return { kind: 'temporary', code: away }
  if (reply >= 500 && reply < 600) return { kind: 'permanent', code: `MAIL_REFUSED_${reply}` }
  if (reply >= 400 && reply < 500) return { kind: 'temporary', code: `MAIL_DEFERRED_${reply}` }
  // An address that no server was asked about, because it is none.
  if (code === 'EENVELOPE') return { kind: 'permanent', code: 'BAD_ADDRESS' }
  return { kind: 'temporary', code: 'MAIL_UNREACHABLE' }
}
