import type { Outgoing } from '../../modules/communication/delivery.ts'
import { escapeHtml, toHtml } from '../../modules/communication/rendering.ts'
import type { Mail } from './message-ports.ts'
import { textsIn } from './message-texts.ts'

/** A mail around a filled text: as text and as HTML, with the way out at its end. */
export async function composeMail(message: Outgoing, { clinicName, unsubscribeUrl }: { clinicName: string; unsubscribeUrl: string | null }): Promise<Mail> {
  const t = await textsIn(message.locale)
  const why = t('unsubscribe.why', { clinic: clinicName })
  const footer = unsubscribeUrl === null ? '' : `\n\n-- \n${why}\n${t('unsubscribe.link')}: ${unsubscribeUrl}`
  const link =
    unsubscribeUrl === null
      ? ''
      : `<hr><p><small>${escapeHtml(why)} <a href="${escapeHtml(unsubscribeUrl)}">${escapeHtml(t('unsubscribe.link'))}</a></small></p>`
  return {
    id: message.id,
    to: message.to,
    fromName: clinicName,
    subject: message.subject ?? clinicName,
    text: `${message.text}${footer}\n`,
    html: `<!doctype html>\n<html lang="${message.locale}"><head><meta charset="utf-8"></head><body>\n${toHtml(message.text)}\n${link}</body></html>\n`,
    unsubscribeUrl,
  }
}
