import i18n from 'i18next'
import { initReactI18next } from 'react-i18next'

import type { resources } from './locales/es-MX/index.ts'

export const LANGUAGES = ['es-MX', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

const KEY = 'chiron:language'
const loaders = {
  'es-MX': () => import('./locales/es-MX/index.ts'),
  en: () => import('./locales/en/index.ts'),
} as const satisfies Record<Language, unknown>

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common'
    resources: typeof resources
  }
}

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value)
}

/** Language before anybody has signed in: the one used here last, else the browser's, else Spanish. */
export function firstLanguage(): Language {
  const stored = readStored()
  if (isLanguage(stored)) return stored
  return navigator.language.startsWith('en') ? 'en' : 'es-MX'
}

export async function startLanguage(): Promise<void> {
  const language = firstLanguage()
  const { resources } = await loaders[language]()
  await i18n.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    defaultNS: 'common',
    resources: { [language]: resources },
    interpolation: { escapeValue: false },
    returnNull: false,
  })
  document.documentElement.lang = language
}

/** Loads the texts of a language and shows them everywhere. */
export async function chooseLanguage(language: Language): Promise<void> {
  const { resources } = await loaders[language]()
  for (const [namespace, texts] of Object.entries(resources)) i18n.addResourceBundle(language, namespace, texts, true, true)
  await i18n.changeLanguage(language)
  document.documentElement.lang = language
  try {
    window.localStorage.setItem(KEY, language)
  } catch {
    // Storage is switched off: the account's language applies after signing in.
  }
}

function readStored(): string | null {
  try {
    return window.localStorage.getItem(KEY)
  } catch {
    return null
  }
}
