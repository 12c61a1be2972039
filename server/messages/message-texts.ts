import { createInstance, type TFunction } from 'i18next'
import type { Locale } from '../../modules/kernel/actor.ts'
import english from '../../web/locales/en/mail.json' with { type: 'json' }
import spanish from '../../web/locales/es-MX/mail.json' with { type: 'json' }

const TEXTS = { en: english, 'es-MX': spanish } as const satisfies Record<Locale, unknown>

/** The texts around messages, in a language. Values are escaped where they become HTML, not here. */
export function textsIn(locale: Locale): Promise<TFunction<'mail'>> {
  return createInstance().init({ lng: locale, resources: { [locale]: { mail: TEXTS[locale] } }, defaultNS: 'mail', interpolation: { escapeValue: false } })
}
