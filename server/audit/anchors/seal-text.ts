import { createInstance } from 'i18next'
import english from '../../../web/locales/en/mail.json' with { type: 'json' }
import spanish from '../../../web/locales/es-MX/mail.json' with { type: 'json' }
import type { MailLanguage } from '../../config-audit.ts'
import type { Published } from '../sequencer/publish.ts'

const TEXTS = { en: english, 'es-MX': spanish } as const satisfies Record<MailLanguage, unknown>

/** Subject and text of the daily mail: what this is, how to check it, the key and the checkpoint itself. */
export async function composeSeal(seal: { language: MailLanguage; vkey: string; published: Published; at: Date }): Promise<{ subject: string; text: string }> {
  const { language, vkey, published, at } = seal
  const i18n = createInstance()
  const t = await i18n.init({ lng: language, resources: { [language]: { mail: TEXTS[language] } }, defaultNS: 'mail', interpolation: { escapeValue: false } })
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(at)
  const instant = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(at)
  const paragraphs = [
    t('seal.what', { at: instant }),
    t('seal.why'),
    [
      t('seal.how'),
      t('seal.steps.export'),
      t('seal.steps.save'),
      t('seal.steps.run'),
      `   node chiron-verify.mjs . --key "${vkey}" --checkpoint checkpoint.txt`,
    ].join('\n'),
    t('seal.verifier'),
    t('seal.silence'),
    `${t('seal.key')}\n${vkey}`,
    `${t('seal.checkpoint')}\n\n${published.note}`,
  ]
  return { subject: t('seal.subject', { day, size: published.size.toString() }), text: paragraphs.join('\n\n') }
}
